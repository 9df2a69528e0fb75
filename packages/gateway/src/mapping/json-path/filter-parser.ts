import { compilePattern, type Pattern } from '../pattern/pattern.ts';
import { PatternError } from '../pattern/pattern-error.ts';
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
import {
  type Condition,
  type FilterPath,
  type Operand,
  type Operator,
  operators,
} from './filter.ts';
import { JsonPathError } from './json-path-error.ts';
import { filterNestingMax } from './limits.ts';
import { parseSteps } from './path-parser.ts';
import { isDefinite } from './tokens.ts';

/** Parses from after the `?` to after the closing bracket: `(@.price < 10 && @.isbn)`. */
export function parseFilter(cursor: Cursor): Condition {
  skipSpaces(cursor);
  expect(cursor, '(');
  const condition = parseOr(cursor, 1);
  expect(cursor, ')');
  return condition;
}

function parseOr(cursor: Cursor, nesting: number): Condition {
  let left = parseAnd(cursor, nesting);
  while (accept(cursor, '||')) {
    left = { kind: 'or', left, right: parseAnd(cursor, nesting) };
  }
  return left;
}

function parseAnd(cursor: Cursor, nesting: number): Condition {
  let left = parseUnary(cursor, nesting);
  while (accept(cursor, '&&')) {
    left = { kind: 'and', left, right: parseUnary(cursor, nesting) };
  }
  return left;
}

function parseUnary(cursor: Cursor, nesting: number): Condition {
  if (nesting > filterNestingMax) {
    fail(cursor, `Filter is nested more than ${filterNestingMax} deep`);
  }
  skipSpaces(cursor);
  let condition: Condition;
  if (accept(cursor, '!')) {
    condition = { kind: 'not', condition: parseUnary(cursor, nesting + 1) };
  } else if (accept(cursor, '(')) {
    condition = parseOr(cursor, nesting + 1);
    expect(cursor, ')');
  } else {
    condition = parseComparison(cursor);
  }
  skipSpaces(cursor);
  return condition;
}

function parseComparison(cursor: Cursor): Condition {
  const left = parseOperand(cursor);
  skipSpaces(cursor);
  if (accept(cursor, '=~')) {
    skipSpaces(cursor);
    return { kind: 'match', left, pattern: parsePattern(cursor) };
  }
  const operator = takeOperator(cursor);
  if (operator === undefined) {
    return left.kind === 'path' ? { kind: 'exists', path: left } : fail(cursor, 'Expected a path');
  }
  skipSpaces(cursor);
  return { kind: 'comparison', left, operator, right: parseOperand(cursor) };
}

function takeOperator(cursor: Cursor): Operator | undefined {
  const operator = operators.find((candidate) => cursor.text.startsWith(candidate, cursor.at));
  if (operator !== undefined) {
    cursor.at += operator.length;
  }
  return operator;
}

function parseOperand(cursor: Cursor): Operand {
  const first = peek(cursor);
  if (first === '@' || first === '$') {
    return parseFilterPath(cursor);
  }
  if (first === '[') {
    return parseLiterals(cursor);
  }
  return { kind: 'literal', text: takeLiteral(cursor) };
}

function parseFilterPath(cursor: Cursor): FilterPath {
  const start = cursor.at;
  const fromRoot = peek(cursor) === '$';
  cursor.at += 1;
  const tokens = parseSteps(cursor, endsName);
  if (!isDefinite(tokens)) {
    throw new JsonPathError('A path in a filter has to be definite', start);
  }
  return { kind: 'path', fromRoot, tokens };
}

function parseLiterals(cursor: Cursor): Operand {
  expect(cursor, '[');
  const texts: string[] = [];
  skipSpaces(cursor);
  while (!accept(cursor, ']')) {
    texts.push(takeLiteral(cursor));
    skipSpaces(cursor);
    if (peek(cursor) !== ']') {
      expect(cursor, ',');
      skipSpaces(cursor);
    }
  }
  return { kind: 'list', texts };
}

/** `'text'`, or a word: `10`, `-1.5`, `true`, `null`, and, as in Jayway, any other. */
function takeLiteral(cursor: Cursor): string {
  if (isQuote(peek(cursor))) {
    return takeQuoted(cursor);
  }
  const word = takeWhile(cursor, (character) => !endsOperand(character));
  return word === '' ? fail(cursor, 'Expected a value') : word;
}

/** `/expression/` or `/expression/i`; a backslash keeps a slash inside. */
function parsePattern(cursor: Cursor): Pattern {
  const found = /^\/((?:[^\\/]|\\[\s\S])*)\/(i?)/.exec(cursor.text.slice(cursor.at));
  if (found === null) {
    fail(cursor, 'Expected /a regular expression/');
  }
  try {
    const pattern = compilePattern(found[1]!, found[2] === 'i');
    cursor.at += found[0].length;
    return pattern;
  } catch (error) {
    if (error instanceof PatternError) {
      fail(cursor, error.message);
    }
    throw error;
  }
}

function endsOperand(character: string): boolean {
  return character === '[' || endsName(character);
}

/** Inside a filter a name ends where an operator begins. */
function endsName(character: string): boolean {
  return ' \t\r\n(),=!<>&|~]'.includes(character);
}
