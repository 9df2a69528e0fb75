/**
 * The fields of a resource as people may write them in `postern.yaml`: the wire's names and kinds of
 * values, from the tables of `resources/`. Whether a value is allowed is for the control plane to say.
 */
import { z } from 'zod';
import type { Field, FieldTable, Rule } from '../resources/field.ts';
import { strict } from './problem.ts';

/**
 * Each field of the table as an optional key, without those that are given another way. To the compiler
 * the shape is empty: what was written is handed on by name, as a dictionary.
 */
export function fieldsShape<Resource>(
  table: FieldTable<Resource, string>,
  without: readonly string[] = [],
): Record<never, never> {
  const fields = table.fields.filter(
    ({ name, httpOnly, isWriteOnly }) => !httpOnly && !isWriteOnly && !without.includes(name),
  );
  return Object.fromEntries(fields.map((field) => [field.name, ruleSchema(field).optional()]));
}

function ruleSchema(rule: Rule): z.ZodType {
  switch (rule.kind) {
    case 'text':
      return rule.oneOf
        ? z.enum(rule.oneOf as [string, ...string[]], { error: `one of ${rule.oneOf.join(', ')}` })
        : z.string({ error: 'text' });
    case 'flag':
      return z.boolean({ error: 'true or false' });
    case 'number':
      return z.number({ error: 'a number' });
    case 'list':
      return z.array(ruleSchema(rule.of), { error: 'a list' });
    case 'map':
      return z.record(z.string(), ruleSchema(rule.of), { error: 'a mapping' });
    case 'object':
      return strict(membersShape(rule.members));
    case 'json':
      return z.unknown();
  }
}

function membersShape(members: readonly Field[]): Record<string, z.ZodOptional<z.ZodType>> {
  return Object.fromEntries(members.map((field) => [field.name, ruleSchema(field).optional()]));
}
