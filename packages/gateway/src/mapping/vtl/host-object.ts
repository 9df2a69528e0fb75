import type { Budget } from './budget.ts';

/** A method of a host object. `undefined` says that there is no such method for these arguments. */
export type HostMethod = (values: readonly unknown[], budget: Budget) => unknown;

/** Something the gateway gives to templates: `$input`, `$util`, `$foreach`. A closed table. */
export class HostObject {
  /** What it prints as. */
  readonly text: string;
  readonly properties: ReadonlyMap<string, () => unknown>;
  readonly methods: ReadonlyMap<string, HostMethod>;

  constructor(
    text: string,
    properties: Readonly<Record<string, () => unknown>>,
    methods: Readonly<Record<string, HostMethod>>,
  ) {
    this.text = text;
    this.properties = new Map(Object.entries(properties));
    this.methods = new Map(Object.entries(methods));
  }
}
