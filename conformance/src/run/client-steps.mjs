import { setTimeout as sleep } from 'node:timers/promises';
import { fill } from '../match/placeholders.mjs';
import { Difference, expectBytes, expectText, expectValue } from '../match/values.mjs';
import { OPCODES } from '../wire/frames.mjs';
import { signedHeaders } from '../wire/sign.mjs';
import { openWebSocket, upgradeHeaders } from '../wire/web-socket.mjs';
import { expectAnswer, parseJson } from './expect-answer.mjs';

/** Steps of a client: the handshake, frames in both directions, and how it ends. */

/** @typedef {import('./world.mjs').World} World */

/**
 * @param {World} world
 * @param {any} step
 */
export async function connect(world, { connect: place, as = 'client', ...options }) {
  const { variables, target, endpoint, stage } = world;
  const path = `${endpoint.pathname.replace(/\/$/, '')}${fill(place ?? `/${stage}`, variables)}`;
  const url = new URL(path, endpoint);
  world.connecting = as;
  const { answer, socket } = await openWebSocket(url, {
    target: options.target === undefined ? path : fill(options.target, variables),
    method: options.method,
    headers: await handshakeHeaders(world, url, options),
    patienceMillis: target.patienceMillis,
  });
  world.connecting = '';
  if (socket) world.sockets.set(as, socket);
  expectAnswer('the handshake', options.expect, 101, answer, variables);
}

/**
 * @typedef {object} HandshakeOptions
 * @property {Record<string, string | string[]>} [headers]
 * @property {string[]} [without] names of headers every client sends, and this one does not
 * @property {string} [protocols]
 * @property {string} [sign] as this user
 */

/**
 * @param {World} world
 * @param {URL} url
 * @param {HandshakeOptions} options
 * @returns {Promise<[string, string][]>}
 */
async function handshakeHeaders(world, url, { headers = {}, without = [], protocols, sign }) {
  const { endpoint, variables, target } = world;
  const named = Object.entries(headers);
  /** What the case gives itself replaces what every client sends. */
  const replaced = new Set([...named.map(([name]) => name), ...without].map(lowerCase));
  const own = Object.entries(upgradeHeaders(endpoint.host)).filter(
    ([name]) => !replaced.has(lowerCase(name)),
  );
  /** @type {[string, string][]} */
  const offer = protocols === undefined ? [] : [['Sec-WebSocket-Protocol', protocols]];
  return [
    ...own,
    ...offer,
    ...(sign === undefined ? [] : await signature(target, url, sign)),
    ...named.flatMap(([name, values]) =>
      [values]
        .flat()
        .map((value) => /** @type {[string, string]} */ ([name, fill(value, variables)])),
    ),
  ];
}

/**
 * @param {import('./world.mjs').Target} target
 * @param {URL} url
 * @param {string} user
 * @returns {Promise<[string, string][]>}
 */
async function signature({ region, users }, url, user) {
  const scope = { credentials: users[user], region, service: 'execute-api' };
  const headers = await signedHeaders({ method: 'GET', url, headers: {}, body: '' }, scope);
  return Object.entries(headers).filter(([name]) => name !== 'host');
}

/**
 * @param {World} world
 * @param {any} step
 */
export async function send(world, { send: what, as, hex, fragments, ...form }) {
  const socket = socketOf(world, as);
  const bytes = hex ? Buffer.from(what.replace(/\s/g, ''), 'hex') : bytesOf(what, world);
  const opcode = typeof form.opcode === 'number' ? form.opcode : opcodeOf(form.opcode ?? 'text');
  const sizes = fragments ?? [bytes.length];
  let at = 0;
  for (const [index, size] of sizes.entries()) {
    const piece = bytes.subarray(at, at + size);
    at += size;
    socket.send(index === 0 ? opcode : OPCODES.continuation, piece, {
      fin: index === sizes.length - 1,
      masked: form.unmasked !== true,
      reserved: form.reserved === true,
    });
  }
}

/**
 * @param {World} world
 * @param {any} step
 */
export async function ping(world, { ping: text, as }) {
  socketOf(world, as).send(OPCODES.ping, Buffer.from(text));
  const arrival = await nextArrival(world, as, 'a pong');
  if (arrival.kind !== 'pong' || arrival.text !== text) {
    throw new Difference('what came', { kind: 'pong', text }, arrival);
  }
}

/**
 * @param {World} world
 * @param {any} step
 */
export async function frame(world, { frame: text, as, frames, json, exactly }) {
  if (text === 'none') return expectSilence(world, as);
  const { variables } = world;
  const message = await nextMessage(world, as);
  if (typeof text === 'string') expectText('the message', text, message.text, variables);
  else if (text) expectBytes('the message', bytesOf(text, world), message.text);
  if (json !== undefined) {
    expectValue('the message', json, parseJson('the message', message.text), variables);
  }
  if (exactly !== undefined) {
    const value = parseJson('the message', message.text);
    expectValue('the message', exactly, value, variables, { exactly: true });
  }
  if (frames === undefined) return;
  const got = message.frames.map((one) => ({
    opcode: opcodeName(one.opcode),
    bytes: one.payload.length,
  }));
  expectValue('the frames', frames, got, variables);
}

/**
 * Messages that may come in any order.
 *
 * @param {World} world
 * @param {any} step
 */
export async function frames(world, { frames: texts, as }) {
  const left = [...texts];
  while (left.length > 0) {
    const { text } = await nextMessage(world, as);
    const at = left.findIndex((expected) => matches(expected, text, world));
    if (at < 0) throw new Difference('a message', left, text);
    left.splice(at, 1);
  }
}

/**
 * @param {World} world
 * @param {any} step
 */
export async function close(world, { close: how, as, hex }) {
  const socket = socketOf(world, as);
  if (hex) socket.send(OPCODES.close, Buffer.from(hex.replace(/\s/g, ''), 'hex'));
  else socket.close(how ?? {});
}

/**
 * @param {World} world
 * @param {any} step
 */
export async function closed(world, { closed: expected, as }) {
  const arrival = await nextArrival(world, as, 'the end of the connection');
  const got =
    arrival.kind === 'close' ? { code: arrival.code, reason: arrival.reason } : arrival.kind;
  if (expected === 'dropped') {
    if (got !== 'end') throw new Difference('how it ended', 'dropped', got);
    return;
  }
  if (arrival.kind !== 'close') throw new Difference('how it ended', expected, arrival);
  expectValue('the close frame', expected, got, world.variables);
}

/**
 * @param {World} world
 * @param {any} step
 */
export async function drop(world, { drop: as }) {
  socketOf(world, as ?? undefined).drop();
}

/**
 * A text, or `{ repeat, bytes }` for one that is too long to write down.
 *
 * @param {any} what
 * @param {World} world
 */
export function bytesOf(what, { variables }) {
  if (typeof what === 'string') return Buffer.from(fill(what, variables));
  const { repeat, bytes, before = '', after = '' } = what;
  const filler = bytes - Buffer.byteLength(before) - Buffer.byteLength(after);
  return Buffer.concat([Buffer.from(before), Buffer.alloc(filler, repeat), Buffer.from(after)]);
}

/**
 * @param {World} world
 * @param {string} [as]
 */
async function expectSilence(world, as) {
  await sleep(world.target.quietMillis);
  const { arrivals } = socketOf(world, as);
  if (arrivals.length > 0) throw new Difference('what came', undefined, arrivals.peek());
}

/**
 * @param {World} world
 * @param {string} [as]
 */
async function nextMessage(world, as) {
  const arrival = await nextArrival(world, as, 'a message');
  if (arrival.kind !== 'message') throw new Difference('what came', 'a message', arrival);
  return arrival;
}

/**
 * @param {World} world
 * @param {string | undefined} as
 * @param {string} what
 */
function nextArrival(world, as, what) {
  return socketOf(world, as).arrivals.next(what, world.target.patienceMillis);
}

/**
 * @param {World} world
 * @param {string} [as]
 */
function socketOf({ sockets }, as = 'client') {
  const socket = sockets.get(as);
  if (!socket) throw new Error(`there is no open client "${as}"`);
  return socket;
}

/**
 * @param {string} expected
 * @param {string} text
 * @param {World} world
 */
function matches(expected, text, { variables }) {
  try {
    expectText('', expected, text, variables);
    return true;
  } catch {
    return false;
  }
}

const lowerCase = (/** @type {string} */ name) => name.toLowerCase();

/** @param {string} name */
function opcodeOf(name) {
  const opcode = Object.entries(OPCODES).find(([known]) => known === name)?.[1];
  if (opcode === undefined) throw new Error(`there is no opcode "${name}"`);
  return opcode;
}

/** @param {number} opcode */
function opcodeName(opcode) {
  return Object.entries(OPCODES).find(([, known]) => known === opcode)?.[0] ?? opcode;
}
