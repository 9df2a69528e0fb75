/** The way back from the wire: fields of the control plane as properties of a template. */
import type { Field, Rule } from '../../resources/field.ts';
import { type Dictionary, own } from '../../resources/record.ts';
import { propertyName } from './resource-kind.ts';

/** `values` by the names of properties; what the table does not name is left out. */
export function templateProperties(
  fields: readonly Field[],
  values: Dictionary<unknown>,
  renamed: Dictionary<string> = {},
): Dictionary<unknown> {
  const entries = fields.flatMap((field) => {
    const value = own(values, field.name);
    if (value === undefined) return [];
    return [[propertyName(field.name, renamed), templateValue(field, value)] as const];
  });
  return Object.fromEntries(entries);
}

function templateValue(rule: Rule, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  // What is an intrinsic already stays one.
  if (rule.kind === 'text') return value;
  switch (rule.kind) {
    case 'list':
      return (value as readonly unknown[]).map((item) => templateValue(rule.of, item));
    case 'map':
      return Object.fromEntries(
        Object.entries(value).map(([key, entry]) => [key, templateValue(rule.of, entry)]),
      );
    case 'object':
      return templateProperties(rule.members, value as Dictionary<unknown>);
    default:
      return value;
  }
}
