import { JsonPathError } from './json-path-error.ts';

/** A place in the text of a path, moved by whoever parses it. */
export interface Cursor {
  readonly text: string;
  at: number;
}

/** The character at the cursor, empty at the end. */
export function peek(cursor: Cursor): string {
  return cursor.text[cursor.at] ?? '';
}

/** Moves past `expected` and says so, or stays. */
export function accept(cursor: Cursor, expected: string): boolean {
  if (!cursor.text.startsWith(expected, cursor.at)) {
    return false;
  }
  cursor.at += expected.length;
  return true;
}

export function expect(cursor: Cursor, expected: string): void {
  if (!accept(cursor, expected)) {
    fail(cursor, `Expected ${expected}`);
  }
}

export function skipSpaces(cursor: Cursor): void {
  while (/\s/.test(peek(cursor))) {
    cursor.at += 1;
  }
}

/** Takes characters as long as they satisfy `belongs`; may be empty. */
export function takeWhile(cursor: Cursor, belongs: (character: string) => boolean): string {
  const start = cursor.at;
  while (cursor.at < cursor.text.length && belongs(peek(cursor))) {
    cursor.at += 1;
  }
  return cursor.text.slice(start, cursor.at);
}

/** A quoted text, single or double; a backslash takes the next character as it is. */
export function takeQuoted(cursor: Cursor): string {
  const quote = peek(cursor);
  const start = cursor.at;
  cursor.at += 1;
  let text = '';
  while (peek(cursor) !== quote) {
    if (cursor.at >= cursor.text.length) {
      throw new JsonPathError('Quote is not closed', start);
    }
    if (peek(cursor) === '\\') {
      cursor.at += 1;
    }
    text += peek(cursor);
    cursor.at += 1;
  }
  cursor.at += 1;
  return text;
}

export function isQuote(character: string): boolean {
  return character === "'" || character === '"';
}

export function fail(cursor: Cursor, message: string): never {
  throw new JsonPathError(message, cursor.at);
}
