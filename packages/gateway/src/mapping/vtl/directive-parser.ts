import { parseExpression, parseParameter } from './expression-parser.ts';
import type { Body, Branch, Expression, Node } from './nodes.ts';
import { type Block, type Ending, parseBlock } from './parser.ts';
import { parseReference } from './reference-parser.ts';
import {
  accept,
  expect,
  fail,
  nested,
  peek,
  positionOf,
  type Source,
  skipSpaces,
  takeMatch,
  unexpected,
} from './source.ts';
import { TemplateError } from './template-error.ts';

export const setDirective = /[ \t]*#(?:set|\{set\}) *\(/y;

const word = /#(?:([a-zA-Z_@][a-zA-Z0-9_@]*)|\{([a-zA-Z_][a-zA-Z0-9_@]*)\})/y;
const restOfLine = /[ \t]*(?:\r\n|\n|\r)/y;
const openParenthesis = /[ \t\r\n]*\(/y;

/** A node, the name of what ends the block around, or `undefined` for a comment. */
export function parseDirective(source: Source): Node | Exclude<Ending, undefined> | undefined {
  if (source.text.startsWith('##', source.at)) {
    takeMatch(source, /[^\r\n]*(?:\r\n|\n|\r)?/y);
    return undefined;
  }
  if (accept(source, '#*')) {
    takeUntil(source, '*#', 'Comment is not closed');
    return undefined;
  }
  if (accept(source, '#[[')) {
    return { kind: 'text', text: takeUntil(source, ']]#', 'Text block is not closed') };
  }
  const start = source.at;
  const name = takeMatch(source, word)?.replace(/[#{}]/g, '');
  if (name === undefined) {
    source.at += 1;
    return { kind: 'text', text: '#' };
  }
  switch (name) {
    case 'end':
    case 'else':
      takeMatch(source, restOfLine);
      return name;
    case 'elseif':
      return name;
    case 'if':
      return parseIf(source);
    case 'foreach':
      return parseForeach(source);
    case 'define':
      return parseDefine(source);
    case 'macro':
      return parseMacro(source, start);
    case 'stop':
    case 'break':
      return { kind: name };
    case 'parse':
    case 'include':
    case 'evaluate':
      return fail(source, `#${name} is not available`, start);
    default:
      return parseCall(source, name, start);
  }
}

function takeUntil(source: Source, closing: string, message: string): string {
  const end = source.text.indexOf(closing, source.at);
  if (end === -1) {
    fail(source, message);
  }
  const content = source.text.slice(source.at, end);
  source.at = end + closing.length;
  return content;
}

/** The parenthesis that closes a directive takes blanks and the line break after it along. */
function closeParenthesis(source: Source): void {
  expect(source, ')');
  takeMatch(source, restOfLine);
}

function expectParenthesis(source: Source): void {
  if (takeMatch(source, openParenthesis) === undefined) {
    unexpected(source, '(');
  }
}

/** From after the opening parenthesis of `#set`. */
export function takeSet(source: Source): Node {
  skipSpaces(source);
  const target = parseReference(source);
  skipSpaces(source);
  if (takeMatch(source, /=(?!=)/y) === undefined) {
    unexpected(source, '=');
  }
  const value = parseExpression(source);
  closeParenthesis(source);
  return { kind: 'set', target, value };
}

function parseIf(source: Source): Node {
  const branches: Branch[] = [];
  for (;;) {
    expectParenthesis(source);
    const condition = parseExpression(source);
    closeParenthesis(source);
    const { body, ending } = parseInner(source);
    branches.push({ condition, body });
    switch (ending) {
      case 'end':
        return { kind: 'if', branches, otherwise: [] };
      case 'else':
        return { kind: 'if', branches, otherwise: parseToEnd(source) };
      case 'elseif':
        break;
      default:
        fail(source, '#if without #end');
    }
  }
}

function parseInner(source: Source): Block {
  return nested(source, parseBlock);
}

function parseToEnd(source: Source): Body {
  const { body, ending } = parseInner(source);
  return ending === 'end' ? body : fail(source, 'Expected #end');
}

function parseForeach(source: Source): Node {
  const position = positionOf(source);
  expectParenthesis(source);
  skipSpaces(source);
  const variable = parseReference(source).name;
  skipSpaces(source);
  if (takeMatch(source, /[a-zA-Z_][a-zA-Z0-9_]*/y) === undefined) {
    unexpected(source, 'in');
  }
  const list = parseParameter(source);
  closeParenthesis(source);
  return { kind: 'foreach', variable, list, body: parseToEnd(source), position };
}

function parseDefine(source: Source): Node {
  expectParenthesis(source);
  skipSpaces(source);
  const name = parseReference(source).name;
  skipSpaces(source);
  closeParenthesis(source);
  return { kind: 'define', name, body: parseToEnd(source) };
}

/** A macro leaves no node: it is there for the whole template; of two with one name the first counts. */
function parseMacro(source: Source, start: number): undefined {
  expectParenthesis(source);
  skipSpaces(source);
  const name = takeMatch(source, /[a-zA-Z_][a-zA-Z0-9_]*/y);
  if (name === undefined) {
    fail(source, '#macro needs a name', start);
  }
  const parameters: string[] = [];
  skipSpaces(source);
  while (peek(source) !== ')') {
    accept(source, ',');
    skipSpaces(source);
    parameters.push(parseReference(source).name);
    skipSpaces(source);
  }
  closeParenthesis(source);
  const body = parseToEnd(source);
  if (!source.macros.has(name)) {
    source.macros.set(name, { name, parameters, body });
  }
  return undefined;
}

/** A call of a macro, which may be defined later, or text that looks like one. */
function parseCall(source: Source, name: string, start: number): Node {
  const afterName = source.at;
  const position = positionOf(source, start);
  const { nesting } = source;
  let list: Expression[] = [];
  if (takeMatch(source, openParenthesis) !== undefined) {
    if (name.startsWith('@')) {
      fail(source, 'Macros with a block are not available', start);
    }
    try {
      list = parseCallArguments(source);
    } catch (error) {
      if (!(error instanceof TemplateError) || source.macros.has(name)) {
        throw error;
      }
      source.at = afterName;
      source.nesting = nesting;
    }
  }
  const literal = source.text.slice(start, source.at);
  return { kind: 'macro-call', name, arguments: list, literal, position };
}

/** Commas between the arguments of a macro may be left out. */
function parseCallArguments(source: Source): Expression[] {
  const list: Expression[] = [];
  skipSpaces(source);
  while (peek(source) !== ')') {
    accept(source, ',');
    skipSpaces(source);
    const unknownWord = takeMatch(source, /(?!(?:true|false)\b)[a-zA-Z_@][a-zA-Z0-9_@]*/y);
    list.push(
      unknownWord === undefined
        ? parseParameter(source)
        : fail(source, 'A word is no argument of a macro'),
    );
  }
  closeParenthesis(source);
  return list;
}
