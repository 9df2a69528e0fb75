import { isList, isMap, namesOf, numberOf } from './document.ts';

/**
 * Functions that may end a path: `$.items.length()`, `$..price.sum()`. They came to Jayway after
 * 2.0.0; their results are those of its later versions.
 */
export const functionNames = [
  'length',
  'size',
  'keys',
  'min',
  'max',
  'avg',
  'sum',
  'stddev',
] as const;

export type FunctionName = (typeof functionNames)[number];

/** `undefined` when the function has no meaning for the value, as when the path misses. */
export function applyFunction(name: FunctionName, value: unknown): unknown {
  switch (name) {
    case 'length':
    case 'size':
      return lengthOf(value);
    case 'keys':
      return isMap(value) ? namesOf(value) : undefined;
    default:
      return isList(value) ? statistic(name, value) : undefined;
  }
}

function lengthOf(value: unknown): number | undefined {
  if (isList(value)) {
    return value.length;
  }
  return isMap(value) ? namesOf(value).length : undefined;
}

/** Elements that are no numbers are left out, as Jayway does. */
function statistic(
  name: 'min' | 'max' | 'avg' | 'sum' | 'stddev',
  list: readonly unknown[],
): number | undefined {
  const numbers = list.map(numberOf).filter((number) => number !== undefined);
  if (numbers.length === 0) {
    return undefined;
  }
  const sum = numbers.reduce((total, number) => total + number, 0);
  const mean = sum / numbers.length;
  switch (name) {
    case 'min':
      return numbers.reduce((least, number) => Math.min(least, number));
    case 'max':
      return numbers.reduce((most, number) => Math.max(most, number));
    case 'sum':
      return sum;
    case 'avg':
      return mean;
    case 'stddev': {
      const squares = numbers.reduce((total, number) => total + (number - mean) ** 2, 0);
      return Math.sqrt(squares / numbers.length);
    }
  }
}
