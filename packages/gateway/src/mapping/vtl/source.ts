import { templateNestingMax } from './limits.ts';
import type { Macro } from './nodes.ts';
import { type Position, TemplateError } from './template-error.ts';

/** The text being parsed and how far the parser is. */
export interface Source {
  readonly text: string;
  at: number;
  /** Blocks and brackets open around the current place. */
  nesting: number;
  /** The place of the string literal that this text is the content of. */
  readonly origin: Position | undefined;
  readonly lineStarts: readonly number[];
  /** Shared by a template and the strings inside it. */
  readonly macros: Map<string, Macro>;
}

export function openSource(text: string): Source {
  return {
    text,
    at: 0,
    nesting: 0,
    origin: undefined,
    lineStarts: lineStarts(text),
    macros: new Map(),
  };
}

/** The content of a double-quoted string, a template of its own. */
export function openString(outer: Source, text: string, origin: Position): Source {
  return { ...outer, text, at: 0, origin, lineStarts: [] };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
    starts.push(at + 1);
  }
  return starts;
}

export function positionOf(source: Source, at = source.at): Position {
  if (source.origin !== undefined) {
    return source.origin;
  }
  let first = 0;
  let last = source.lineStarts.length - 1;
  while (first < last) {
    const middle = Math.ceil((first + last) / 2);
    if (source.lineStarts[middle]! <= at) {
      first = middle;
    } else {
      last = middle - 1;
    }
  }
  return { line: first + 1, column: at - source.lineStarts[first]! + 1 };
}

export function fail(source: Source, message: string, at = source.at): never {
  throw new TemplateError(message, positionOf(source, at));
}

/** Fails with what was expected and what stands there instead. */
export function unexpected(source: Source, expected: string): never {
  const found = source.at < source.text.length ? JSON.stringify(peek(source)) : 'the end';
  fail(source, `Expected ${expected}, found ${found}`);
}

export function peek(source: Source): string {
  return source.text[source.at] ?? '';
}

export function accept(source: Source, expected: string): boolean {
  if (!source.text.startsWith(expected, source.at)) {
    return false;
  }
  source.at += expected.length;
  return true;
}

export function expect(source: Source, expected: string): void {
  if (!accept(source, expected)) {
    unexpected(source, expected);
  }
}

/** Takes what a sticky expression matches here: its first group, or all of it. */
export function takeMatch(source: Source, sticky: RegExp): string | undefined {
  sticky.lastIndex = source.at;
  const found = sticky.exec(source.text);
  if (found === null) {
    return undefined;
  }
  source.at += found[0].length;
  return found[1] ?? found[0];
}

export function skipSpaces(source: Source): void {
  takeMatch(source, /[ \t\r\n]*/y);
}

/** Parses something nested, within the limit. */
export function nested<T>(source: Source, parse: (source: Source) => T): T {
  if (source.nesting >= templateNestingMax) {
    fail(source, `Template is nested more than ${templateNestingMax} deep`);
  }
  source.nesting += 1;
  const result = parse(source);
  source.nesting -= 1;
  return result;
}
