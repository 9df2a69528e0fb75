/**
 * The values of a template and the Java objects they stand for: null, strings, booleans, integers
 * (`number` while exact, `bigint` beyond: Integer, Long and BigInteger), `Decimal` (Double), arrays
 * (List), `Map`s (LinkedHashMap) and the few classes of this file. Nothing else ever gets in.
 */
import { integerBitsMax } from './limits.ts';
import { TemplateError } from './template-error.ts';

/** A list that came from JSON: its text is JSON, while that of other lists is Java's. */
export class JsonList extends Array<unknown> {}

/** What `keySet()` and `entrySet()` give: a collection without places. */
export class JavaSet extends Array<unknown> {}

/** One entry of a map. */
export class Entry {
  readonly key: unknown;
  readonly value: unknown;

  constructor(key: unknown, value: unknown) {
    this.key = key;
    this.value = value;
  }
}

/** What `iterator()` gives. */
export class Cursor {
  readonly elements: readonly unknown[];
  next = 0;

  constructor(elements: readonly unknown[]) {
    this.elements = elements;
  }
}

/** The elements of an array copied into a list of the given class, without its spread pitfalls. */
export function listOf<T extends unknown[]>(list: T, elements: Iterable<unknown>): T {
  for (const element of elements) {
    list.push(element);
  }
  return list;
}

export function isInteger(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

const greatest = BigInt(Number.MAX_SAFE_INTEGER);

/** An integer in the form the values of templates have. */
export function integer(value: bigint): number | bigint {
  if (value <= greatest && value >= -greatest) {
    return Number(value);
  }
  if (value.toString(16).length * 4 > integerBitsMax) {
    throw new TemplateError(`An integer is longer than ${integerBitsMax} bits`);
  }
  return value;
}
