import { readFileSync } from 'node:fs';
import { Validator } from '@cfworker/json-schema';
import { parse } from 'yaml';
import { Difference } from './values.mjs';

/**
 * Holds an event against its schema in the AsyncAPI document of API Gateway's WebSocket APIs. No
 * schema there requires anything, so every property it names must be present too, but for those the
 * case excepts.
 */

const FILE = new URL('../../schemas/asyncapi.yaml', import.meta.url);

/** @type {any} */
let parsed;

/**
 * @param {string} what
 * @param {string} name of a schema under `components/schemas`
 * @param {unknown} value
 * @param {readonly string[]} except dotted paths that need not be there
 */
export function expectSchema(what, name, value, except) {
  parsed ??= parse(readFileSync(FILE, 'utf8'));
  const { components } = parsed;
  if (!(name in components.schemas)) throw new Error(`there is no schema "${name}"`);
  const root = { $ref: `#/components/schemas/${name}`, components };
  const { valid, errors } = new Validator(root, '2020-12', false).validate(value);
  if (!valid) {
    const problem = errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`);
    throw new Difference(what, name, problem.join('; '));
  }
  const missing = pathsOf({ $ref: root.$ref }, components.schemas).filter(
    (path) => !except.includes(path) && !has(value, path),
  );
  if (missing.length > 0) throw new Difference(`${what}, members of ${name}`, missing, undefined);
}

/**
 * @param {any} schema
 * @param {Record<string, any>} schemas
 * @returns {string[]} dotted paths of every property
 */
function pathsOf(schema, schemas) {
  const { properties = {} } = schema.$ref ? schemas[schema.$ref.split('/').at(-1)] : schema;
  return Object.entries(properties).flatMap(([name, property]) => [
    name,
    ...pathsOf(property, schemas).map((path) => `${name}.${path}`),
  ]);
}

/**
 * @param {any} value
 * @param {string} path
 */
function has(value, path) {
  return path.split('.').reduce((at, key) => at?.[key], value) !== undefined;
}
