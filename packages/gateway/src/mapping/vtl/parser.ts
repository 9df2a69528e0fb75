import { parseDirective, setDirective, takeSet } from './directive-parser.ts';
import type { Body, Node } from './nodes.ts';
import { parseDollar } from './reference-parser.ts';
import { fail, nested, type Source, takeMatch } from './source.ts';

/** What ends a block: `#end`, `#else`, `#elseif`, or the end of the text. */
export type Ending = 'end' | 'else' | 'elseif' | undefined;

export interface Block {
  readonly body: Body;
  readonly ending: Ending;
}

/** Parses a text that is a template by itself. */
export function parseWhole(source: Source): Body {
  const { body, ending } = nested(source, parseBlock);
  if (ending !== undefined) {
    fail(source, `#${ending} without a block it could belong to`);
  }
  return body;
}

/** Parses up to and including the directive that ends the block. */
export function parseBlock(source: Source): Block {
  const body: Node[] = [];
  while (source.at < source.text.length) {
    // Blanks in front of #set disappear, but only those that begin a piece of text.
    if (takeMatch(source, setDirective) !== undefined) {
      body.push(takeSet(source));
      continue;
    }
    switch (source.text[source.at]) {
      case '$':
        body.push(parseDollar(source));
        break;
      case '\\':
        body.push(parseBackslashes(source));
        break;
      case '#': {
        const directive = parseDirective(source);
        if (typeof directive === 'string') {
          return { body: joinTexts(body), ending: directive };
        }
        if (directive !== undefined) {
          body.push(directive);
        }
        break;
      }
      default:
        body.push({ kind: 'text', text: takeMatch(source, /[^$#\\]+/y)! });
    }
  }
  return { body: joinTexts(body), ending: undefined };
}

const directiveNames = new Set(
  'if end set else elseif stop foreach include parse macro literal evaluate break define'.split(
    ' ',
  ),
);

/**
 * Backslashes count only in front of a reference or of a directive that exists: two of them make
 * one, an odd one takes the meaning away. Anywhere else they are text.
 */
function parseBackslashes(source: Source): Node {
  const start = source.at;
  const slashes = takeMatch(source, /\\+/y)!;
  if (source.text[source.at] === '$') {
    source.at = start;
    return parseDollar(source);
  }
  const before = source.at;
  const word = takeMatch(source, /#(?:[a-zA-Z_@][a-zA-Z0-9_@]*|\{[a-zA-Z_][a-zA-Z0-9_@]*\})/y);
  if (word === undefined) {
    return { kind: 'text', text: slashes };
  }
  const name = word.replace(/[#{}]/g, '');
  const exists = directiveNames.has(name) || source.macros.has(name);
  const half = slashes.slice(0, Math.floor(slashes.length / 2));
  if (slashes.length % 2 === 1) {
    return { kind: 'text', text: (exists ? half : slashes) + word };
  }
  source.at = before;
  return { kind: 'text', text: exists && name !== 'set' ? half : slashes };
}

function joinTexts(nodes: readonly Node[]): Body {
  const joined: Node[] = [];
  for (const node of nodes) {
    const last = joined.at(-1);
    if (node.kind === 'text' && last?.kind === 'text') {
      joined[joined.length - 1] = { kind: 'text', text: last.text + node.text };
    } else {
      joined.push(node);
    }
  }
  return joined;
}
