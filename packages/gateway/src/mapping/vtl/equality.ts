import { Decimal } from '../json-path/document.ts';
import { type Budget, spend } from './budget.ts';
import { valueNestingMax } from './limits.ts';
import { TemplateError } from './template-error.ts';
import { Entry, isInteger } from './values.ts';

/** `Object.equals` of Java: an integer is never equal to a Double, collections by their elements. */
export function javaEquals(left: unknown, right: unknown, budget: Budget, depth = 0): boolean {
  spend(budget, 1);
  if (depth > valueNestingMax) {
    throw new TemplateError(`A value is nested more than ${valueNestingMax} deep`);
  }
  if (left instanceof Decimal && right instanceof Decimal) {
    return Object.is(left.value, right.value);
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    return (
      left.length === right.length &&
      left.every((element, index) => javaEquals(element, right[index], budget, depth + 1))
    );
  }
  if (left instanceof Map && right instanceof Map) {
    return left.size === right.size && haveEqualEntries(left, right, budget, depth);
  }
  if (left instanceof Entry && right instanceof Entry) {
    return (
      javaEquals(left.key, right.key, budget, depth + 1) &&
      javaEquals(left.value, right.value, budget, depth + 1)
    );
  }
  return left === right;
}

function haveEqualEntries(
  left: ReadonlyMap<unknown, unknown>,
  right: ReadonlyMap<unknown, unknown>,
  budget: Budget,
  depth: number,
): boolean {
  for (const [key, value] of left) {
    if (!right.has(key) || !javaEquals(value, right.get(key), budget, depth + 1)) {
      return false;
    }
  }
  return true;
}

/** The number a value stands for, `undefined` when it is none. */
export function numberOf(value: unknown): number | undefined {
  if (isInteger(value)) {
    return Number(value);
  }
  return value instanceof Decimal ? value.value : undefined;
}
