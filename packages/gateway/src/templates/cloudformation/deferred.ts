/**
 * Values that are known only when resources exist: the id of an API, and every text made with it. An
 * intrinsic over such a value waits with it; all others are worked out when a template is read.
 */
export interface Reference {
  readonly logicalId: string;
  /** Of `Fn::GetAtt`; `Ref` has none. */
  readonly attribute?: string;
}

/** What a reference stands for, once resources exist. */
export type Lookup = (reference: Reference) => unknown;

export class Deferred {
  readonly references: readonly Reference[];
  readonly #compute: (lookup: Lookup) => unknown;

  constructor(references: readonly Reference[], compute: (lookup: Lookup) => unknown) {
    this.references = references;
    this.#compute = compute;
  }

  settle(lookup: Lookup): unknown {
    return this.#compute(lookup);
  }
}

export function deferredReference(reference: Reference): Deferred {
  return new Deferred([reference], (lookup) => lookup(reference));
}

/** `compute(value)` now, or a value that computes it as soon as everything in `value` is known. */
export function whenKnown(value: unknown, compute: (known: unknown) => unknown): unknown {
  const references = referencesIn(value);
  if (references.length === 0) return compute(value);
  return new Deferred(references, (lookup) => compute(settle(value, lookup)));
}

/** `value` with everything in it known. */
export function settle(value: unknown, lookup: Lookup): unknown {
  if (value instanceof Deferred) return value.settle(lookup);
  if (Array.isArray(value)) return value.map((each) => settle(each, lookup));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, settle(each, lookup)]),
  );
}

/** Every reference that `value` waits for. */
export function referencesIn(value: unknown): readonly Reference[] {
  if (value instanceof Deferred) return value.references;
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(referencesIn);
}
