import type { GlobPart } from './glob.ts';
import type { Located } from './policy-document.ts';
import { PolicyError } from './policy-error.ts';
import { contextValues, type RequestContext } from './request-context.ts';

/**
 * Policy variables: `${aws:username}` is replaced by the request's value, `${key, 'other'}` has a
 * default, and `${*}`, `${?}`, `${$}` are those characters themselves ("IAM policy elements:
 * Variables and tags" in the IAM user guide). One round of replacement; values are never patterns.
 */
export type Template = readonly TemplatePart[];

type TemplatePart = { readonly kind: 'part'; readonly part: GlobPart } | Variable;

interface Variable {
  readonly kind: 'variable';
  readonly lowerKey: string;
  readonly fallback: string | undefined;
}

/** `hasVariables` is false for the older policy language, where `${…}` is plain text. */
export function readTemplate({ text, path }: Located, hasVariables: boolean): Template {
  const template: TemplatePart[] = [];
  let position = 0;
  while (position < text.length) {
    const start = hasVariables ? text.indexOf('${', position) : -1;
    const end = start < 0 ? text.length : start;
    if (end > position) template.push(literal(text.slice(position, end), true));
    if (start < 0) break;
    const variable = readVariable(text, start + 2);
    if (variable === undefined) {
      throw new PolicyError(path, 'expected a policy variable and "}" after "${"');
    }
    template.push(variable.part);
    position = variable.end;
  }
  return template;
}

/** Undefined when a variable has no value; so is every variable without a context. */
export function resolveTemplate(
  template: Template,
  context: RequestContext | undefined,
): readonly GlobPart[] | undefined {
  const parts: GlobPart[] = [];
  for (const item of template) {
    if (item.kind === 'part') {
      parts.push(item.part);
    } else {
      const value = context === undefined ? undefined : variableValue(item, context);
      if (value === undefined) return undefined;
      parts.push({ text: value, hasWildcards: false });
    }
  }
  return parts;
}

/** Only keys with a single value can be variables. */
function variableValue(variable: Variable, context: RequestContext): string | undefined {
  const values = contextValues(context, variable.lowerKey);
  return values?.length === 1 ? values[0] : variable.fallback;
}

interface ReadVariable {
  readonly part: TemplatePart;
  /** The position behind the closing brace. */
  readonly end: number;
}

/** `start` is the position behind the opening brace. Undefined when this is no variable. */
function readVariable(text: string, start: number): ReadVariable | undefined {
  const brace = text.indexOf('}', start);
  if (brace < 0) return undefined;
  const comma = text.indexOf(',', start);
  if (comma < 0 || comma > brace) {
    const part = variablePart(text.slice(start, brace).trim(), undefined);
    return part && { part, end: brace + 1 };
  }
  const open = text.indexOf("'", comma);
  const close = open < 0 ? -1 : text.indexOf("'", open + 1);
  const end = close < 0 ? -1 : text.indexOf('}', close);
  if (end < 0 || text.slice(comma + 1, open).trim() !== '') return undefined;
  if (text.slice(close + 1, end).trim() !== '') return undefined;
  const part = variablePart(text.slice(start, comma).trim(), text.slice(open + 1, close));
  return part && { part, end: end + 1 };
}

function variablePart(name: string, fallback: string | undefined): TemplatePart | undefined {
  if (name === '*' || name === '?' || name === '$') return literal(name, false);
  if (name === '' || name.includes('{') || name.includes("'")) return undefined;
  return { kind: 'variable', lowerKey: name.toLowerCase(), fallback };
}

function literal(text: string, hasWildcards: boolean): TemplatePart {
  return { kind: 'part', part: { text, hasWildcards } };
}
