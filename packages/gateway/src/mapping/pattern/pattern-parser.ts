import * as anchors from './anchors.ts';
import { parseClass, parseEscape, parseShorthand } from './class-parser.ts';
import { groupNestingMax, patternCharactersMax } from './limits.ts';
import { ignoringCase, lineTerminator, not, oneOf, range } from './named-classes.ts';
import type { Anchor, Bounds, CharacterSet, Mode, Node, Syntax } from './nodes.ts';
import {
  accept,
  type Flags,
  fail,
  type PatternCursor,
  peek,
  takeCodePoint,
  takeMatch,
} from './pattern-cursor.ts';
import { PatternError } from './pattern-error.ts';

/** Parses a pattern of `java.util.regex`. */
export function parsePattern(text: string, ignoreCase: boolean): Syntax {
  if (text.length > patternCharactersMax) {
    throw new PatternError(`Pattern is longer than ${patternCharactersMax} characters`);
  }
  const flags: Flags = { ignoreCase, dotAll: false, multiline: false, comments: false };
  const cursor: PatternCursor = {
    text,
    at: 0,
    flags,
    groups: 0,
    groupNames: new Map(),
    nesting: 0,
  };
  const node = parseAlternatives(cursor);
  if (cursor.at < text.length) {
    fail(cursor, "Unmatched closing ')'");
  }
  return { node, groups: cursor.groups, groupNames: cursor.groupNames };
}

/** Flags set inside a group end with it. */
function parseAlternatives(cursor: PatternCursor): Node {
  cursor.nesting += 1;
  if (cursor.nesting > groupNestingMax) {
    fail(cursor, `Pattern is nested more than ${groupNestingMax} deep`);
  }
  const outerFlags = cursor.flags;
  const nodes = [parseSequence(cursor)];
  while (accept(cursor, '|')) {
    nodes.push(parseSequence(cursor));
  }
  cursor.flags = outerFlags;
  cursor.nesting -= 1;
  return nodes.length === 1 ? nodes[0]! : { kind: 'alternatives', nodes };
}

function parseSequence(cursor: PatternCursor): Node {
  const nodes: Node[] = [];
  while (!['', '|', ')'].includes(peek(cursor))) {
    if (cursor.flags.comments && takeMatch(cursor, /\s+|#[^\n]*/y) !== undefined) {
      continue;
    }
    const quoted = takeMatch(cursor, /\\Q([\s\S]*?)(?:\\E|$)/y);
    if (quoted !== undefined) {
      const literals = [...quoted].map((character) => literal(cursor, character.codePointAt(0)!));
      const last = literals.pop();
      nodes.push(...literals);
      if (last !== undefined) {
        nodes.push(parseQuantifier(cursor, last));
      }
      continue;
    }
    const atom = parseAtom(cursor);
    if (atom !== undefined) {
      nodes.push(parseQuantifier(cursor, atom));
    }
  }
  return nodes.length === 1 ? nodes[0]! : { kind: 'sequence', nodes };
}

/** `undefined` for what only sets flags. */
function parseAtom(cursor: PatternCursor): Node | undefined {
  switch (peek(cursor)) {
    case '(':
      return parseGroup(cursor);
    case '[':
      cursor.at += 1;
      return { kind: 'set', set: parseClass(cursor) };
    case '\\':
      return parseBackslash(cursor);
    case '.':
      cursor.at += 1;
      return { kind: 'set', set: cursor.flags.dotAll ? () => true : not(lineTerminator) };
    case '^':
      cursor.at += 1;
      return anchor(cursor.flags.multiline ? anchors.beginsLine : anchors.beginsText);
    case '$':
      cursor.at += 1;
      return anchor(cursor.flags.multiline ? anchors.endsLine : anchors.endsLastLine);
    case '*':
    case '+':
    case '?':
      return fail(cursor, `Dangling meta character '${peek(cursor)}'`);
    case '{':
      return fail(cursor, 'Illegal repetition');
    default:
      return literal(cursor, takeCodePoint(cursor));
  }
}

function anchor(at: Anchor): Node {
  return { kind: 'anchor', anchor: at };
}

function literal(cursor: PatternCursor, codePoint: number): Node {
  const set = range(codePoint, codePoint);
  return { kind: 'set', set: cursor.flags.ignoreCase ? ignoringCase(set) : set };
}

const letterAnchors: Readonly<Record<string, Anchor>> = {
  A: anchors.beginsText,
  z: anchors.endsText,
  Z: anchors.endsLastLine,
  b: anchors.wordBoundary,
  B: anchors.noWordBoundary,
};

function parseBackslash(cursor: PatternCursor): Node {
  const letter = cursor.text[cursor.at + 1] ?? '';
  if (Object.hasOwn(letterAnchors, letter)) {
    cursor.at += 2;
    return anchor(letterAnchors[letter]!);
  }
  if (letter === 'R') {
    cursor.at += 2;
    return lineBreak();
  }
  const name = takeMatch(cursor, /\\k<([a-zA-Z][a-zA-Z0-9]*)>/y);
  if (name !== undefined) {
    const group = cursor.groupNames.get(name) ?? fail(cursor, `No group named <${name}>`);
    return { kind: 'backreference', group, ignoreCase: cursor.flags.ignoreCase };
  }
  if (/[1-9]/.test(letter)) {
    return parseBackreference(cursor);
  }
  const set: CharacterSet | undefined = parseShorthand(cursor);
  if (set !== undefined) {
    return { kind: 'set', set };
  }
  cursor.at += 1;
  return literal(cursor, parseEscape(cursor));
}

/** Further digits belong to the number as long as so many groups exist. */
function parseBackreference(cursor: PatternCursor): Node {
  let group = Number(cursor.text[cursor.at + 1]);
  cursor.at += 2;
  while (/\d/.test(peek(cursor)) && group * 10 + Number(peek(cursor)) <= cursor.groups) {
    group = group * 10 + Number(peek(cursor));
    cursor.at += 1;
  }
  return { kind: 'backreference', group, ignoreCase: cursor.flags.ignoreCase };
}

function lineBreak(): Node {
  const one = (characters: string): Node => ({ kind: 'set', set: oneOf(characters) });
  const crlf: Node = { kind: 'sequence', nodes: [one('\r'), one('\n')] };
  const nodes = [crlf, one('\n\u000b\f\r\u0085\u2028\u2029')];
  return { kind: 'atomic', node: { kind: 'alternatives', nodes } };
}

function parseGroup(cursor: PatternCursor): Node | undefined {
  const opening = takeMatch(cursor, /\((?:\?(?:<[=!]|[:=!>]))?/y)!;
  if (opening === '(' && peek(cursor) === '?') {
    return parseNamedOrFlags(cursor);
  }
  if (opening === '(') {
    return parseCapture(cursor);
  }
  const node = parseAlternatives(cursor);
  closeGroup(cursor);
  switch (opening) {
    case '(?:':
      return node;
    case '(?>':
      return { kind: 'atomic', node };
    default:
      return {
        kind: 'look',
        node,
        behind: opening.startsWith('(?<'),
        negative: opening.endsWith('!'),
      };
  }
}

function parseCapture(cursor: PatternCursor): Node {
  cursor.groups += 1;
  const group = cursor.groups;
  const node = parseAlternatives(cursor);
  closeGroup(cursor);
  return { kind: 'capture', group, node };
}

function parseNamedOrFlags(cursor: PatternCursor): Node | undefined {
  const name = takeMatch(cursor, /\?<([a-zA-Z][a-zA-Z0-9]*)>/y);
  if (name !== undefined) {
    if (cursor.groupNames.has(name)) {
      fail(cursor, `Named capturing group <${name}> is already defined`);
    }
    cursor.groupNames.set(name, cursor.groups + 1);
    return parseCapture(cursor);
  }
  const letters = takeMatch(cursor, /\?([imsx]*(?:-[imsx]*)?)(?=[:)])/y);
  if (letters === undefined) {
    fail(cursor, 'Unknown group type or inline modifier');
  }
  const outerFlags = cursor.flags;
  const [on = '', off = ''] = letters.split('-');
  const setting = (letter: string, now: boolean) =>
    (now || on.includes(letter)) && !off.includes(letter);
  cursor.flags = {
    ignoreCase: setting('i', outerFlags.ignoreCase),
    dotAll: setting('s', outerFlags.dotAll),
    multiline: setting('m', outerFlags.multiline),
    comments: setting('x', outerFlags.comments),
  };
  if (accept(cursor, ')')) {
    return undefined;
  }
  cursor.at += 1;
  const node = parseAlternatives(cursor);
  cursor.flags = outerFlags;
  closeGroup(cursor);
  return node;
}

function closeGroup(cursor: PatternCursor): void {
  if (!accept(cursor, ')')) {
    fail(cursor, 'Unclosed group');
  }
}

/** At most one quantifier for each atom; a second one dangles. */
function parseQuantifier(cursor: PatternCursor, atom: Node): Node {
  const bounds = takeBounds(cursor);
  if (bounds === undefined) {
    return atom;
  }
  let mode: Mode = 'greedy';
  if (accept(cursor, '?')) {
    mode = 'lazy';
  } else if (accept(cursor, '+')) {
    mode = 'possessive';
  }
  return { kind: 'repeat', node: atom, bounds, mode };
}

function takeBounds(cursor: PatternCursor): Bounds | undefined {
  switch (peek(cursor)) {
    case '*':
      cursor.at += 1;
      return { least: 0, most: Number.POSITIVE_INFINITY };
    case '+':
      cursor.at += 1;
      return { least: 1, most: Number.POSITIVE_INFINITY };
    case '?':
      cursor.at += 1;
      return { least: 0, most: 1 };
    case '{':
      return takeBraces(cursor);
    default:
      return undefined;
  }
}

function takeBraces(cursor: PatternCursor): Bounds {
  const numbers = takeMatch(cursor, /\{(\d{1,9}(?:,\d{0,9})?)\}/y);
  if (numbers === undefined) {
    fail(cursor, 'Illegal repetition');
  }
  const [least = '', most] = numbers.split(',');
  const bounds = {
    least: Number(least),
    most:
      most === undefined ? Number(least) : most === '' ? Number.POSITIVE_INFINITY : Number(most),
  };
  return bounds.most >= bounds.least ? bounds : fail(cursor, 'Illegal repetition range');
}
