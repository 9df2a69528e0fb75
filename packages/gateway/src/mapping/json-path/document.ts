/**
 * What paths walk over: strings, numbers, booleans, null, arrays, and objects in either of two
 * forms, a plain object as `JSON.parse` makes it or a `Map`, which keeps the written order of
 * every key and is what mapping templates use. Nothing else of a JavaScript object is reachable.
 */
export type DocumentMap = ReadonlyMap<string, unknown> | { readonly [name: string]: unknown };

/** A number written with a fraction or an exponent, where `1.0` has to stay apart from `1`. */
export class Decimal {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

export function isMap(value: unknown): value is DocumentMap {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Decimal)
  );
}

/** The member of that name, `undefined` when there is none: own members only. */
export function lookUp(map: DocumentMap, name: string): unknown {
  if (map instanceof Map) {
    return map.get(name);
  }
  const object = map as { readonly [name: string]: unknown };
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

export function namesOf(map: DocumentMap): readonly string[] {
  return map instanceof Map ? [...map.keys()] : Object.keys(map);
}

/** The members of those names that exist, as a new object of the same form. */
export function pick(map: DocumentMap, names: readonly string[]): DocumentMap {
  const present = names
    .map((name) => [name, lookUp(map, name)] as const)
    .filter(([, value]) => value !== undefined);
  return map instanceof Map ? new Map(present) : Object.fromEntries(present);
}

/** The number a value is, `undefined` when it is none. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') {
    return value;
  }
  if (typeof value === 'bigint') {
    return Number(value);
  }
  return value instanceof Decimal ? value.value : undefined;
}
