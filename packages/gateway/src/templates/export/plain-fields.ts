import { isDeepStrictEqual } from 'node:util';
import type { FieldTable } from '../../resources/field.ts';
import { type Dictionary, drop, own } from '../../resources/record.ts';
import { CUSTOM_ID_TAG, MARKER_TAGS } from '../../resources/tags.ts';

type Values = Dictionary<unknown>;

/** The fields of a resource that say something: those of its table, and not what holds anyway. */
export function plainFields<Resource>(
  table: FieldTable<Resource, string>,
  resource: Resource,
  without: readonly string[] = [],
): Record<string, unknown> {
  const values = resource as Values;
  const entries = table.fields.flatMap((field) => {
    const value = own(values, field.name);
    if (value === undefined || field.isWriteOnly || without.includes(field.name)) return [];
    const isDefault = field.initial !== undefined && isDeepStrictEqual(value, field.initial);
    return isDefault ? [] : [[field.name, value] as const];
  });
  return Object.fromEntries(entries);
}

/** Tags without those by which this gateway finds its own. */
export function foreignTags(tags: Dictionary<string> = {}): Record<string, string> {
  return drop(tags, (_, key) => key === CUSTOM_ID_TAG || MARKER_TAGS.includes(key));
}
