import { type Budget, checkElements, spend, spendOnElements } from './budget.ts';
import { javaEquals } from './equality.ts';
import { type MethodTable, method, nothing, throwJava } from './method-table.ts';
import { textOf } from './text.ts';
import { Cursor } from './values.ts';

type List = unknown[];

/** What lists and sets have in common: `java.util.Collection`. */
export const collectionMethods: MethodTable<List> = {
  size: [method([], (list) => list.length)],
  isEmpty: [method([], (list) => list.length === 0)],
  contains: [method(['any'], (list, [value], budget) => indexOf(list, value, budget) >= 0)],
  containsAll: [
    method(['collection'], (list, [others], budget) =>
      others.every((other) => indexOf(list, other, budget) >= 0),
    ),
  ],
  equals: [method(['any'], (list, [other], budget) => javaEquals(list, other, budget))],
  toString: [method([], (list, _, budget) => textOf(list, budget))],
  toArray: [method([], (list, _, budget) => copy(list, budget))],
  iterator: [method([], (list, _, budget) => new Cursor(copy(list, budget)))],
};

/** The methods of `java.util.List` that templates use. */
export const listMethods: MethodTable<List> = {
  ...collectionMethods,
  get: [method(['int'], (list, [at]) => list[inside(list, at)])],
  set: [method(['int', 'any'], (list, [at, value]) => list.splice(inside(list, at), 1, value)[0])],
  add: [
    method(['any'], (list, [value], budget) => insert(list, list.length, [value], budget)),
    method(['int', 'any'], (list, [at, value], budget) => {
      insert(list, at, [value], budget);
      return nothing;
    }),
  ],
  addAll: [
    method(['collection'], (list, [others], budget) => insert(list, list.length, others, budget)),
    method(['int', 'collection'], (list, [at, others], budget) => insert(list, at, others, budget)),
  ],
  indexOf: [method(['any'], (list, [value], budget) => indexOf(list, value, budget))],
  lastIndexOf: [method(['any'], (list, [value], budget) => lastIndexOf(list, value, budget))],
  remove: [
    method(['int'], (list, [at]) => list.splice(inside(list, at), 1)[0]),
    method(['any'], (list, [value], budget) => removeFirst(list, value, budget)),
  ],
  removeAll: [
    method(['collection'], (list, [others], budget) =>
      keep(list, (element) => indexOf(others, element, budget) < 0),
    ),
  ],
  retainAll: [
    method(['collection'], (list, [others], budget) =>
      keep(list, (element) => indexOf(others, element, budget) >= 0),
    ),
  ],
  subList: [
    method(['int', 'int'], (list, [from, to], budget) => {
      if (from < 0 || to > list.length || from > to) {
        throwJava(`fromIndex ${from}, toIndex ${to}, size ${list.length}`);
      }
      spendOnElements(budget, to - from);
      return [...list.slice(from, to)];
    }),
  ],
  clear: [
    method([], (list) => {
      list.length = 0;
      return nothing;
    }),
  ],
};

function inside(list: List, at: number): number {
  return at >= 0 && at < list.length
    ? at
    : throwJava(`Index ${at} out of bounds for length ${list.length}`);
}

function copy(list: List, budget: Budget): List {
  spendOnElements(budget, list.length);
  return Array.from(list);
}

function insert(list: List, at: number, values: readonly unknown[], budget: Budget): boolean {
  if (at < 0 || at > list.length) {
    throwJava(`Index: ${at}, Size: ${list.length}`);
  }
  spendOnElements(budget, list.length - at + values.length);
  checkElements(list.length + values.length);
  const tail = list.splice(at);
  for (const value of [...values, ...tail]) {
    list.push(value);
  }
  return values.length > 0;
}

function indexOf(list: List, value: unknown, budget: Budget): number {
  spend(budget, 1);
  return list.findIndex((element) => javaEquals(element, value, budget));
}

function lastIndexOf(list: List, value: unknown, budget: Budget): number {
  for (let at = list.length - 1; at >= 0; at--) {
    if (javaEquals(list[at], value, budget)) {
      return at;
    }
  }
  return -1;
}

function removeFirst(list: List, value: unknown, budget: Budget): boolean {
  const at = indexOf(list, value, budget);
  if (at >= 0) {
    list.splice(at, 1);
  }
  return at >= 0;
}

function keep(list: List, wanted: (element: unknown) => boolean): boolean {
  const kept = Array.from(list).filter(wanted);
  const changed = kept.length !== list.length;
  list.length = 0;
  for (const element of kept) {
    list.push(element);
  }
  return changed;
}
