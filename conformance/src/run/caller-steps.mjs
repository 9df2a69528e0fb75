import { setTimeout as sleep } from 'node:timers/promises';
import { fill, fillAll } from '../match/placeholders.mjs';
import { Difference } from '../match/values.mjs';
import { callHttp } from '../wire/http-call.mjs';
import { bytesOf } from './client-steps.mjs';
import { expectAnswer } from './expect-answer.mjs';

/** Steps of a caller: the management API and the control plane. */

/** @typedef {import('./world.mjs').World} World */

const RETRY_PAUSE_MILLIS = 50;

/**
 * @param {World} world
 * @param {any} step
 */
export async function push(world, { push: what, to, hex, headers, ...options }) {
  const body = hex ? Buffer.from(what.replace(/\s/g, ''), 'hex') : bytesOf(what ?? '', world);
  const id = to ?? '{{connectionId}}';
  await manage(world, 'POST', id, { ...options, headers, body }, 200);
}

/**
 * @param {World} world
 * @param {any} step
 */
export async function get(world, { get: id, ...options }) {
  await manage(world, 'GET', id ?? '{{connectionId}}', options, 200);
}

/**
 * @param {World} world
 * @param {any} step
 */
export async function deleteConnection(world, { delete: id, ...options }) {
  await manage(world, 'DELETE', id ?? '{{connectionId}}', options, 204);
}

/**
 * Any call: `METHOD /path`, of the control plane unless `at` says otherwise. Paths of `management`
 * begin at the API's endpoint, those of `host` at the root of its host. With `retry` it is repeated
 * until the answer is as expected, for what takes a moment to be in force.
 *
 * @param {World} world
 * @param {any} step
 */
export async function call(world, { retry, ...step }) {
  const until = Date.now() + (retry ? world.target.patienceMillis : 0);
  for (;;) {
    try {
      return await callOnce(world, step);
    } catch (error) {
      if (!(error instanceof Difference) || Date.now() >= until) throw error;
      await sleep(RETRY_PAUSE_MILLIS);
    }
  }
}

/**
 * @param {World} world
 * @param {any} step
 */
async function callOnce(world, { call: line, at = 'control', headers, body, sign, expect }) {
  const { variables, target } = world;
  const [method, ...rest] = fill(line, variables).split(' ');
  const path = rest.join(' ');
  const isControl = at === 'control';
  const base = isControl ? target.controlUrl : callbackUrl(world);
  const prefix = at === 'management' ? base.pathname.replace(/\/$/, '') : '';
  const isJson = typeof body === 'object' && body !== null;
  const answer = await callHttp({
    method,
    url: new URL(`${prefix}${path}`, base),
    headers: {
      ...(isControl && body !== undefined && { 'content-type': 'application/json' }),
      ...fillAll(headers ?? {}, variables),
    },
    body: isJson ? JSON.stringify(fillAll(body, variables)) : fill(body ?? '', variables),
    ...signature(world, sign, isControl ? 'apigateway' : 'execute-api'),
    patienceMillis: target.patienceMillis,
  });
  expectAnswer(`${method} ${path}`, expect, 200, answer, variables);
}

/**
 * @param {World} world
 * @param {string} method
 * @param {string} id with placeholders
 * @param {any} options
 * @param {number} defaultStatus
 */
async function manage(world, method, id, options, defaultStatus) {
  const { variables, target } = world;
  const base = callbackUrl(world);
  const stage = fill(options.stage ?? '{{stage}}', variables);
  const path = `/${stage}/@connections/${encodeURIComponent(fill(id, variables))}`;
  const answer = await callHttp({
    method,
    url: new URL(`${base.pathname.replace(/\/$/, '')}${path}`, base),
    headers: fillAll(options.headers ?? {}, variables),
    body: options.body ?? '',
    ...signature(world, options.sign, 'execute-api'),
    patienceMillis: target.patienceMillis,
  });
  expectAnswer(`${method} @connections`, options.expect, defaultStatus, answer, variables);
}

/** Where `@connections` of the API begin: its endpoint, spoken to in HTTP. */
function callbackUrl(/** @type {World} */ { endpoint }) {
  return new URL(endpoint.href.replace(/^ws/, 'http'));
}

/**
 * @param {World} world
 * @param {string | false | undefined} sign `false`: not at all; a text: as this user
 * @param {string} service
 */
function signature({ target }, sign, service) {
  if (sign === false) return {};
  const credentials = sign === undefined ? target.credentials : target.users[sign];
  if (!credentials) throw new Error(`there is no user "${sign}"`);
  return { sign: { credentials, region: target.region, service } };
}
