/**
 * The keywords of draft 4, each a function from a schema to its check, or `undefined` where the schema
 * does not have it or has it in no form that means anything. The words are those of AWS's validator.
 */

import { arrayKeywords } from './array-keywords.ts';
import type { CompileWithin } from './compile-node.ts';
import { objectKeywords } from './object-keywords.ts';
import { type Check, descend, passes, spend } from './run.ts';
import { canonical } from './same-value.ts';
import { scalarKeywords } from './scalar-keywords.ts';
import { isSchemaObject, type SchemaObject } from './schema-index.ts';

export type Keyword = (schema: SchemaObject, within: CompileWithin) => Check | undefined;

const type: Keyword = ({ type }) => {
  const allowed = (Array.isArray(type) ? type : [type]).filter((name) => typeof name === 'string');
  if (type === undefined || allowed.length === 0) return undefined;
  const names = JSON.stringify([...allowed].sort());
  return (value, run) => {
    const name = typeOf(value);
    if (allowed.includes(name) || (name === 'integer' && allowed.includes('number'))) return;
    run.errors.push(
      `instance type (${name}) does not match any allowed primitive type (allowed: ${names})`,
    );
  };
};

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

const enumeration: Keyword = ({ enum: values }) => {
  if (!Array.isArray(values)) return undefined;
  const allowed = new Set(values.map((value) => canonical(value)));
  const possible = JSON.stringify(values);
  return (value, run) => {
    spend(run);
    if (allowed.has(canonical(value, run))) return;
    run.errors.push(
      `instance value (${JSON.stringify(value)}) not found in enum (possible values: ${possible})`,
    );
  };
};

const allOf: Keyword = ({ allOf }, within) => {
  if (!Array.isArray(allOf)) return undefined;
  const checks = allOf.map(within);
  return (value, run) => {
    for (const check of checks) descend(check, value, run);
  };
};

const anyOf: Keyword = ({ anyOf }, within) => {
  if (!Array.isArray(anyOf)) return undefined;
  const checks = anyOf.map(within);
  return (value, run) => {
    if (checks.some((check) => passes(check, value, run))) return;
    run.errors.push(`instance failed to match at least one required schema among ${checks.length}`);
  };
};

const oneOf: Keyword = ({ oneOf }, within) => {
  if (!Array.isArray(oneOf)) return undefined;
  const checks = oneOf.map(within);
  return (value, run) => {
    const matched = checks.filter((check) => passes(check, value, run)).length;
    if (matched === 1) return;
    run.errors.push(
      `instance failed to match exactly one schema (matched ${matched} out of ${checks.length})`,
    );
  };
};

const not: Keyword = (schema, within) => {
  if (!isSchemaObject(schema.not)) return undefined;
  const check = within(schema.not);
  return (value, run) => {
    if (passes(check, value, run))
      run.errors.push('instance matched a schema which it should not have');
  };
};

export const keywords: readonly Keyword[] = [
  type,
  enumeration,
  ...scalarKeywords,
  ...arrayKeywords,
  ...objectKeywords,
  allOf,
  anyOf,
  oneOf,
  not,
];
