import type { FieldTable } from './field.ts';
import { byKey, type Dictionary, own } from './record.ts';

/**
 * A resource as callers see it: the fields its table shows, those that are set, in alphabetical
 * order as AWS sends them. `extra` adds what is known only when answering.
 */
export function viewOf<Resource>(
  table: FieldTable<Resource, string>,
  resource: Resource,
  extra: Dictionary<unknown> = {},
): Dictionary<unknown> {
  const shown = table.fields.filter((field) => !field.isWriteOnly).map((field) => field.name);
  const values = resource as Dictionary<unknown>;
  const entries = [...shown, ...table.given]
    .map((name): [string, unknown] => [name, own(values, name)])
    .filter(([, value]) => value !== undefined);
  const all = [...entries, ...Object.entries(extra)];
  return Object.fromEntries(all.sort(byKey));
}

/**
 * Text fields a PATCH cleared, as `""`. The answer to that PATCH alone repeats them, later reads leave
 * them out: clients of both habits then find what they look for.
 */
export function clearedFields<Resource>(
  table: FieldTable<Resource, string>,
  asked: Partial<Resource>,
): Dictionary<''> {
  const cleared = table.fields.filter(
    (field) =>
      field.kind === 'text' &&
      field.isClearable &&
      !field.isWriteOnly &&
      own(asked as Dictionary<unknown>, field.name) === '',
  );
  return Object.fromEntries(cleared.map((field) => [field.name, '' as const]));
}
