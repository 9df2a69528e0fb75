import { groupNestingMax } from './limits.ts';
import { ignoringCase, letterClasses, namedClass, not, range, union } from './named-classes.ts';
import type { CharacterSet } from './nodes.ts';
import {
  accept,
  fail,
  type PatternCursor,
  peek,
  takeCodePoint,
  takeMatch,
} from './pattern-cursor.ts';

/** Parses `[…]` from after the opening bracket: ranges, unions `[a[bc]]`, intersections `&&`. */
export function parseClass(cursor: PatternCursor): CharacterSet {
  cursor.nesting += 1;
  if (cursor.nesting > groupNestingMax) {
    fail(cursor, `Pattern is nested more than ${groupNestingMax} deep`);
  }
  const negated = accept(cursor, '^');
  let result: CharacterSet | undefined;
  let sets: CharacterSet[] = [];
  const close = () => {
    const members = union(...sets);
    const before = result;
    result = before === undefined ? members : (code) => before(code) && members(code);
    sets = [];
  };
  let first = true;
  while (first || peek(cursor) !== ']') {
    if (peek(cursor) === '') {
      fail(cursor, 'Unclosed character class');
    }
    if (accept(cursor, '&&')) {
      close();
    } else if (accept(cursor, '[')) {
      sets.push(parseClass(cursor));
    } else {
      sets.push(parseMember(cursor));
    }
    first = false;
  }
  cursor.at += 1;
  close();
  cursor.nesting -= 1;
  return negated ? not(result!) : result!;
}

function parseMember(cursor: PatternCursor): CharacterSet {
  const shorthand = peek(cursor) === '\\' ? parseShorthand(cursor) : undefined;
  if (shorthand !== undefined) {
    return shorthand;
  }
  const first = takeMember(cursor);
  const next = cursor.text[cursor.at + 1];
  let last = first;
  if (peek(cursor) === '-' && next !== ']' && next !== '[' && next !== undefined) {
    cursor.at += 1;
    last = takeMember(cursor);
    if (last < first) {
      fail(cursor, 'Illegal character range');
    }
  }
  const set = range(first, last);
  return cursor.flags.ignoreCase ? ignoringCase(set) : set;
}

function takeMember(cursor: PatternCursor): number {
  return accept(cursor, '\\') ? parseEscape(cursor) : takeCodePoint(cursor);
}

/** `\d`, `\W`, `\p{Alpha}`, `\PL`: the cursor is on the backslash and stays there otherwise. */
export function parseShorthand(cursor: PatternCursor): CharacterSet | undefined {
  const letter = cursor.text[cursor.at + 1] ?? '';
  const lower = letter.toLowerCase();
  if (Object.hasOwn(letterClasses, lower)) {
    cursor.at += 2;
    return letter === lower ? letterClasses[lower]! : not(letterClasses[lower]!);
  }
  if (lower !== 'p' || letter === '') {
    return undefined;
  }
  cursor.at += 2;
  const name = takeMatch(cursor, /\{(\w+)\}|\w/y) ?? '';
  const set = namedClass(name) ?? fail(cursor, `Unknown character property name {${name}}`);
  return letter === 'p' ? set : not(set);
}

const controlCharacters: Readonly<Record<string, number>> = {
  t: 9,
  n: 10,
  f: 12,
  r: 13,
  a: 7,
  e: 27,
};

/** An escape that stands for one character, from after the backslash. */
export function parseEscape(cursor: PatternCursor): number {
  const hexadecimal =
    takeMatch(cursor, /x([0-9a-fA-F]{2})/y) ??
    takeMatch(cursor, /u([0-9a-fA-F]{4})/y) ??
    takeMatch(cursor, /x\{([0-9a-fA-F]{1,6})\}/y);
  if (hexadecimal !== undefined) {
    const codePoint = Number.parseInt(hexadecimal, 16);
    return codePoint <= 0x10ffff ? codePoint : fail(cursor, 'Code point too large');
  }
  const octal = takeMatch(cursor, /0([0-3]?[0-7]{1,2})/y);
  if (octal !== undefined) {
    return Number.parseInt(octal, 8);
  }
  const control = takeMatch(cursor, /c([\x20-\x7e])/y);
  if (control !== undefined) {
    return control.charCodeAt(0) ^ 0x40;
  }
  const letter = peek(cursor);
  if (Object.hasOwn(controlCharacters, letter)) {
    cursor.at += 1;
    return controlCharacters[letter]!;
  }
  return /[a-zA-Z0-9]/.test(letter)
    ? fail(cursor, 'Illegal/unsupported escape sequence')
    : takeCodePoint(cursor);
}
