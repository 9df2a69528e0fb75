import type { Keyword } from './keywords.ts';
import { type Check, descend, occurs } from './run.ts';
import { patternOf } from './scalar-keywords.ts';
import { isSchemaObject } from './schema-index.ts';

type Members = Readonly<Record<string, unknown>>;

/** Applies to objects alone. */
const ofObject =
  (check: (value: Members, run: Parameters<Check>[1]) => void): Check =>
  (value, run) => {
    if (isSchemaObject(value)) check(value, run);
  };

const required: Keyword = ({ required }) => {
  if (!Array.isArray(required)) return undefined;
  const names = required.filter((name) => typeof name === 'string');
  return ofObject((value, run) => {
    const missing = names.filter((name) => !Object.hasOwn(value, name));
    if (missing.length === 0) return;
    run.errors.push(`object has missing required properties (${JSON.stringify(missing)})`);
  });
};

/** `properties`, `patternProperties` and `additionalProperties`: which schemas a member meets. */
const properties: Keyword = (schema, within) => {
  const { additionalProperties } = schema;
  const named = new Map(entries(schema.properties).map(([name, one]) => [name, within(one)]));
  const patterns = entries(schema.patternProperties).map(
    ([text, one]) => [patternOf(text), within(one)] as const,
  );
  if (named.size === 0 && patterns.length === 0 && additionalProperties === undefined) {
    return undefined;
  }
  const further = within(additionalProperties);
  return ofObject((value, run) => {
    const strangers: string[] = [];
    for (const [name, member] of Object.entries(value)) {
      const own = named.get(name);
      if (own) descend(own, member, run);
      let isKnown = own !== undefined;
      for (const [pattern, check] of patterns) {
        if (!occurs(pattern, name, run)) continue;
        isKnown = true;
        descend(check, member, run);
      }
      if (isKnown) continue;
      if (additionalProperties === false) strangers.push(name);
      else descend(further, member, run);
    }
    if (strangers.length === 0) return;
    const names = JSON.stringify(strangers);
    run.errors.push(`object instance has properties which are not allowed by the schema: ${names}`);
  });
};

const maxProperties: Keyword = ({ maxProperties }) => {
  if (typeof maxProperties !== 'number') return undefined;
  return ofObject((value, run) => {
    const count = Object.keys(value).length;
    if (count <= maxProperties) return;
    run.errors.push(
      `object has too many properties (found ${count} but schema requires at most ${maxProperties})`,
    );
  });
};

const minProperties: Keyword = ({ minProperties }) => {
  if (typeof minProperties !== 'number') return undefined;
  return ofObject((value, run) => {
    const count = Object.keys(value).length;
    if (count >= minProperties) return;
    run.errors.push(
      `object has too few properties (found ${count} but schema requires at least ${minProperties})`,
    );
  });
};

const dependencies: Keyword = ({ dependencies }, within) => {
  const all = entries(dependencies).map(([name, needed]) => {
    const names = Array.isArray(needed) ? needed.filter((one) => typeof one === 'string') : [];
    return { name, names, check: Array.isArray(needed) ? undefined : within(needed) };
  });
  if (all.length === 0) return undefined;
  return ofObject((value, run) => {
    for (const { name, names, check } of all) {
      if (!Object.hasOwn(value, name)) continue;
      if (check) descend(check, value, run);
      const missing = names.filter((one) => !Object.hasOwn(value, one));
      if (missing.length === 0) continue;
      const list = JSON.stringify(missing);
      run.errors.push(
        `property ${JSON.stringify(name)} of object has missing property dependencies (${list})`,
      );
    }
  });
};

const entries = (value: unknown): [string, unknown][] =>
  isSchemaObject(value) ? Object.entries(value) : [];

export const objectKeywords: readonly Keyword[] = [
  required,
  properties,
  maxProperties,
  minProperties,
  dependencies,
];
