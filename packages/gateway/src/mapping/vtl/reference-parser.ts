import { parseArguments, parseIndex } from './expression-parser.ts';
import type { Node, Part, Reference } from './nodes.ts';
import { accept, expect, peek, positionOf, type Source, takeMatch, unexpected } from './source.ts';

/** Backslashes, dollar signs and exclamation marks, as they may stand in front of a name. */
const leadIn = /(?:\\*\$(?:\\*!)?)+/y;
const identifier = /[a-zA-Z_][a-zA-Z0-9_-]*/y;
const namesSomething = /\{?[a-zA-Z_]/y;

/** Parses what begins with `$`, or with backslashes in front of one: a reference or plain text. */
export function parseDollar(source: Source): Node {
  const start = source.at;
  const lead = takeMatch(source, leadIn)!;
  const unescaped = /^(.*\$)(\\+)!$/s.exec(lead);
  if (unescaped !== null) {
    // `$\!name` is how to write `$!name`; what follows is text.
    const half = '\\'.repeat(Math.floor(unescaped[2]!.length / 2));
    return { kind: 'text', text: `${unescaped[1]}${half}!` };
  }
  namesSomething.lastIndex = source.at;
  if (!namesSomething.test(source.text)) {
    // Velocity swallows the mark of a `$!` that is followed by no name.
    const swallowed = lead.endsWith('!') && peek(source) !== '{';
    return { kind: 'text', text: swallowed ? lead.slice(0, -1) : lead };
  }
  return finishReference(source, start, lead);
}

/** Parses a reference where an expression needs one; the cursor is on its dollar sign. */
export function parseReference(source: Source): Reference {
  const start = source.at;
  const lead = takeMatch(source, /\$!?/y);
  namesSomething.lastIndex = source.at;
  if (lead === undefined || !namesSomething.test(source.text)) {
    source.at = start;
    unexpected(source, 'a reference');
  }
  return finishReference(source, start, lead!);
}

function finishReference(source: Source, start: number, lead: string): Reference {
  const position = positionOf(source, start);
  const slashes = /^\\*/.exec(lead)![0].length;
  const dollar = lead.lastIndexOf('$');
  const literalStart = start + dollar;
  const formal = accept(source, '{');
  const name = takeMatch(source, identifier)!;
  const parts = parseParts(source);
  if (formal) {
    expect(source, '}');
  }
  return {
    kind: 'reference',
    name,
    parts,
    literal: source.text.slice(literalStart, source.at),
    quiet: lead.endsWith('!'),
    escaped: slashes % 2 === 1,
    backslashes: '\\'.repeat(Math.floor(slashes / 2)),
    dollars: lead.slice(slashes, dollar),
    position,
  };
}

/** A dot or a parenthesis that continues no reference is text and stays. */
function parseParts(source: Source): Part[] {
  const parts: Part[] = [];
  for (;;) {
    if (accept(source, '[')) {
      parts.push({ kind: 'index', index: parseIndex(source) });
      continue;
    }
    const name = takeMatch(source, /\.([a-zA-Z][a-zA-Z0-9_-]*)/y);
    if (name === undefined) {
      return parts;
    }
    if (peek(source) === '(' && source.at + 1 < source.text.length) {
      parts.push({ kind: 'method', name, arguments: parseArguments(source) });
    } else {
      parts.push({ kind: 'property', name });
    }
  }
}
