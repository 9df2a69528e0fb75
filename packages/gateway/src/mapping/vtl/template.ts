import { openBudget } from './budget.ts';
import { renderBody } from './evaluator.ts';
import { templateCharactersMax } from './limits.ts';
import { parseWhole } from './parser.ts';
import type { Rendering } from './rendering.ts';
import { openSource } from './source.ts';
import { TemplateError } from './template-error.ts';
import { TextWriter } from './text.ts';

/** A compiled mapping template: parse once, render for every message. */
export interface Template {
  /**
   * The text the template makes. Throws `TemplateError` when a method refuses its arguments or
   * when a limit is passed; a reference that leads nowhere is no error.
   */
  render(variables: Variables, options?: RenderOptions): string;
}

/**
 * The variables a template starts with, by name without the `$`; see `variables.ts` for those of
 * API Gateway and `values.ts` for what a value may be. Renderings do not see each other's changes
 * to variables, but they share the lists and maps inside.
 */
export type Variables = Readonly<Record<string, unknown>>;

export interface RenderOptions {
  /** Nodes evaluated and values handled; about five million run in a second. Default 500,000. */
  readonly stepsMax?: number;
  /** Default 1,048,576. */
  readonly outputCharactersMax?: number;
  /**
   * What a reference prints that leads nowhere: `nothing`, as in API Gateway, or its own text, as
   * in Velocity. Default `nothing`.
   */
  readonly unresolved?: 'nothing' | 'literal';
}

const defaultStepsMax = 500_000;
const defaultOutputCharactersMax = 1024 * 1024;

/**
 * Compiles a template of the Velocity Template Language 1.7. Throws `TemplateError` with line and
 * column of what cannot stand where it does. `#parse`, `#include`, `#evaluate` and macros with a
 * block are not available.
 */
export function compileTemplate(text: string): Template {
  if (text.length > templateCharactersMax) {
    throw new TemplateError(`Template is longer than ${templateCharactersMax} characters`);
  }
  const source = openSource(text);
  const body = parseWhole(source);
  const { macros } = source;
  return {
    render(variables, options = {}) {
      const budget = openBudget(options.stepsMax ?? defaultStepsMax);
      const writer = new TextWriter(
        budget,
        options.outputCharactersMax ?? defaultOutputCharactersMax,
      );
      const rendering: Rendering = {
        variables: new Map(Object.entries(variables)),
        macros,
        budget,
        literalsForNothing: options.unresolved === 'literal',
        writer,
        frame: undefined,
        loop: undefined,
        macroDepth: 0,
        depth: 0,
      };
      renderBody(rendering, body);
      return writer.toString();
    },
  };
}
