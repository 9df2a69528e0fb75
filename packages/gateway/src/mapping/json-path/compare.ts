import { numberOf } from './document.ts';

/**
 * Orders two values of a filter the way Jayway does: negative, zero or positive, `undefined` when
 * they cannot be compared. Text compared with a number or a boolean is read as one, so that the
 * filters `@.price == 8` and `@.price == '8'` are the same; null equals the text `null`.
 */
export function compare(left: unknown, right: unknown): number | undefined {
  const leftNull = left === null || left === 'null';
  const rightNull = right === null || right === 'null';
  if (leftNull || rightNull) {
    return Number(rightNull) - Number(leftNull);
  }
  if (typeof left === 'string' && typeof right === 'string') {
    return order(left, right);
  }
  if (typeof left === 'boolean' || typeof right === 'boolean') {
    return orderIfBoth(booleanOf(left), booleanOf(right));
  }
  return orderIfBoth(comparableNumber(left), comparableNumber(right));
}

function order<T extends string | number | boolean>(left: T, right: T): number {
  if (left === right) {
    return 0;
  }
  return left < right ? -1 : 1;
}

function orderIfBoth<T extends number | boolean>(
  left: T | undefined,
  right: T | undefined,
): number | undefined {
  return left === undefined || right === undefined ? undefined : order(left, right);
}

function booleanOf(value: unknown): boolean | undefined {
  if (typeof value === 'string') {
    return value.toLowerCase() === 'true';
  }
  return typeof value === 'boolean' ? value : undefined;
}

const decimalNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function comparableNumber(value: unknown): number | undefined {
  if (typeof value === 'string') {
    return decimalNumber.test(value) ? Number(value) : undefined;
  }
  return numberOf(value);
}
