import { parseLiteral } from './literal-parser.ts';
import type { Chain, Expression, Link, Operator } from './nodes.ts';
import { parseReference } from './reference-parser.ts';
import {
  accept,
  expect,
  nested,
  peek,
  positionOf,
  type Source,
  skipSpaces,
  takeMatch,
  unexpected,
} from './source.ts';

/** Parses the expression of `#if` and `#set`, up to but without the closing parenthesis. */
export function parseExpression(source: Source): Expression {
  return nested(source, parseAny);
}

function parseAny(source: Source): Expression {
  return parseLogic(source, 'any', /(?:\|\||or\b)/y, parseAll);
}

function parseAll(source: Source): Expression {
  return parseLogic(source, 'all', /(?:&&|and\b)/y, parseEquality);
}

function parseLogic(
  source: Source,
  kind: 'all' | 'any',
  operator: RegExp,
  parseOperand: (source: Source) => Expression,
): Expression {
  const operands = [parseOperand(source)];
  while (takeMatch(source, operator) !== undefined) {
    operands.push(parseOperand(source));
  }
  return operands.length === 1 ? operands[0]! : { kind, operands };
}

/** The word operators are other spellings of the signs. */
const signs: Readonly<Record<string, Operator>> = {
  eq: '==',
  ne: '!=',
  lt: '<',
  le: '<=',
  gt: '>',
  ge: '>=',
};

function parseEquality(source: Source): Expression {
  return parseChain(source, 'comparison', /(?:==|!=|(?:eq|ne)\b)/y, parseRelation);
}

function parseRelation(source: Source): Expression {
  return parseChain(source, 'comparison', /(?:<=|>=|<|>|(?:lt|le|gt|ge)\b)/y, parseSum);
}

function parseSum(source: Source): Expression {
  return parseChain(source, 'arithmetic', /\+|-(?![\d.])/y, parseProduct);
}

function parseProduct(source: Source): Expression {
  return parseChain(source, 'arithmetic', /[*/%]/y, parseUnary);
}

function parseChain(
  source: Source,
  kind: Chain['kind'],
  operators: RegExp,
  parseOperand: (source: Source) => Expression,
): Expression {
  const position = positionOf(source);
  const first = parseOperand(source);
  const rest: Link[] = [];
  for (;;) {
    const operator = takeMatch(source, operators);
    if (operator === undefined) {
      return rest.length === 0 ? first : { kind, first, rest, position };
    }
    rest.push({
      operator: signs[operator] ?? (operator as Operator),
      operand: parseOperand(source),
    });
  }
}

function parseUnary(source: Source): Expression {
  skipSpaces(source);
  if (takeMatch(source, /(?:!(?!=)|not\b)/y) !== undefined) {
    return { kind: 'not', operand: nested(source, parseUnary) };
  }
  let operand: Expression;
  if (accept(source, '(')) {
    operand = parseExpression(source);
    expect(source, ')');
  } else {
    operand = parseParameter(source);
  }
  skipSpaces(source);
  return operand;
}

/** A value without operators: all that lists, arguments and most directives may hold. */
export function parseParameter(source: Source): Expression {
  skipSpaces(source);
  let parameter: Expression;
  switch (peek(source)) {
    case '$':
      parameter = parseReference(source);
      break;
    case '[':
      parameter = nested(source, parseListOrRange);
      break;
    case '{':
      parameter = nested(source, parseMap);
      break;
    default:
      parameter = nested(source, parseLiteral);
  }
  skipSpaces(source);
  return parameter;
}

function parseListOrRange(source: Source): Expression {
  expect(source, '[');
  if (accept(source, ']')) {
    return { kind: 'list', elements: [] };
  }
  const first = parseParameter(source);
  if (isRangeEnd(first) && accept(source, '..')) {
    const to = parseParameter(source);
    expect(source, ']');
    return isRangeEnd(to) ? { kind: 'range', from: first, to } : unexpected(source, 'an integer');
  }
  const elements = [first];
  while (accept(source, ',')) {
    elements.push(parseParameter(source));
  }
  expect(source, ']');
  return { kind: 'list', elements };
}

function isRangeEnd(expression: Expression): boolean {
  return (
    expression.kind === 'reference' ||
    (expression.kind === 'literal' && ['number', 'bigint'].includes(typeof expression.value))
  );
}

function parseMap(source: Source): Expression {
  expect(source, '{');
  skipSpaces(source);
  const entries: (readonly [Expression, Expression])[] = [];
  if (accept(source, '}')) {
    return { kind: 'map', entries };
  }
  do {
    const key = parseParameter(source);
    expect(source, ':');
    entries.push([key, parseParameter(source)]);
  } while (accept(source, ','));
  expect(source, '}');
  return { kind: 'map', entries };
}

/** The arguments of a method, from its opening to after its closing parenthesis. */
export function parseArguments(source: Source): Expression[] {
  expect(source, '(');
  return nested(source, () => {
    const list: Expression[] = [];
    skipSpaces(source);
    if (!accept(source, ')')) {
      do {
        list.push(parseParameter(source));
      } while (accept(source, ','));
      expect(source, ')');
    }
    return list;
  });
}

/** What stands in `$list[…]`, from after the opening to after the closing bracket. */
export function parseIndex(source: Source): Expression {
  skipSpaces(source);
  if (peek(source) === '[' || peek(source) === '{') {
    unexpected(source, 'an index');
  }
  const index = nested(source, parseParameter);
  expect(source, ']');
  return index;
}
