import { arnGlob, type Glob, type GlobPart, resourceGlob, textGlob } from './glob.ts';
import { matchesGlob } from './glob-match.ts';
import type { Located } from './policy-document.ts';
import { readTemplate, resolveTemplate, type Template } from './policy-variable.ts';
import type { RequestContext } from './request-context.ts';

/** A pattern of a policy. Without variables it is ready; with them it is finished per request. */
export type Pattern =
  | { readonly kind: 'ready'; readonly glob: Glob }
  | { readonly kind: 'template'; readonly template: Template; readonly of: PatternKind };

export type PatternKind = 'text' | 'resource' | 'arn';

const globOf: Readonly<Record<PatternKind, (parts: readonly GlobPart[]) => Glob>> = {
  text: textGlob,
  resource: resourceGlob,
  arn: arnGlob,
};

export function readPattern(
  value: Located,
  options: { readonly kind: PatternKind; readonly hasVariables: boolean },
): Pattern {
  const template = readTemplate(value, options.hasVariables);
  const parts = resolveTemplate(template, undefined);
  if (parts === undefined) return { kind: 'template', template, of: options.kind };
  return { kind: 'ready', glob: globOf[options.kind](parts) };
}

/** A pattern with a variable that has no value matches nothing. */
export function patternMatches(pattern: Pattern, text: string, context: RequestContext): boolean {
  if (pattern.kind === 'ready') return matchesGlob(pattern.glob, text);
  const parts = resolveTemplate(pattern.template, context);
  return parts !== undefined && matchesGlob(globOf[pattern.of](parts), text);
}
