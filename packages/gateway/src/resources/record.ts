/**
 * Objects used as maps, with keys a stranger chose. Every function here treats `__proto__` and
 * `constructor` as data: reads see own entries only, writes define entries and never call setters.
 */
export type Dictionary<T> = Readonly<Record<string, T>>;

export function own<T>(map: Dictionary<T>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** A copy in which `key` has `value`. A computed key defines an entry, whatever its name. */
export function put<T>(map: Dictionary<T>, key: string, value: T): Record<string, T> {
  return { ...map, [key]: value };
}

/** A copy without the entries for which `isGone` says so. */
export function drop<T>(
  map: Dictionary<T>,
  isGone: (value: T, key: string) => boolean,
): Record<string, T> {
  return Object.fromEntries(Object.entries(map).filter(([key, value]) => !isGone(value, key)));
}

export function without<T>(map: Dictionary<T>, key: string): Record<string, T> {
  return drop(map, (_, name) => name === key);
}

/** Byte order of the keys, which are ASCII where order matters: the same on every node. */
export const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) =>
  a < b ? -1 : 1;
