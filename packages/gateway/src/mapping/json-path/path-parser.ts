import {
  accept,
  type Cursor,
  expect,
  fail,
  isQuote,
  peek,
  skipSpaces,
  takeQuoted,
  takeWhile,
} from './cursor.ts';
import { parseFilter } from './filter-parser.ts';
import { type FunctionName, functionNames } from './functions.ts';
import { JsonPathError } from './json-path-error.ts';
import { pathCharactersMax } from './limits.ts';
import type { Token } from './tokens.ts';

/** Parses a whole path; the leading `$` or `@` may be missing. */
export function parsePath(text: string): readonly Token[] {
  const path = text.trim();
  if (path.length > pathCharactersMax) {
    throw new JsonPathError(`Path is longer than ${pathCharactersMax} characters`);
  }
  const cursor: Cursor = { text: path, at: 0 };
  if (path === '') {
    fail(cursor, 'Path is empty');
  }
  const tokens: Token[] = [];
  if (!accept(cursor, '$') && !accept(cursor, '@')) {
    // Jayway puts `$.` in front, so that a leading dot makes a deep scan.
    if (accept(cursor, '.')) {
      accept(cursor, '.');
      tokens.push({ kind: 'scan' });
    }
    tokens.push(firstStep(cursor));
  }
  tokens.push(...parseSteps(cursor, () => false));
  if (cursor.at < path.length) {
    fail(cursor, `Unexpected ${peek(cursor)}`);
  }
  return tokens;
}

/** Parses steps up to the end of the text or to a character that `ends` the path. */
export function parseSteps(cursor: Cursor, ends: (character: string) => boolean): Token[] {
  const tokens: Token[] = [];
  while (cursor.at < cursor.text.length && !ends(peek(cursor))) {
    if (tokens.at(-1)?.kind === 'function') {
      fail(cursor, 'A function can only end a path');
    }
    if (accept(cursor, '..')) {
      accept(cursor, '.');
      tokens.push({ kind: 'scan' }, firstStep(cursor, ends));
    } else if (accept(cursor, '.')) {
      tokens.push(firstStep(cursor, ends));
    } else if (peek(cursor) === '[') {
      tokens.push(parseBrackets(cursor));
    } else {
      return tokens;
    }
  }
  return tokens;
}

/** What may follow a dot, or begin a path that has no `$`: a name, `*`, or brackets. */
function firstStep(cursor: Cursor, ends: (character: string) => boolean = () => false): Token {
  if (peek(cursor) === '[') {
    return parseBrackets(cursor);
  }
  const start = cursor.at;
  const name = takeWhile(
    cursor,
    (character) => character !== '.' && character !== '[' && character !== ' ' && !ends(character),
  );
  if (name === '') {
    fail(cursor, 'Expected a name');
  }
  if (name === '*') {
    return { kind: 'wildcard' };
  }
  return accept(cursor, '()') ? functionOf(name, start) : nameOrFunction(name, start);
}

/** Outside filters the brackets of a function are part of the name that was taken. */
function nameOrFunction(name: string, start: number): Token {
  const functionName = name.endsWith('()') ? name.slice(0, -2) : undefined;
  return functionName === undefined
    ? { kind: 'property', names: [name] }
    : functionOf(functionName, start);
}

function functionOf(name: string, position: number): Token {
  if (!(functionNames as readonly string[]).includes(name)) {
    throw new JsonPathError(`No function ${name}()`, position);
  }
  return { kind: 'function', name: name as FunctionName };
}

function parseBrackets(cursor: Cursor): Token {
  expect(cursor, '[');
  skipSpaces(cursor);
  const first = peek(cursor);
  let token: Token;
  if (isQuote(first)) {
    token = { kind: 'property', names: takeList(cursor, takeName) };
  } else if (accept(cursor, '*')) {
    token = { kind: 'wildcard' };
  } else if (accept(cursor, '?')) {
    token = { kind: 'filter', condition: parseFilter(cursor) };
  } else if (accept(cursor, '(')) {
    token = parseScript(cursor);
  } else {
    token = parsePlaces(cursor);
  }
  skipSpaces(cursor);
  expect(cursor, ']');
  return token;
}

function takeName(cursor: Cursor): string {
  return isQuote(peek(cursor)) ? takeQuoted(cursor) : fail(cursor, 'Expected a quoted name');
}

function takeList<T>(cursor: Cursor, takeOne: (cursor: Cursor) => T): T[] {
  const list = [takeOne(cursor)];
  skipSpaces(cursor);
  while (accept(cursor, ',')) {
    skipSpaces(cursor);
    list.push(takeOne(cursor));
    skipSpaces(cursor);
  }
  return list;
}

/** `(@.length-1)` and `(@.size()-1)`: an index counted from the end. */
function parseScript(cursor: Cursor): Token {
  skipSpaces(cursor);
  const match = /@\.(?:length|size)(?:\(\))?\s*-\s*(\d{1,9})\s*\)/y;
  match.lastIndex = cursor.at;
  const found = match.exec(cursor.text);
  if (found === null) {
    fail(cursor, 'Expected @.length - N');
  }
  cursor.at += found[0].length;
  const back = Number(found[1]);
  // Counting back nothing names the place after the last one, where there never is a value.
  return { kind: 'indexes', indexes: [back === 0 ? Number.MAX_SAFE_INTEGER : -back] };
}

function parsePlaces(cursor: Cursor): Token {
  const from = peek(cursor) === ':' ? undefined : takeInteger(cursor);
  skipSpaces(cursor);
  if (accept(cursor, ':')) {
    skipSpaces(cursor);
    const to = peek(cursor) === ']' ? undefined : takeInteger(cursor);
    if (from === undefined && to === undefined) {
      fail(cursor, 'A slice needs a beginning or an end');
    }
    return { kind: 'slice', from, to };
  }
  const indexes = [from!];
  while (accept(cursor, ',')) {
    skipSpaces(cursor);
    indexes.push(takeInteger(cursor));
    skipSpaces(cursor);
  }
  return { kind: 'indexes', indexes };
}

function takeInteger(cursor: Cursor): number {
  const sign = accept(cursor, '-') ? -1 : 1;
  const digits = takeWhile(cursor, (character) => character >= '0' && character <= '9');
  if (digits === '' || digits.length > 9) {
    fail(cursor, 'Expected a quoted name, *, a number, a slice or a filter');
  }
  return sign * Number(digits);
}
