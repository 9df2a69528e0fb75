/** Functions that decide: If, Equals, And, Or, Not, and a reference to a condition. */
import { isDeepStrictEqual } from 'node:util';
import { referencesIn } from './deferred.ts';
import { type Intrinsic, type IntrinsicCall, textOf } from './intrinsic.ts';

const TERMS_MAX = 10;

export const choose: Intrinsic = (call) => {
  const { argument } = call;
  if (!Array.isArray(argument) || argument.length !== 3) {
    throw call.fail('takes a list of three: a condition, a value if it is true, a value if not');
  }
  const [name, ifTrue, ifFalse] = argument as [unknown, unknown, unknown];
  if (typeof name !== 'string') throw call.fail('must be the name of a condition', 0);
  // The other branch may speak of what is not there, so it is not looked at.
  return conditionOf(call, name, 0) ? call.evaluate(ifTrue, 1) : call.evaluate(ifFalse, 2);
};

export const equals: Intrinsic = (call) => {
  const { argument } = call;
  if (!Array.isArray(argument) || argument.length !== 2) {
    throw call.fail('takes a list of two values');
  }
  const [one, other] = argument.map((node, index) => call.evaluate(node, index));
  if (referencesIn([one, other]).length > 0) {
    throw call.fail('a condition cannot speak of resources: they do not exist yet');
  }
  return isDeepStrictEqual(textOf(one) ?? one, textOf(other) ?? other);
};

export const and: Intrinsic = (call) => terms(call, 2).every(Boolean);

export const or: Intrinsic = (call) => terms(call, 2).some(Boolean);

export const not: Intrinsic = (call) => !terms(call, 1)[0];

export const condition: Intrinsic = (call) => {
  if (typeof call.argument !== 'string') throw call.fail('must be the name of a condition');
  return conditionOf(call, call.argument);
};

function terms(call: IntrinsicCall, min: 1 | 2): boolean[] {
  const { argument } = call;
  const max = min === 1 ? 1 : TERMS_MAX;
  if (!Array.isArray(argument) || argument.length < min || argument.length > max) {
    throw call.fail(min === max ? 'takes a list of one condition' : 'takes 2 to 10 conditions');
  }
  return argument.map((node, index) => {
    const value = call.evaluate(node, index);
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    throw call.fail('must be a condition', index);
  });
}

function conditionOf(call: IntrinsicCall, name: string, ...keys: readonly number[]): boolean {
  try {
    return call.scope.condition(name);
  } catch (error) {
    if (error instanceof UnknownCondition) throw call.fail(error.message, ...keys);
    throw error;
  }
}

/** There is no condition of that name. */
export class UnknownCondition extends Error {}
