/**
 * What must change of an existing resource so that it is as its template wants it. Compared is what the
 * template says now, and what it said before and no longer does; anything else about the resource
 * is nobody's business.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Field, MapRule, ObjectRule, Rule } from '../../resources/field.ts';
import { type Dictionary, own } from '../../resources/record.ts';
import type { ResourceKind } from './resource-kind.ts';

type Values = Dictionary<unknown>;

export interface Differences {
  /** Names of the fields that differ. */
  readonly fields: readonly string[];
  /** Body of the PATCH; absent when no PATCH is needed. */
  readonly patch?: Values;
  /** What goes by a call of its own: paths below the resource. */
  readonly removals: readonly string[];
  readonly tags?: TagChanges;
  /** No call can make the change: only another resource can be as wanted. */
  readonly mustReplace: boolean;
}

export interface TagChanges {
  readonly set: Dictionary<string>;
  readonly removed: readonly string[];
}

interface Resource {
  readonly wanted: Values;
  /** What was wanted the last time. */
  readonly last: Values;
  readonly actual: Values;
}

export function differencesOf(kind: ResourceKind, resource: Resource): Differences {
  const { wanted, last, actual } = resource;
  const fields: string[] = [];
  const patch: Record<string, unknown> = {};
  const removals: string[] = [];
  let tags: TagChanges | undefined;
  let mustReplace = false;
  for (const field of kind.fields) {
    const { name } = field;
    const [now, before] = [own(wanted, name), own(last, name)];
    if (now === undefined && before === undefined) continue;
    const is = field.isWriteOnly ? before : own(actual, name);
    const change = name === 'tags' ? undefined : changeOf(kind, field, now, before, is);
    if (name === 'tags') {
      tags = tagChanges(now as Dictionary<string>, before as Dictionary<string>, is);
      if (tags) fields.push(name);
    } else if (change) {
      fields.push(name);
      removals.push(...(change.removals ?? []));
      const isFixed = change.mustReplace && !kind.patchOperations;
      if (isFixed || field.only === 'create') mustReplace = true;
      else if (change.value !== undefined) patch[name] = change.value;
    }
  }
  if (kind.patchOperations && fields.length > 0) {
    const patchOperations = kind.patchOperations(wanted, actual, fields);
    const isPatched = patchOperations.length > 0;
    const rest = { ...(isPatched && { patch: { patchOperations } }), ...(tags && { tags }) };
    return { fields, removals, mustReplace, ...rest };
  }
  const isPatched = Object.keys(patch).length > 0;
  const always = (kind.alwaysSent ?? []).map((name) => [name, own(wanted, name)] as const);
  return {
    fields,
    removals,
    mustReplace,
    ...(isPatched && { patch: { ...Object.fromEntries(always), ...patch } }),
    ...(tags && { tags }),
  };
}

interface Change {
  /** For the PATCH. */
  readonly value?: unknown;
  readonly removals?: readonly string[];
  readonly mustReplace?: boolean;
}

function changeOf(
  kind: ResourceKind,
  field: Field,
  now: unknown,
  before: unknown,
  is: unknown,
): Change | undefined {
  if (field.kind === 'map') return mapChange(kind, field, now as Values, is as Values);
  if (field.kind === 'object' && field.patch === 'merge') {
    return memberChange(kind, field, now as Values, before as Values, is as Values);
  }
  const expected = now ?? own(kind.resets ?? {}, field.name) ?? field.initial;
  if (isSame(field, expected, is)) return undefined;
  if (expected !== undefined) return { value: expected };
  const removal = own(kind.removal ?? {}, field.name);
  if (removal) return { removals: [removal('')] };
  if (field.kind === 'list') return { value: [] };
  if (field.kind === 'text' && field.isClearable) return { value: '' };
  return { mustReplace: true };
}

/** A PATCH sets the entries it names; how an entry goes depends on the map. */
function mapChange(
  kind: ResourceKind,
  field: Field & MapRule,
  now: Values = {},
  is: Values = {},
): Change | undefined {
  // An entry that loses a member is made anew: setting it would keep the member.
  const remade = Object.keys(now).filter((key) => hasMore(field.of, own(is, key), own(now, key)));
  const changed = Object.entries(now).filter(
    ([key, value]) => remade.includes(key) || !isSame(field.of, value, own(is, key)),
  );
  const gone = Object.keys(is).filter((key) => !Object.hasOwn(now, key));
  if (changed.length + gone.length === 0) return undefined;
  const removal = own(kind.removal ?? {}, field.name);
  if (removal) {
    const value = changed.length > 0 ? Object.fromEntries(changed) : undefined;
    const removals = [...gone, ...remade].map(removal);
    return { removals, ...(value && { value }) };
  }
  const isClearable = field.of.kind === 'text' && field.of.isClearable;
  if (gone.length > 0 && !isClearable) return { mustReplace: true };
  return { value: Object.fromEntries([...changed, ...gone.map((key) => [key, ''] as const)]) };
}

function hasMore(rule: Rule, is: unknown, now: unknown): boolean {
  if (rule.kind !== 'object' || rule.patch !== 'merge' || is === undefined) return false;
  return Object.keys(is as Values).some((key) => !Object.hasOwn(now as Values, key));
}

function memberChange(
  kind: ResourceKind,
  field: ObjectRule,
  now: Values = {},
  before: Values = {},
  is: Values = {},
): Change | undefined {
  const named = field.members.filter(
    ({ name }) => Object.hasOwn(now, name) || Object.hasOwn(before, name),
  );
  const changed = named
    .map((member) => ({ member, value: own(now, member.name) ?? kind.resets?.[member.name] }))
    .filter(({ member, value }) => !isSame(member, value, own(is, member.name)))
    .map(({ member, value }) => [member.name, value] as const);
  return changed.length > 0 ? { value: Object.fromEntries(changed) } : undefined;
}

/**
 * Whether storing `wanted` would change nothing about `actual`. Of objects only those members are
 * compared that are wanted: the control plane completes some of them.
 */
function isSame(rule: Rule, wanted: unknown, actual: unknown): boolean {
  // Where an empty text clears nothing it is a value, such as an empty request template.
  const isValue = rule.kind === 'text' && !rule.isClearable;
  const [one, other] = [wanted, actual].map((each) => (isValue ? each : emptyAsNothing(each)));
  if (one === undefined || other === undefined) return one === other;
  if (rule.kind === 'list') return isSameList(rule.of, one as unknown[], other as unknown[]);
  if (rule.kind === 'map') {
    const [ours, theirs] = [one as Values, other as Values];
    const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
    return [...keys].every((key) => isSame(rule.of, own(ours, key), own(theirs, key)));
  }
  if (rule.kind !== 'object') return isDeepStrictEqual(one, other);
  return rule.members.every((member) => {
    const value = own(one as Values, member.name) ?? member.initial;
    return value === undefined || isSame(member, value, own(other as Values, member.name));
  });
}

function isSameList(rule: Rule, one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, at) => isSame(rule, item, other[at]));
}

/** Where the wire has nothing, a template may say an empty text, list or map. */
function emptyAsNothing(value: unknown): unknown {
  if (value === '') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  return Object.keys(value).length === 0 ? undefined : value;
}

function tagChanges(
  now: Dictionary<string> = {},
  before: Dictionary<string> = {},
  is: unknown,
): TagChanges | undefined {
  const actual = (is ?? {}) as Dictionary<string>;
  const set = Object.entries(now).filter(([key, value]) => own(actual, key) !== value);
  const removed = Object.keys(before).filter(
    (key) => !Object.hasOwn(now, key) && Object.hasOwn(actual, key),
  );
  if (set.length + removed.length === 0) return undefined;
  return { set: Object.fromEntries(set), removed };
}
