import { PatternError } from './pattern-error.ts';

/** Where the parser is, and what it has met so far. */
export interface PatternCursor {
  readonly text: string;
  at: number;
  flags: Flags;
  groups: number;
  readonly groupNames: Map<string, number>;
  nesting: number;
}

export interface Flags {
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
  readonly multiline: boolean;
  readonly comments: boolean;
}

export function peek(cursor: PatternCursor): string {
  return cursor.text[cursor.at] ?? '';
}

export function accept(cursor: PatternCursor, expected: string): boolean {
  if (!cursor.text.startsWith(expected, cursor.at)) {
    return false;
  }
  cursor.at += expected.length;
  return true;
}

export function fail(cursor: PatternCursor, message: string): never {
  throw new PatternError(`${message} near index ${cursor.at}`);
}

/** The next code point, consumed. */
export function takeCodePoint(cursor: PatternCursor): number {
  const codePoint = cursor.text.codePointAt(cursor.at);
  if (codePoint === undefined) {
    fail(cursor, 'Unexpected end of pattern');
  }
  cursor.at += codePoint > 0xffff ? 2 : 1;
  return codePoint;
}

/** Takes what a sticky expression matches here, its first group; `undefined` when it does not. */
export function takeMatch(cursor: PatternCursor, sticky: RegExp): string | undefined {
  sticky.lastIndex = cursor.at;
  const found = sticky.exec(cursor.text);
  if (found === null) {
    return undefined;
  }
  cursor.at += found[0].length;
  return found[1] ?? found[0];
}
