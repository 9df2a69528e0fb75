import { Decimal } from '../json-path/document.ts';
import { valueNestingMax } from './limits.ts';
import { integer, JsonList } from './values.ts';

/**
 * Parses JSON into the values of templates, which `JSON.parse` cannot: members keep their order,
 * `1.0` stays apart from `1`, and long integers keep all their digits. `undefined` when the text is
 * not JSON or is nested deeper than `valueNestingMax`.
 */
export function parseJson(text: string): unknown {
  const reader: Reader = { text, at: 0 };
  const value = readValue(reader, 0);
  skipBlanks(reader);
  return value !== undefined && reader.at === text.length ? value : undefined;
}

interface Reader {
  readonly text: string;
  at: number;
}

/** Every reader returns `undefined` where the text is not what it should be. */
function readValue(reader: Reader, depth: number): unknown {
  skipBlanks(reader);
  switch (reader.text[reader.at]) {
    case '{':
      return depth < valueNestingMax ? readMap(reader, depth + 1) : undefined;
    case '[':
      return depth < valueNestingMax ? readList(reader, depth + 1) : undefined;
    case '"':
      return readString(reader);
    case 't':
      return take(reader, 'true') ? true : undefined;
    case 'f':
      return take(reader, 'false') ? false : undefined;
    case 'n':
      return take(reader, 'null') ? null : undefined;
    default:
      return readNumber(reader);
  }
}

function skipBlanks(reader: Reader): void {
  while (' \t\n\r'.includes(reader.text[reader.at] ?? 'x')) {
    reader.at += 1;
  }
}

function take(reader: Reader, expected: string): boolean {
  skipBlanks(reader);
  if (!reader.text.startsWith(expected, reader.at)) {
    return false;
  }
  reader.at += expected.length;
  return true;
}

function readMap(reader: Reader, depth: number): Map<unknown, unknown> | undefined {
  const map = new Map<unknown, unknown>();
  reader.at += 1;
  if (take(reader, '}')) {
    return map;
  }
  do {
    skipBlanks(reader);
    const name = reader.text[reader.at] === '"' ? readString(reader) : undefined;
    const value = name !== undefined && take(reader, ':') ? readValue(reader, depth) : undefined;
    if (value === undefined) {
      return undefined;
    }
    map.set(name, value);
  } while (take(reader, ','));
  return take(reader, '}') ? map : undefined;
}

function readList(reader: Reader, depth: number): JsonList | undefined {
  const list = new JsonList();
  reader.at += 1;
  if (take(reader, ']')) {
    return list;
  }
  do {
    const value = readValue(reader, depth);
    if (value === undefined) {
      return undefined;
    }
    list.push(value);
  } while (take(reader, ','));
  return take(reader, ']') ? list : undefined;
}

/** Finds the end of the string and leaves its escapes to `JSON.parse`. */
function readString(reader: Reader): string | undefined {
  const start = reader.at;
  let end = start + 1;
  while (end < reader.text.length && reader.text[end] !== '"') {
    end += reader.text[end] === '\\' ? 2 : 1;
  }
  reader.at = end + 1;
  try {
    return JSON.parse(reader.text.slice(start, reader.at)) as string;
  } catch {
    return undefined;
  }
}

const number = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;

function readNumber(reader: Reader): unknown {
  number.lastIndex = reader.at;
  const found = number.exec(reader.text);
  if (found === null) {
    return undefined;
  }
  reader.at += found[0].length;
  const isInteger = found[1] === undefined && found[2] === undefined;
  if (isInteger && found[0].length <= 1000) {
    return integer(BigInt(found[0]));
  }
  return new Decimal(Number(found[0]));
}
