import { type Field, type FieldTable, type MapRule, mapEntriesMax, type Rule } from './field.ts';
import { badRequest, quotaReached } from './problems.ts';
import { type Dictionary, own } from './record.ts';

type Values = Dictionary<unknown>;

/**
 * A new resource: what the gateway gives it (`start`), the table's defaults, and what was asked for.
 * Creating is patching the defaults, so `""` means the same in both.
 */
export function createFrom<Resource>(
  table: FieldTable<Resource, string>,
  start: Partial<Resource>,
  asked: Partial<Resource>,
): Resource {
  return patch(table, { ...initialOf(table.fields), ...start } as Resource, asked);
}

/**
 * `current` changed by the fields that are present in `asked`, each by its own rule: values are
 * replaced, clearable text goes with `""`, maps and merging objects keep what was not named.
 */
export function patch<Resource>(
  table: FieldTable<Resource, string>,
  current: Resource,
  asked: Partial<Resource>,
): Resource {
  return patchMembers(table.fields, current as Values, asked as Values, '') as Resource;
}

/** One map under its rule, where it changes outside a PATCH: tags. */
export function patchMap(
  rule: MapRule,
  current: Dictionary<string>,
  asked: Dictionary<string>,
): Dictionary<string> {
  return mergeMap(rule, current, asked, 'map') as Dictionary<string>;
}

function patchMembers(fields: readonly Field[], current: Values, asked: Values, path: string) {
  const values = new Map(Object.entries(current));
  for (const field of fields) {
    const value = own(asked, field.name);
    if (value === undefined) continue;
    const next = patchValue(field, values.get(field.name), value, path + field.name);
    const isEmptyMap = field.kind === 'map' && Object.keys(next as Values).length === 0;
    if (next === undefined || (isEmptyMap && field.initial === undefined)) {
      values.delete(field.name);
    } else values.set(field.name, next);
  }
  return Object.fromEntries(values);
}

/** `undefined` when the value is gone. */
function patchValue(rule: Rule, current: unknown, asked: unknown, path: string): unknown {
  if (rule.kind === 'text') return asked === '' && rule.isClearable ? undefined : asked;
  if (rule.kind === 'map') return mergeMap(rule, (current ?? {}) as Values, asked as Values, path);
  if (rule.kind !== 'object') return asked;
  const start = rule.patch === 'merge' ? ((current ?? {}) as Values) : {};
  return patchMembers(rule.members, { ...initialOf(rule.members), ...start }, asked as Values, '');
}

function mergeMap(rule: MapRule, current: Values, asked: Values, path: string): Values {
  const entries = new Map(Object.entries(current));
  for (const [key, value] of Object.entries(asked)) {
    const next = patchValue(rule.of, entries.get(key), value, path);
    if (next === undefined) entries.delete(key);
    else entries.set(key, next);
  }
  const { quota } = rule;
  if (quota && entries.size > quota.max) throw quotaReached(quota.things, quota.owner);
  if (!quota && entries.size > mapEntriesMax) {
    throw badRequest(`Invalid ${path} specified. Must have at most ${mapEntriesMax} entries`);
  }
  return Object.fromEntries(entries);
}

function initialOf(fields: readonly Field[]): Values {
  return Object.fromEntries(
    fields
      .filter((field) => field.initial !== undefined)
      .map((field) => [field.name, field.initial]),
  );
}
