import { Decimal } from '../json-path/document.ts';
import { numberOf } from './equality.ts';
import type { Operator } from './nodes.ts';
import { integer, isInteger } from './values.ts';

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';

/**
 * Velocity's arithmetic: integers stay integers and grow as they need, a Double makes the result a
 * Double, division by zero and anything that is no number give null.
 */
export function compute(operator: ArithmeticOperator, left: unknown, right: unknown): unknown {
  if (isInteger(left) && isInteger(right)) {
    return computeIntegers(operator, left, right);
  }
  const first = numberOf(left);
  const second = numberOf(right);
  if (first === undefined || second === undefined) {
    return null;
  }
  switch (operator) {
    case '+':
      return new Decimal(first + second);
    case '-':
      return new Decimal(first - second);
    case '*':
      return new Decimal(first * second);
    case '/':
      return second === 0 ? null : new Decimal(first / second);
    case '%':
      return second === 0 ? null : new Decimal(first % second);
  }
}

function computeIntegers(
  operator: ArithmeticOperator,
  left: number | bigint,
  right: number | bigint,
): unknown {
  if (typeof left === 'number' && typeof right === 'number') {
    const result = computeSmall(operator, left, right);
    if (result === null || Number.isSafeInteger(result)) {
      return result;
    }
  }
  const first = BigInt(left);
  const second = BigInt(right);
  switch (operator) {
    case '+':
      return integer(first + second);
    case '-':
      return integer(first - second);
    case '*':
      return integer(first * second);
    case '/':
      return second === 0n ? null : integer(first / second);
    case '%':
      return second === 0n ? null : integer(first % second);
  }
}

function computeSmall(operator: ArithmeticOperator, left: number, right: number): number | null {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      // Adding zero turns the negative zero of JavaScript into the one zero of integers.
      return right === 0 ? null : Math.trunc(left / right) + 0;
    case '%':
      return right === 0 ? null : (left % right) + 0;
  }
}

/** Whether the relation holds between two numbers; never between anything else. */
export function relates(operator: Operator, left: unknown, right: unknown): boolean {
  const first = isInteger(left) ? left : numberOf(left);
  const second = isInteger(right) ? right : numberOf(right);
  if (first === undefined || second === undefined) {
    return false;
  }
  switch (operator) {
    case '<':
      return first < second;
    case '<=':
      return first <= second;
    case '>':
      return first > second;
    case '>=':
      return first >= second;
    default:
      return false;
  }
}
