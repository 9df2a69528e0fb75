/**
 * What a resource is made of, as data: one row per field of the wire, with its kind of value, its
 * bounds and what a PATCH does to it. `read-fields.ts` checks a request body against a table,
 * `patch.ts` applies what was read, `view.ts` shows the result.
 */
export interface FieldTable<Resource, WriteOnly extends string = never> {
  /** AWS's noun, such as `Route`. */
  readonly noun: string;
  /** In the order in which problems are reported. */
  readonly fields: readonly Field<Extract<keyof Resource, string> | WriteOnly>[];
  /** Fields the gateway fills in and shows, beside those of `fields`. */
  readonly given: readonly Extract<keyof Resource, string>[];
}

export type Field<Name extends string = string> = Rule & {
  readonly name: Name;
  /** The sentence when a create leaves the field out. Fields without one are optional. */
  readonly required?: string;
  /** Read by this kind of request only; elsewhere ignored, as unknown fields are. */
  readonly only?: 'create' | 'update';
  /** The value when a create leaves the field out. A map with one is shown even when empty. */
  readonly initial?: unknown;
  /** Never shown. */
  readonly isWriteOnly?: true;
  /** HTTP APIs only. Strict mode refuses it with this word; lenient mode stores it as sent. */
  readonly httpOnly?: string;
};

export type Rule = TextRule | FlagRule | NumberRule | ListRule | MapRule | ObjectRule | JsonRule;

export interface TextRule {
  readonly kind: 'text';
  /** In UTF-16 units. */
  readonly lengthMin?: number;
  readonly lengthMax?: number;
  readonly oneOf?: readonly string[];
  /** Checked in strict mode only; sets of words and lengths are checked always. */
  readonly matches?: RegExp;
  /** The sentence for a text that is none of the above; `name` is the field's or the map key. */
  readonly otherwise?: (value: string, name: string) => string;
  /** `""` removes the field, or the entry of a map. */
  readonly isClearable?: true;
}

export interface FlagRule {
  readonly kind: 'flag';
}

export interface NumberRule {
  readonly kind: 'number';
  readonly isWhole?: true;
  readonly min: number;
  readonly max?: number;
  readonly otherwise?: () => string;
}

/** A PATCH replaces it. */
export interface ListRule {
  readonly kind: 'list';
  readonly of: Rule;
}

/** A PATCH sets the keys it names and keeps the others. */
export interface MapRule {
  readonly kind: 'map';
  readonly key?: TextRule;
  readonly of: Rule;
  /** Checked over the whole map in strict mode; a sentence when something is wrong. */
  readonly check?: (map: Readonly<Record<string, unknown>>) => string | undefined;
  /** More entries than this are a full quota; other maps stop at `mapEntriesMax`. */
  readonly quota?: { readonly max: number; readonly things: string; readonly owner: string };
}

export interface ObjectRule {
  readonly kind: 'object';
  readonly members: readonly Field[];
  /** What a PATCH does with members it leaves out. */
  readonly patch: 'replace' | 'merge';
}

/** Any JSON, stored as sent: fields this gateway keeps and does not act on. */
export interface JsonRule {
  readonly kind: 'json';
}

/** Bounds where AWS documents none, so that nothing grows without end. */
export const textLengthMax = 2048;
export const listEntriesMax = 300;
export const mapEntriesMax = 300;
export const jsonDepthMax = 16;
