import { expectSchema } from '../match/schema.mjs';
import { Difference, expectAbsent, expectText, expectValue } from '../match/values.mjs';
import { headerMap } from '../wire/http-head.mjs';

/** Holds an HTTP answer, of whichever door, against the `expect` of a step. */

/**
 * @typedef {object} ExpectedAnswer
 * @property {number} [status]
 * @property {Record<string, string>} [headers] among others
 * @property {string[]} [headerNames] exactly these, in any order and spelling
 * @property {string[]} [absentHeaders]
 * @property {string} [body] byte for byte
 * @property {any} [json] members among others
 * @property {any} [exactly] the JSON and nothing else, in this order
 * @property {string[]} [absent] dotted paths that the JSON does not have
 * @property {string} [schema] of the AsyncAPI document, all of whose properties it has
 * @property {string[]} [except] those it need not have
 */

/**
 * @param {string} what
 * @param {number | ExpectedAnswer | undefined} expected a number is a status alone
 * @param {number} defaultStatus
 * @param {{ status: number, rawHeaders: string[], body: string }} answer
 * @param {import('../match/placeholders.mjs').Variables} variables
 */
export function expectAnswer(what, expected, defaultStatus, answer, variables) {
  /** @type {ExpectedAnswer} */
  const want = typeof expected === 'number' ? { status: expected } : (expected ?? {});
  const { status = defaultStatus, body, json, exactly, absent, schema, except = [] } = want;
  if (answer.status !== status) {
    throw new Difference(`${what}, status`, status, `${answer.status} ${answer.body}`);
  }
  expectHeaders(what, want, answer.rawHeaders, variables);
  if (body !== undefined) expectText(`${what}, body`, body, answer.body, variables);
  if ([json, exactly, absent, schema].every((part) => part === undefined)) return;
  const value = parseJson(`${what}, body`, answer.body);
  if (json !== undefined) expectValue('body', json, value, variables);
  if (exactly !== undefined) expectValue('body', exactly, value, variables, { exactly: true });
  expectAbsent('body', absent ?? [], value);
  if (schema !== undefined) expectSchema('body', schema, value, except);
}

/**
 * @param {string} what
 * @param {{ headers?: Record<string, string>, headerNames?: string[], absentHeaders?: string[] }} want
 * @param {readonly string[]} rawHeaders
 * @param {import('../match/placeholders.mjs').Variables} variables
 */
export function expectHeaders(what, want, rawHeaders, variables) {
  const actual = headerMap(rawHeaders);
  for (const [name, value] of Object.entries(want.headers ?? {})) {
    const got = actual[name.toLowerCase()];
    if (got === undefined) throw new Difference(`${what}, header ${name}`, value, undefined);
    expectText(`${what}, header ${name}`, String(value), got, variables);
  }
  for (const name of want.absentHeaders ?? []) {
    const got = actual[name.toLowerCase()];
    if (got !== undefined) throw new Difference(`${what}, header ${name}`, undefined, got);
  }
  if (want.headerNames === undefined) return;
  const names = want.headerNames.map((name) => name.toLowerCase()).sort();
  const [expected, got] = [names.join(', '), Object.keys(actual).sort().join(', ')];
  if (expected !== got) throw new Difference(`${what}, its headers`, expected, got);
}

/**
 * @param {string} what
 * @param {string} text
 */
export function parseJson(what, text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Difference(what, 'JSON', text);
  }
}
