/**
 * Properties of a template as fields of the wire: `RouteKey` becomes `routeKey`, the text `"29000"` a
 * number where one is due, the schema of a model a text. Names are known by the tables of
 * `resources/`; whether a value is allowed is for the control plane to say.
 */
import type { Field, Rule } from '../../resources/field.ts';
import { isObject } from '../../resources/read-fields.ts';
import type { Dictionary } from '../../resources/record.ts';
import { Deferred } from '../cloudformation/deferred.ts';
import type { Path } from '../problem.ts';
import { didYouMean } from '../suggest.ts';
import { parentsOf, propertyName, type ResourceKind, wireName } from './resource-kind.ts';

export type Fail = (path: Path, message: string) => Error;

export interface WireProperties {
  /** Physical ids of what the resource lives in, by property. */
  readonly parents: Dictionary<string>;
  readonly wanted: Dictionary<unknown>;
}

/**
 * Throws what `fail` makes of the first problem. What still waits for other resources is passed over:
 * called before they exist, this is a check of everything else.
 */
export function wireProperties(
  kind: ResourceKind,
  properties: Dictionary<unknown>,
  fail: Fail,
): WireProperties {
  const parentNames = parentsOf(kind);
  const own = Object.entries(properties).filter(
    ([name]) => !parentNames.includes(name) && !kind.unused?.includes(name),
  );
  // Before what is missing: it may be there, misspelled.
  const wanted = readMembers(kind.fields, own, [], kind, fail);
  const missing = kind.required.find((name) => !Object.hasOwn(properties, name));
  if (missing !== undefined) throw fail([], `${missing} is missing`);
  const parents = parentNames.map((name) => {
    const value = properties[name];
    return [name, value instanceof Deferred ? '' : asText(value, [name], fail)] as const;
  });
  return { parents: Object.fromEntries(parents), wanted };
}

function readMembers(
  fields: readonly Field[],
  entries: readonly (readonly [string, unknown])[],
  path: Path,
  kind: ResourceKind | undefined,
  fail: Fail,
): Dictionary<unknown> {
  const read = entries.flatMap(([name, value]) => {
    const field = fields.find((one) => one.name === wireName(name, kind?.renamed));
    if (!field || name !== propertyName(field.name, kind?.renamed)) {
      const own = fields.map((one) => propertyName(one.name, kind?.renamed));
      const known = kind ? [...own, ...parentsOf(kind), ...(kind.unused ?? [])] : own;
      throw fail([...path, name], `unknown property${didYouMean(name, known)}`);
    }
    // CDK writes `IntegrationUri: ""` for a mock, which says nothing.
    const saysNothing = value === '' && field.kind === 'text' && !field.isClearable;
    if (saysNothing && field.lengthMin !== undefined && kind) return [];
    const isTagList = field.name === 'tags' && Array.isArray(value);
    const isSchema = field.name === 'schema' && isObject(value);
    const plain = isTagList
      ? tagMap(value, [...path, name], fail)
      : isSchema
        ? JSON.stringify(value)
        : value;
    return [[field.name, readValue(field, plain, [...path, name], fail)] as const];
  });
  return Object.fromEntries(read);
}

function readValue(rule: Rule, value: unknown, path: Path, fail: Fail): unknown {
  if (value instanceof Deferred) return value;
  switch (rule.kind) {
    case 'text':
      return asText(value, path, fail);
    case 'flag':
      return asFlag(value, path, fail);
    case 'number':
      return asNumber(value, path, fail);
    case 'list': {
      const list = Array.isArray(value) ? value : [value];
      return list.map((item, index) => readValue(rule.of, item, [...path, index], fail));
    }
    case 'map':
      return Object.fromEntries(
        entriesOf(value, path, fail).map(([key, entry]) => [
          key,
          readValue(rule.of, entry, [...path, key], fail),
        ]),
      );
    case 'object':
      return readMembers(rule.members, entriesOf(value, path, fail), path, undefined, fail);
    case 'json':
      return value;
  }
}

/** `[{ Key, Value }]`, as most of CloudFormation writes tags. */
function tagMap(list: readonly unknown[], path: Path, fail: Fail): Dictionary<unknown> {
  const entries = list.map((tag, index) => {
    if (isObject(tag) && typeof tag.Key === 'string') return [tag.Key, tag.Value ?? ''] as const;
    throw fail([...path, index], 'must have Key and Value');
  });
  return Object.fromEntries(entries);
}

function entriesOf(value: unknown, path: Path, fail: Fail): [string, unknown][] {
  if (isObject(value)) return Object.entries(value);
  throw fail(path, 'must be a mapping');
}

function asText(value: unknown, path: Path, fail: Fail): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw fail(path, 'must be text');
}

function asFlag(value: unknown, path: Path, fail: Fail): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw fail(path, 'must be true or false');
}

function asNumber(value: unknown, path: Path, fail: Fail): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && !Number.isNaN(number)) return number;
  throw fail(path, 'must be a number');
}
