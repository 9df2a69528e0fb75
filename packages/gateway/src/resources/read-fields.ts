import {
  type Field,
  type FieldTable,
  jsonDepthMax,
  type ListRule,
  listEntriesMax,
  type MapRule,
  type NumberRule,
  type ObjectRule,
  type Rule,
  type TextRule,
  textLengthMax,
} from './field.ts';
import { badRequest } from './problems.ts';
import { type Dictionary, own } from './record.ts';

/**
 * What a request body says about a resource, checked against its table. Fields that are absent or
 * null are absent from the result; fields the table does not name are ignored. Throws a
 * `BadRequestException` at the first problem. `lenient` checks types, sets of words and sizes only.
 */
export function readFields<Resource, WriteOnly extends string = never>(
  table: FieldTable<Resource, WriteOnly>,
  body: Dictionary<unknown>,
  mode: 'create' | 'update',
  lenient: boolean,
): Asked<Resource, WriteOnly> {
  return readMembers(table.fields, body, mode, lenient, '') as Asked<Resource, WriteOnly>;
}

type Asked<Resource, WriteOnly extends string> = Partial<Resource> &
  Partial<Record<WriteOnly, unknown>>;

function readMembers(
  fields: readonly Field[],
  body: Dictionary<unknown>,
  mode: 'create' | 'update',
  lenient: boolean,
  path: string,
): Record<string, unknown> {
  const entries: [string, unknown][] = [];
  for (const field of fields) {
    if (field.only !== undefined && field.only !== mode) continue;
    const value = own(body, field.name);
    if (value === undefined || value === null) {
      if (mode === 'create' && field.required !== undefined) throw badRequest(field.required);
      continue;
    }
    if (field.httpOnly !== undefined && !lenient) {
      throw badRequest(`${field.httpOnly} is not supported for WEBSOCKET protocolType`);
    }
    entries.push([field.name, readValue(field, value, lenient, path + field.name, field.name)]);
  }
  return Object.fromEntries(entries);
}

/** `path` is how messages call the value, `name` its last part: the field's name or the map key. */
function readValue(
  rule: Rule,
  value: unknown,
  lenient: boolean,
  path: string,
  name: string,
): unknown {
  switch (rule.kind) {
    case 'text':
      return readText(rule, value, lenient, path, name);
    case 'flag':
      if (typeof value !== 'boolean') throw invalid(path, 'Must be true or false');
      return value;
    case 'number':
      return readNumber(rule, value, path);
    case 'list':
      return readList(rule, value, lenient, path);
    case 'map':
      return readMap(rule, value, lenient, path);
    case 'object':
      return readObject(rule, value, lenient, path);
    case 'json':
      if (isDeeperThan(value, jsonDepthMax)) {
        throw invalid(path, `Must be at most ${jsonDepthMax} levels deep`);
      }
      return value;
  }
}

function readText(
  rule: TextRule,
  value: unknown,
  lenient: boolean,
  path: string,
  name: string,
): string {
  if (typeof value !== 'string') throw invalid(path, 'Must be a string');
  if (value === '' && rule.isClearable) return value;
  const { lengthMin = 0, lengthMax = textLengthMax, oneOf, matches } = rule;
  const sentence =
    value.length < lengthMin || value.length > lengthMax
      ? `Must be ${lengthMin} to ${lengthMax} characters long`
      : oneOf && !oneOf.includes(value)
        ? `Must be one of [${oneOf.join(', ')}]`
        : !lenient && matches && !matches.test(value)
          ? `Must match ${matches.source}`
          : undefined;
  if (sentence === undefined) return value;
  if (rule.otherwise) throw badRequest(rule.otherwise(value, name));
  throw invalid(path, sentence);
}

function readNumber(rule: NumberRule, value: unknown, path: string): number {
  const { min, max = Number.MAX_SAFE_INTEGER } = rule;
  if (typeof value !== 'number' || (rule.isWhole && !Number.isInteger(value))) {
    throw invalid(path, rule.isWhole ? 'Must be a whole number' : 'Must be a number');
  }
  if (value >= min && value <= max) return value;
  throw rule.otherwise
    ? badRequest(rule.otherwise())
    : invalid(path, `Must be between ${min} and ${max}`);
}

function readList(rule: ListRule, value: unknown, lenient: boolean, path: string): unknown[] {
  if (!Array.isArray(value)) throw invalid(path, 'Must be a list');
  if (value.length > listEntriesMax) {
    throw invalid(path, `Must have at most ${listEntriesMax} entries`);
  }
  return value.map((entry, at) => readValue(rule.of, entry, lenient, `${path}[${at}]`, `${at}`));
}

const anyKey: TextRule = { kind: 'text' };

function readMap(
  rule: MapRule,
  value: unknown,
  lenient: boolean,
  path: string,
): Record<string, unknown> {
  if (!isObject(value)) throw invalid(path, 'Must be a map');
  const entries: [string, unknown][] = [];
  for (const [key, entry] of Object.entries(value)) {
    if (entry === null) continue;
    readText(rule.key ?? anyKey, key, lenient, `${path} key`, key);
    entries.push([key, readValue(rule.of, entry, lenient, `${path}.${key}`, key)]);
  }
  const map = Object.fromEntries(entries);
  const problem = lenient ? undefined : rule.check?.(map);
  if (problem !== undefined) throw badRequest(problem);
  return map;
}

function readObject(
  rule: ObjectRule,
  value: unknown,
  lenient: boolean,
  path: string,
): Record<string, unknown> {
  if (!isObject(value)) throw invalid(path, 'Must be an object');
  return readMembers(rule.members, value, 'update', lenient, `${path}.`);
}

export function isObject(value: unknown): value is Dictionary<unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((child) => isDeeperThan(child, levels - 1));
}

function invalid(path: string, sentence: string) {
  return badRequest(`Invalid ${path} specified. ${sentence}`);
}
