import { Decimal } from '../json-path/document.ts';
import type { Budget } from './budget.ts';
import { HostObject } from './host-object.ts';
import { collectionMethods, listMethods } from './list-methods.ts';
import { mapMethods, put } from './map-methods.ts';
import { callFrom, throwJava } from './method-table.ts';
import { booleanMethods, decimalMethods, integerMethods } from './number-methods.ts';
import { stringMethods } from './string-methods.ts';
import { textOf } from './text.ts';
import { Cursor, Entry, isInteger, JavaSet } from './values.ts';

/**
 * The whole of what a template can reach from a value. Each kind of value has a closed table; no
 * member of a JavaScript object is ever looked up. `undefined` means: there is no such member.
 */
export function callMethod(
  self: unknown,
  name: string,
  values: readonly unknown[],
  budget: Budget,
): unknown {
  if (typeof self === 'string') {
    return callFrom(stringMethods, self, name, values, budget);
  }
  if (Array.isArray(self)) {
    const table = self instanceof JavaSet ? collectionMethods : listMethods;
    return callFrom(table, self, name, values, budget);
  }
  if (self instanceof Map) {
    return callFrom(mapMethods, self, name, values, budget);
  }
  if (isInteger(self)) {
    return callFrom(integerMethods, self, name, values, budget);
  }
  if (self instanceof Decimal) {
    return callFrom(decimalMethods, self, name, values, budget);
  }
  if (typeof self === 'boolean') {
    return callFrom(booleanMethods, self, name, values, budget);
  }
  if (self instanceof HostObject) {
    return self.methods.get(name)?.(values, budget);
  }
  return values.length === 0 ? callSmall(self, name, budget) : undefined;
}

/** Entries and iterators, whose few methods take no arguments. */
function callSmall(self: unknown, name: string, budget: Budget): unknown {
  if (self instanceof Entry) {
    switch (name) {
      case 'getKey':
        return self.key;
      case 'getValue':
        return self.value;
      case 'toString':
        return textOf(self, budget);
      default:
        return undefined;
    }
  }
  if (self instanceof Cursor) {
    switch (name) {
      case 'hasNext':
        return self.next < self.elements.length;
      case 'next':
        return self.next < self.elements.length
          ? self.elements[self.next++]
          : throwJava('No such element');
      default:
        return undefined;
    }
  }
  return undefined;
}

/** `$value.name`: a member of a map, or what Velocity finds as `getName()` or `isName()`. */
export function readProperty(self: unknown, name: string): unknown {
  if (self instanceof Map) {
    return self.get(name);
  }
  if (self instanceof Entry) {
    return name === 'key' ? self.key : name === 'value' ? self.value : undefined;
  }
  if (self instanceof HostObject) {
    return self.properties.get(name)?.();
  }
  if (name === 'empty' && (typeof self === 'string' || Array.isArray(self))) {
    return self.length === 0;
  }
  return undefined;
}

/** `$value[index]`: a place of a list, negative from the end, or a member of a map. */
export function readIndex(self: unknown, index: unknown): unknown {
  const at = fromEnd(self, index);
  if (self instanceof Map) {
    return self.get(at);
  }
  if (Array.isArray(self) && !(self instanceof JavaSet) && typeof at === 'number') {
    return at >= 0 && at < self.length
      ? self[at]
      : throwJava(`Index ${index} out of bounds for length ${self.length}`);
  }
  return undefined;
}

/** A negative index counts from the end, which only what has a size can have. */
function fromEnd(self: unknown, index: unknown): unknown {
  if (typeof index !== 'number' || index >= 0) {
    return index;
  }
  if (self instanceof Map) {
    return self.size + index;
  }
  return Array.isArray(self) ? self.length + index : throwJava('A negative index needs a size');
}

/** `#set($value.name = …)`: maps only. */
export function writeProperty(self: unknown, name: string, value: unknown, budget: Budget): void {
  if (self instanceof Map) {
    put(self, name, value, budget);
  }
}

/** `#set($value[index] = …)`: existing places of lists, and maps. */
export function writeIndex(self: unknown, index: unknown, value: unknown, budget: Budget): void {
  const at = fromEnd(self, index);
  if (self instanceof Map) {
    put(self, at, value, budget);
  } else if (Array.isArray(self) && !(self instanceof JavaSet) && typeof at === 'number') {
    if (at < 0 || at >= self.length) {
      throwJava(`Index ${index} out of bounds for length ${self.length}`);
    }
    self[at] = value;
  }
}
