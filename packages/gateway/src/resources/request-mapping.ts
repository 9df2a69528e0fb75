import {
  compileSelectionExpression,
  type SelectionExpression,
} from '../mapping/selection-expression.ts';
import { compileTemplate, type Template } from '../mapping/vtl/template.ts';
import type { Integration } from './integration.ts';

/** How a custom integration makes its backend's request from an event. */
export interface RequestMapping {
  readonly templates: TemplateChoice;
  readonly passthrough: Integration['passthroughBehavior'];
  /** The message's text is base64 of what the backend is to receive. */
  readonly toBinary: boolean;
}

/** Templates by selection value. */
export interface TemplateChoice {
  readonly templates: ReadonlyMap<string, Template>;
  readonly selection: SelectionExpression | undefined;
}

export function compileRequestMapping(integration: Integration): RequestMapping {
  return Object.freeze({
    templates: compileTemplates(
      integration.requestTemplates,
      integration.templateSelectionExpression,
    ),
    passthrough: integration.passthroughBehavior,
    toBinary: integration.contentHandlingStrategy === 'CONVERT_TO_BINARY',
  });
}

/**
 * Throws `SelectionExpressionError`. A template that is none fails whoever selects it, as on AWS, and
 * nobody else.
 */
export function compileTemplates(
  texts: Readonly<Record<string, string>> = {},
  selection: string | undefined,
): TemplateChoice {
  const entries = Object.entries(texts);
  return Object.freeze({
    templates: new Map(entries.map(([key, text]) => [key, compileOrFail(text)])),
    selection: selection ? compileSelectionExpression(selection) : undefined,
  });
}

function compileOrFail(text: string): Template {
  try {
    return compileTemplate(text);
  } catch (error) {
    return {
      render() {
        throw error;
      },
    };
  }
}
