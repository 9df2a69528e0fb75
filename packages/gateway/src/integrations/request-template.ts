/**
 * What a custom integration sends: the selected template's text, or the message itself where the
 * pass-through behaviour allows it (developer guide, "Integration passthrough behaviors").
 */
import type { EventScope } from '../mapping/scope.ts';
import type { SelectionScope } from '../mapping/selection-expression.ts';
import type { Template } from '../mapping/vtl/template.ts';
import { templateVariables } from '../mapping/vtl/variables.ts';
import type { RequestMapping, TemplateChoice } from '../resources/request-mapping.ts';
import { errorMessages } from '../wire/error-frame.ts';
import { decodeBase64 } from './base64.ts';
import { configurationError, type IntegrationFailure } from './integration.ts';

/** The rendered body, or the failure that ends the event. */
export function renderRequest(
  mapping: RequestMapping,
  scope: EventScope,
): Buffer | IntegrationFailure {
  const template = selectTemplate(mapping.templates, scope);
  if (template) return render(template, scope, scope.body.text);
  const some = mapping.templates.templates.size > 0;
  const { passthrough } = mapping;
  if (passthrough === 'NEVER' || (passthrough === 'WHEN_NO_TEMPLATES' && some)) {
    return {
      kind: 'failure',
      status: 415,
      message: errorMessages.unsupportedMediaType,
      reason: `no request template is selected, and passthroughBehavior is ${passthrough}`,
      rule: 'template-not-selected',
    };
  }
  if (!mapping.toBinary) return scope.body.bytes;
  return (
    decodeBase64(scope.body.text) ??
    configurationError('contentHandlingStrategy is CONVERT_TO_BINARY and the message is no base64')
  );
}

/**
 * The template of the selected key, or that of `$default`. Without a selection expression: `$default`,
 * then `application/json`, under which tools store templates, then the only one there is.
 */
export function selectTemplate(
  { templates, selection }: TemplateChoice,
  scope: SelectionScope,
): Template | undefined {
  if (templates.size === 0) return undefined;
  if (selection) return templates.get(selection.evaluate(scope)) ?? templates.get('$default');
  const [only] = templates.size === 1 ? templates.values() : [];
  return templates.get('$default') ?? templates.get('application/json') ?? only;
}

/** A template that fails, loops or grows without end is a configuration error, as on AWS. */
export function render(
  template: Template,
  scope: EventScope,
  payload: string,
): Buffer | IntegrationFailure {
  try {
    return Buffer.from(template.render(templateVariables(scope, payload)));
  } catch (error) {
    return configurationError(`template: ${(error as Error).message}`);
  }
}
