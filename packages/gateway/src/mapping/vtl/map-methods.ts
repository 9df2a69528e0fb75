import { type Budget, checkElements, spend, spendOnElements } from './budget.ts';
import { javaEquals } from './equality.ts';
import { type MethodTable, method, nothing } from './method-table.ts';
import { textOf } from './text.ts';
import { Entry, JavaSet, listOf } from './values.ts';

type JavaMap = Map<unknown, unknown>;

/** The methods of `java.util.Map` that templates use. */
export const mapMethods: MethodTable<JavaMap> = {
  get: [method(['any'], (map, [key]) => map.get(key) ?? null)],
  getOrDefault: [
    method(['any', 'any'], (map, [key, other]) => (map.has(key) ? map.get(key) : other)),
  ],
  put: [method(['any', 'any'], (map, [key, value], budget) => put(map, key, value, budget))],
  putIfAbsent: [
    method(['any', 'any'], (map, [key, value], budget) =>
      (map.get(key) ?? null) === null ? put(map, key, value, budget) : map.get(key),
    ),
  ],
  putAll: [
    method(['map'], (map, [others], budget) => {
      for (const [key, value] of [...others]) {
        put(map, key, value, budget);
      }
      return nothing;
    }),
  ],
  remove: [
    method(['any'], (map, [key]) => {
      const value = map.get(key) ?? null;
      map.delete(key);
      return value;
    }),
  ],
  clear: [
    method([], (map) => {
      map.clear();
      return nothing;
    }),
  ],
  size: [method([], (map) => map.size)],
  isEmpty: [method([], (map) => map.size === 0)],
  containsKey: [method(['any'], (map, [key]) => map.has(key))],
  containsValue: [
    method(['any'], (map, [value], budget) =>
      [...map.values()].some((each) => javaEquals(each, value, budget)),
    ),
  ],
  keySet: [method([], (map, _, budget) => view(map, [...map.keys()], budget))],
  values: [method([], (map, _, budget) => view(map, [...map.values()], budget))],
  entrySet: [
    method([], (map, _, budget) =>
      view(
        map,
        [...map].map(([key, value]) => new Entry(key, value)),
        budget,
      ),
    ),
  ],
  equals: [method(['any'], (map, [other], budget) => javaEquals(map, other, budget))],
  toString: [method([], (map, _, budget) => textOf(map, budget))],
};

/** Sets a member and gives the value it had, as Java does. */
export function put(map: JavaMap, key: unknown, value: unknown, budget: Budget): unknown {
  const before = map.get(key) ?? null;
  map.set(key, value);
  spend(budget, 1);
  checkElements(map.size);
  return before;
}

function view(map: JavaMap, elements: readonly unknown[], budget: Budget): JavaSet {
  spendOnElements(budget, map.size);
  return listOf(new JavaSet(), elements);
}
