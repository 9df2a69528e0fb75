import { randomBytes } from 'node:crypto';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Arrivals } from './arrivals.mjs';
import { closePayload, decodeFrame, encodeFrame, OPCODES } from './frames.mjs';
import { headerMap, parseHead } from './http-head.mjs';

/**
 * A WebSocket client that hides nothing: it shows the answer to the handshake header by header and
 * each frame as it came, and sends whatever a case asks for, legal or not.
 */

/**
 * @typedef {object} HandshakeAnswer
 * @property {number} status
 * @property {string[]} rawHeaders
 * @property {string} body empty after a 101
 */

/**
 * @typedef {{ kind: 'message', text: string, frames: import('./frames.mjs').Frame[] }
 *   | { kind: 'close', code: number, reason: string }
 *   | { kind: 'pong' | 'ping', text: string }
 *   | { kind: 'end' }} Arrival
 */

export class ClientSocket {
  /** @type {Arrivals<Arrival>} */
  arrivals = new Arrivals();
  #socket;
  /** @type {Buffer} */
  #bytes = Buffer.alloc(0);
  /** @type {import('./frames.mjs').Frame[]} */
  #fragments = [];
  #sentClose = false;
  #ended = false;

  /**
   * @param {import('node:net').Socket} socket
   * @param {Buffer} rest what followed the 101
   */
  constructor(socket, rest) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.once('close', () => this.#end());
    this.#receive(rest);
  }

  /**
   * Sends a frame.
   *
   * @param {number} opcode
   * @param {Buffer} payload
   * @param {Parameters<typeof encodeFrame>[2]} [form]
   */
  send(opcode, payload, form) {
    this.#socket.write(encodeFrame(opcode, payload, form));
  }

  /** @param {{ code?: number, reason?: string }} close */
  close(close) {
    this.#sentClose = true;
    this.send(OPCODES.close, closePayload(close));
  }

  /** Ends the TCP connection without a close frame. */
  drop() {
    this.#socket.destroy();
  }

  /** @param {Buffer} chunk */
  #receive(chunk) {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    for (let found = decodeFrame(this.#bytes); found; found = decodeFrame(this.#bytes)) {
      this.#bytes = found.rest;
      this.#accept(found.frame);
    }
  }

  /** @param {import('./frames.mjs').Frame} frame */
  #accept(frame) {
    const { opcode, payload, fin } = frame;
    if (opcode === OPCODES.close) {
      const code = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
      if (!this.#sentClose) this.close(code === 1005 ? {} : { code });
      this.#socket.end();
      this.arrivals.add({ kind: 'close', code, reason: payload.subarray(2).toString() });
    } else if (opcode === OPCODES.ping) {
      this.send(OPCODES.pong, payload);
      this.arrivals.add({ kind: 'ping', text: payload.toString() });
    } else if (opcode === OPCODES.pong) {
      this.arrivals.add({ kind: 'pong', text: payload.toString() });
    } else {
      this.#fragments.push(frame);
      if (!fin) return;
      const frames = this.#fragments;
      this.#fragments = [];
      const text = Buffer.concat(frames.map((one) => one.payload)).toString();
      this.arrivals.add({ kind: 'message', text, frames });
    }
  }

  #end() {
    if (this.#ended) return;
    this.#ended = true;
    this.arrivals.add({ kind: 'end' });
  }
}

/**
 * Asks for an upgrade. Header names and values travel as they are given.
 *
 * @param {URL} url
 * @param {{ target?: string, method?: string, headers: readonly (readonly [string, string])[],
 *   patienceMillis: number }} request `target`: the request target, when it is not the URL's
 * @returns {Promise<{ answer: HandshakeAnswer, socket?: ClientSocket }>}
 */
export async function openWebSocket(url, { target, method = 'GET', headers, patienceMillis }) {
  const socket = await connect(url, patienceMillis);
  const path = target ?? `${url.pathname}${url.search}`;
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  const { head, rest } = await readHead(socket, patienceMillis);
  if (head.status === 101) {
    return { answer: { ...head, body: '' }, socket: new ClientSocket(socket, rest) };
  }
  return { answer: { ...head, body: await readBody(socket, head, rest, patienceMillis) } };
}

/** The headers every WebSocket client sends. */
export function upgradeHeaders(/** @type {string} */ host) {
  return {
    Host: host,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    'Sec-WebSocket-Version': '13',
  };
}

/**
 * @param {URL} url
 * @param {number} patienceMillis
 * @returns {Promise<import('node:net').Socket>}
 */
function connect(url, patienceMillis) {
  const isTls = url.protocol === 'wss:' || url.protocol === 'https:';
  const port = Number(url.port || (isTls ? 443 : 80));
  return new Promise((resolve, reject) => {
    const options = { host: url.hostname, port, servername: url.hostname };
    const socket = isTls
      ? connectTls(options, () => done())
      : connectTcp({ host: url.hostname, port }, () => done());
    const timer = setTimeout(() => fail(new Error('no connection in time')), patienceMillis);
    const done = () => {
      clearTimeout(timer);
      // A reset after this point is an end like any other: what arrived before it counts.
      socket.on('error', () => {});
      socket.setNoDelay(true);
      resolve(socket);
    };
    const fail = (/** @type {Error} */ error) => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    socket.once('error', fail);
  });
}

/**
 * @param {import('node:net').Socket} socket
 * @param {number} patienceMillis
 * @returns {Promise<{ head: import('./http-head.mjs').Head, rest: Buffer }>}
 */
function readHead(socket, patienceMillis) {
  return readUntil(
    socket,
    Buffer.alloc(0),
    patienceMillis,
    parseHead,
    'an answer to the handshake',
  );
}

/**
 * @param {import('node:net').Socket} socket
 * @param {import('./http-head.mjs').Head} head
 * @param {Buffer} rest
 * @param {number} patienceMillis
 */
async function readBody(socket, { rawHeaders }, rest, patienceMillis) {
  const length = Number(headerMap(rawHeaders)['content-length'] ?? 0);
  const whole = (/** @type {Buffer} */ bytes) => (bytes.length >= length ? bytes : undefined);
  const body = await readUntil(socket, rest, patienceMillis, whole, 'the body of the refusal');
  socket.destroy();
  return body.toString();
}

/**
 * @template T
 * @param {import('node:net').Socket} socket
 * @param {Buffer} start
 * @param {number} patienceMillis
 * @param {(bytes: Buffer) => T | undefined} parse
 * @param {string} what
 * @returns {Promise<T>}
 */
function readUntil(socket, start, patienceMillis, parse, what) {
  let bytes = start;
  const early = parse(bytes);
  if (early !== undefined) return Promise.resolve(early);
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      socket.off('data', onData);
      socket.off('close', onClose);
    };
    const onData = (/** @type {Buffer} */ chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      const parsed = parse(bytes);
      if (parsed === undefined) return;
      stop();
      resolve(parsed);
    };
    const fail = (/** @type {string} */ why) => {
      stop();
      socket.destroy();
      reject(new Error(`${what} ${why}`));
    };
    const onClose = () => fail('did not come: the connection ended');
    const timer = setTimeout(() => fail(`did not come in ${patienceMillis} ms`), patienceMillis);
    socket.on('data', onData);
    socket.once('close', onClose);
  });
}
