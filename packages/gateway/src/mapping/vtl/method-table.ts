import { Decimal } from '../json-path/document.ts';
import type { Budget } from './budget.ts';
import { TemplateError } from './template-error.ts';
import { isInteger } from './values.ts';

/**
 * The methods of one kind of value. A name has one entry for each number and kind of arguments, as
 * in Java; a call for which there is none leads nowhere, like a reference to an unknown variable.
 */
export type MethodTable<T> = Readonly<Record<string, readonly Overload<T>[]>>;

export interface Overload<T> {
  readonly parameters: readonly ParameterKind[];
  readonly call: (self: T, values: never[], budget: Budget) => unknown;
}

/** Null is an error for every kind but `any` and `string?`. */
export type ParameterKind = 'int' | 'string' | 'string?' | 'collection' | 'map' | 'any';

interface KindTypes {
  readonly int: number;
  readonly string: string;
  readonly 'string?': string | null;
  readonly collection: unknown[];
  readonly map: Map<unknown, unknown>;
  readonly any: unknown;
}

type ArgumentsOf<P extends readonly ParameterKind[]> = { [I in keyof P]: KindTypes[P[I]] };

/** One entry of a table: the kinds of its arguments and what it does with them. */
export function method<T, const P extends readonly ParameterKind[]>(
  parameters: P,
  call: (self: T, values: ArgumentsOf<P>, budget: Budget) => unknown,
): Overload<T> {
  return { parameters, call: call as unknown as Overload<T>['call'] };
}

/** Calls a method, `undefined` when the table has none for these arguments. */
export function callFrom<T>(
  table: MethodTable<T>,
  self: T,
  name: string,
  values: readonly unknown[],
  budget: Budget,
): unknown {
  if (!Object.hasOwn(table, name)) {
    return undefined;
  }
  const overload = table[name]!.find(
    ({ parameters }) =>
      parameters.length === values.length &&
      parameters.every((kind, index) => accepts(kind, values[index])),
  );
  if (overload === undefined) {
    return undefined;
  }
  if (overload.parameters.some((kind, index) => values[index] === null && !nullable(kind))) {
    throw new TemplateError(`Null is no argument for ${name}()`);
  }
  return overload.call(self, values as never[], budget);
}

function nullable(kind: ParameterKind): boolean {
  return kind === 'any' || kind === 'string?';
}

function accepts(kind: ParameterKind, value: unknown): boolean {
  switch (kind) {
    case 'int':
      return typeof value === 'number' && Math.abs(value) <= 0x7fffffff;
    case 'string':
    case 'string?':
      return typeof value === 'string' || value === null;
    case 'collection':
      return Array.isArray(value) || value === null;
    case 'map':
      return value instanceof Map || value === null;
    case 'any':
      return true;
  }
}

/** What a void method gives: it prints nothing, and is no reference that leads nowhere. */
export const nothing = '';

/** What a Java exception becomes: the template fails. */
export function throwJava(exception: string): never {
  throw new TemplateError(exception);
}

/** Whether a value is an Integer, Long, BigInteger or Double. */
export function isNumber(value: unknown): value is number | bigint | Decimal {
  return isInteger(value) || value instanceof Decimal;
}
