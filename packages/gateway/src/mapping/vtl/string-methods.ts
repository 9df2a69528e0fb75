import type { Steps } from '../pattern/matcher.ts';
import { keptPattern } from '../pattern/pattern.ts';
import { PatternError } from '../pattern/pattern-error.ts';
import { replaceAll, replaceFirst } from '../pattern/replace.ts';
import { split } from '../pattern/split.ts';
import { type Budget, spendOnElements, spendOnText } from './budget.ts';
import { javaFormat } from './format.ts';
import { stringCharactersMax } from './limits.ts';
import { type MethodTable, method, throwJava } from './method-table.ts';
import { TemplateError } from './template-error.ts';
import { TextWriter, textOf, writeText } from './text.ts';

/** The methods of `java.lang.String` that templates use. */
export const stringMethods: MethodTable<string> = {
  length: [method([], (text) => text.length)],
  isEmpty: [method([], (text) => text === '')],
  toString: [method([], (text) => text)],
  intern: [method([], (text) => text)],
  hashCode: [method([], hashCode)],
  trim: [method([], trim)],
  toLowerCase: [method([], (text) => text.toLowerCase())],
  toUpperCase: [method([], (text) => text.toUpperCase())],
  toCharArray: [method([], (text, _, budget) => characters(text, budget))],
  charAt: [method(['int'], (text, [at]) => text[inside(text, at)])],
  codePointAt: [method(['int'], (text, [at]) => text.codePointAt(inside(text, at)))],
  equals: [method(['any'], (text, [other]) => text === other)],
  contentEquals: [method(['string'], (text, [other]) => text === other)],
  equalsIgnoreCase: [method(['string?'], (text, [other]) => fold(text) === fold(other ?? '\0'))],
  compareTo: [
    method(['any'], (text, [other]) =>
      typeof other === 'string' ? compare(text, other) : throwJava('Strings compare with strings'),
    ),
  ],
  compareToIgnoreCase: [method(['string'], (text, [other]) => compare(fold(text), fold(other)))],
  contains: [method(['string'], (text, [other]) => text.includes(other))],
  startsWith: [
    method(['string'], (text, [other]) => text.startsWith(other)),
    method(['string', 'int'], (text, [other, from]) => from >= 0 && text.startsWith(other, from)),
  ],
  endsWith: [method(['string'], (text, [other]) => text.endsWith(other))],
  indexOf: [
    method(['string'], (text, [other]) => text.indexOf(other)),
    method(['string', 'int'], (text, [other, from]) => text.indexOf(other, from)),
    method(['int'], (text, [code]) => text.indexOf(String.fromCodePoint(codePoint(code)))),
  ],
  lastIndexOf: [
    method(['string'], (text, [other]) => text.lastIndexOf(other)),
    method(['string', 'int'], (text, [other, from]) =>
      from < 0 ? -1 : text.lastIndexOf(other, from),
    ),
  ],
  substring: [
    method(['int'], (text, [from]) => substring(text, from, text.length)),
    method(['int', 'int'], (text, [from, to]) => substring(text, from, to)),
  ],
  subSequence: [method(['int', 'int'], (text, [from, to]) => substring(text, from, to))],
  concat: [method(['string'], (text, [other]) => text + other)],
  replace: [method(['string', 'string'], (text, [from, to]) => replace(text, from, to))],
  replaceAll: [
    method(['string', 'string?'], (text, [pattern, replacement], budget) =>
      replaceMatches(text, pattern, replacement, budget, replaceAll),
    ),
  ],
  replaceFirst: [
    method(['string', 'string?'], (text, [pattern, replacement], budget) =>
      replaceMatches(text, pattern, replacement, budget, replaceFirst),
    ),
  ],
  matches: [
    method(['string'], (text, [pattern], budget) =>
      withPattern(budget, (steps) => keptPattern(pattern).matches(text, steps)),
    ),
  ],
  split: [
    method(['string'], (text, [pattern], budget) => splitText(text, pattern, 0, budget)),
    method(['string', 'int'], (text, [pattern, limit], budget) =>
      splitText(text, pattern, limit, budget),
    ),
  ],
  valueOf: [method(['any'], (_, [value], budget) => textOf(value, budget))],
  join: [method(['string', 'collection'], (_, [glue, list], budget) => join(glue, list, budget))],
  format: [0, 1, 2, 3, 4, 5, 6, 7, 8].map((count) =>
    method(['string', ...Array<'any'>(count).fill('any')], (_, [pattern, ...values], budget) =>
      javaFormat(pattern as string, values, budget),
    ),
  ),
};

/** How many steps of a regular expression cost one step of the template. */
const patternStepsPerStep = 4;

/** Runs a regular expression within what is left of the budget and charges what it took. */
function withPattern<T>(budget: Budget, use: (steps: Steps) => T): T {
  const available = budget.stepsLeft * patternStepsPerStep;
  const steps: Steps = { left: available };
  try {
    return use(steps);
  } catch (error) {
    if (error instanceof PatternError) {
      throw new TemplateError(error.message);
    }
    throw error;
  } finally {
    budget.stepsLeft -= Math.ceil((available - Math.max(0, steps.left)) / patternStepsPerStep);
  }
}

/** Null is a wrong replacement only where there is something to replace. */
function replaceMatches(
  text: string,
  pattern: string,
  replacement: string | null,
  budget: Budget,
  replaceThem: typeof replaceAll,
): string {
  return withPattern(budget, (steps) => {
    const limits = { steps, charactersMax: stringCharactersMax };
    const result = replaceThem(text, pattern, replacement ?? '\0', limits);
    return replacement === null && result !== text ? throwJava('Null replaces nothing') : result;
  });
}

function splitText(text: string, pattern: string, limit: number, budget: Budget): string[] {
  const parts = withPattern(budget, (steps) => split(text, pattern, limit, steps));
  spendOnElements(budget, parts.length);
  return parts;
}

function characters(text: string, budget: Budget): string[] {
  spendOnElements(budget, text.length);
  return text.split('');
}

function inside(text: string, at: number): number {
  return at >= 0 && at < text.length ? at : throwJava(`String index out of range: ${at}`);
}

function substring(text: string, from: number, to: number): string {
  return from >= 0 && to <= text.length && from <= to
    ? text.slice(from, to)
    : throwJava(`begin ${from}, end ${to}, length ${text.length}`);
}

/** Java trims every control character, not only white space. */
function trim(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && text.charCodeAt(from) <= 0x20) {
    from += 1;
  }
  while (to > from && text.charCodeAt(to - 1) <= 0x20) {
    to -= 1;
  }
  return text.slice(from, to);
}

function fold(text: string): string {
  return text.toUpperCase().toLowerCase();
}

function compare(left: string, right: string): number {
  const shorter = Math.min(left.length, right.length);
  for (let at = 0; at < shorter; at++) {
    const difference = left.charCodeAt(at) - right.charCodeAt(at);
    if (difference !== 0) {
      return difference;
    }
  }
  return left.length - right.length;
}

function hashCode(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) {
    hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  }
  return hash;
}

function codePoint(code: number): number {
  return code >= 0 && code <= 0x10ffff ? code : 0x10ffff;
}

function replace(text: string, from: string, to: string): string {
  const times = text.split(from).length - 1 + (from === '' ? 2 : 0);
  if (text.length + times * to.length > stringCharactersMax) {
    throw new TemplateError(`A string is longer than ${stringCharactersMax} characters`);
  }
  return text.replaceAll(from, () => to);
}

function join(glue: string, list: readonly unknown[], budget: Budget): string {
  const writer = new TextWriter(budget);
  for (const [index, element] of list.entries()) {
    if (typeof element !== 'string' && element !== null) {
      throwJava('Only strings can be joined');
    }
    writer.write(index === 0 ? '' : glue);
    writeText(writer, element);
  }
  spendOnText(budget, glue.length);
  return writer.toString();
}
