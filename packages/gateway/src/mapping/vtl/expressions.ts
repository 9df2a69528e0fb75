import { compute, relates } from './arithmetic.ts';
import { spendOnElements, spendOnText } from './budget.ts';
import { javaEquals, numberOf } from './equality.ts';
import { renderToText } from './evaluator.ts';
import { put } from './map-methods.ts';
import type { Chain, Expression, Link } from './nodes.ts';
import { resolve } from './references.ts';
import { Definition, deeper, type Rendering } from './rendering.ts';
import { TemplateError } from './template-error.ts';
import { textOf } from './text.ts';
import { isInteger } from './values.ts';

/** The value of an expression, null when it has none. */
export function evaluate(rendering: Rendering, expression: Expression): unknown {
  return deeper(rendering, () => {
    switch (expression.kind) {
      case 'literal':
        return expression.value;
      case 'reference':
        return resolve(rendering, expression);
      case 'interpolation':
        return renderToText(rendering, expression.body);
      case 'list':
        return expression.elements.map((element) => evaluate(rendering, element));
      case 'map': {
        const map = new Map<unknown, unknown>();
        for (const [key, value] of expression.entries) {
          put(map, evaluate(rendering, key), evaluate(rendering, value), rendering.budget);
        }
        return map;
      }
      case 'range':
        return rangeOf(rendering, expression.from, expression.to);
      case 'arithmetic':
        return calculate(rendering, expression);
      default:
        return isTrue(rendering, expression);
    }
  });
}

/**
 * Whether a condition holds. Velocity lets only references, `true`, comparisons and logic hold:
 * a reference when it leads to anything but null and false; a string or a number never does.
 */
export function isTrue(rendering: Rendering, expression: Expression): boolean {
  return deeper(rendering, () => {
    switch (expression.kind) {
      case 'literal':
        return expression.value === true;
      case 'reference': {
        const value = resolve(rendering, expression);
        return value !== null && value !== false;
      }
      case 'not':
        return !isTrue(rendering, expression.operand);
      case 'all':
        return expression.operands.every((operand) => isTrue(rendering, operand));
      case 'any':
        return expression.operands.some((operand) => isTrue(rendering, operand));
      case 'comparison':
        return compareAll(rendering, expression);
      default:
        return false;
    }
  });
}

function compareAll(rendering: Rendering, chain: Chain): boolean {
  let left = evaluate(rendering, chain.first);
  for (const { operator, operand } of chain.rest) {
    const right = evaluate(rendering, operand);
    switch (operator) {
      case '==':
        left = areEqual(rendering, left, right);
        break;
      case '!=':
        left = !areEqual(rendering, left, right);
        break;
      default:
        left = relates(operator, left, right);
    }
  }
  return left === true;
}

/** Numbers by value, values of one class by `equals`, anything else by its text. */
function areEqual(rendering: Rendering, left: unknown, right: unknown): boolean {
  if (left === null || right === null) {
    return left === right;
  }
  const first = numberOf(left);
  const second = numberOf(right);
  if (first !== undefined && second !== undefined) {
    return isInteger(left) && isInteger(right) ? left === right : first === second;
  }
  if (classOf(left) === classOf(right)) {
    return javaEquals(left, right, rendering.budget);
  }
  return textOf(left, rendering.budget) === textOf(right, rendering.budget);
}

function classOf(value: unknown): unknown {
  if (Array.isArray(value)) {
    return Array;
  }
  return typeof value === 'object' ? value?.constructor : typeof value;
}

function calculate(rendering: Rendering, chain: Chain): unknown {
  let left = evaluate(rendering, chain.first);
  let leftExpression: Expression | undefined = chain.first;
  for (const link of chain.rest) {
    left = calculateOne(rendering, chain, left, leftExpression, link);
    leftExpression = undefined;
  }
  return left;
}

/** `+` joins as soon as one side is a string; the other is then printed as in a text. */
function calculateOne(
  rendering: Rendering,
  chain: Chain,
  left: unknown,
  leftExpression: Expression | undefined,
  { operator, operand }: Link,
): unknown {
  const right = evaluate(rendering, operand);
  if (operator === '+' && (typeof left === 'string' || typeof right === 'string')) {
    const joined = print(rendering, left, leftExpression) + print(rendering, right, operand);
    spendOnText(rendering.budget, joined.length);
    return joined;
  }
  switch (operator) {
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return compute(operator, left, right);
    default:
      throw new TemplateError(`Unknown operator ${operator}`, chain.position);
  }
}

function print(rendering: Rendering, value: unknown, expression: Expression | undefined): string {
  if (value instanceof Definition) {
    return renderToText(rendering, value.body);
  }
  if (value !== null) {
    return textOf(value, rendering.budget);
  }
  const isReference = expression?.kind === 'reference';
  return isReference && rendering.literalsForNothing ? expression.literal : '';
}

function rangeOf(rendering: Rendering, from: Expression, to: Expression): unknown {
  const first = evaluate(rendering, from);
  const last = evaluate(rendering, to);
  if (typeof first !== 'number' || typeof last !== 'number') {
    return null;
  }
  const length = Math.abs(last - first) + 1;
  spendOnElements(rendering.budget, length);
  const step = last >= first ? 1 : -1;
  return Array.from({ length }, (_, index) => first + step * index);
}
