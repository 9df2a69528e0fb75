import { setTimeout as sleep } from 'node:timers/promises';
import { expectSchema } from '../match/schema.mjs';
import {
  Difference,
  expectAbsent,
  expectBytes,
  expectText,
  expectValue,
} from '../match/values.mjs';
import { bytesOf } from './client-steps.mjs';
import { expectHeaders, parseJson } from './expect-answer.mjs';

/** Steps of what stands behind the gateway: the requests a backend and the events a function got. */

/** @typedef {import('./world.mjs').World} World */

/**
 * @param {World} world
 * @param {any} step
 */
export async function request(world, { request: path, none, ...expected }) {
  const { variables, target } = world;
  const arrivals = world.requests(path);
  if (none) return expectNothing(world, `a request to ${path}`, arrivals);
  const got = await arrivals.next(`a request to ${path}`, target.patienceMillis);
  const what = `the request to ${path}`;
  for (const part of /** @type {const} */ (['method', 'query', 'body'])) {
    const want = expected[part];
    if (typeof want === 'string') expectText(`${what}, ${part}`, want, got[part], variables);
    else if (want) expectBytes(`${what}, ${part}`, bytesOf(want, world), got[part]);
  }
  if (expected.hex !== undefined) {
    expectText(`${what}, bytes`, expected.hex, got.bytes.toString('hex'), variables);
  }
  expectHeaders(what, expected, got.rawHeaders, variables);
  for (const name of expected.spelled ?? []) {
    if (!got.rawHeaders.includes(name)) {
      throw new Difference(`${what}, header names`, name, got.rawHeaders);
    }
  }
  if (expected.json === undefined) return;
  expectValue(`${what}, body`, expected.json, parseJson(what, got.body), variables);
}

/**
 * @param {World} world
 * @param {any} step
 */
export async function event(world, { event: name, none, ...expected }) {
  const { variables, target } = world;
  const functionName = name ?? 'handler';
  const arrivals = world.events(functionName);
  if (none) return expectNothing(world, `an event for ${functionName}`, arrivals);
  const got = await arrivals.next(`an event for ${functionName}`, target.patienceMillis);
  expectHeaders('the invocation', expected, got.rawHeaders, variables);
  if (expected.target !== undefined) {
    expectText('the invocation, target', expected.target, got.target, variables);
  }
  if (expected.payload !== undefined) {
    expectText('the event', expected.payload, got.payload, variables);
  }
  const { json, exactly, absent = [], schema, except = [] } = expected;
  if (json === undefined && exactly === undefined && absent.length === 0 && !schema) return;
  const value = parseJson('the event', got.payload);
  if (json !== undefined) expectValue('the event', json, value, variables);
  if (exactly !== undefined) {
    expectValue('the event', exactly, value, variables, { exactly: true });
  }
  expectAbsent('the event', absent, value);
  if (schema) expectSchema('the event', schema, value, except);
}

/**
 * @param {World} world
 * @param {string} what
 * @param {{ length: number, peek: () => unknown }} arrivals
 */
async function expectNothing({ target }, what, arrivals) {
  await sleep(target.quietMillis);
  if (arrivals.length > 0) throw new Difference(what, undefined, arrivals.peek());
}
