import { connect } from 'node:net';
import { assertLoopback } from '../wire/loopback.mjs';

/** Sockets that may break every rule. They reconnect as long as their attack lasts. */

/**
 * @typedef {object} Target
 * @property {string} host
 * @property {number} port
 * @property {string} path of the stage
 */

/**
 * @param {Target} target
 * @param {readonly string[]} [lines] further headers
 */
export function handshakeText({ host, port, path }, lines = []) {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...lines,
    '\r\n',
  ].join('\r\n');
}

/**
 * A masked frame of any kind; the mask is zero.
 *
 * @param {Buffer | string} payload
 * @param {{ fin?: boolean, rsv1?: boolean, opcode?: number }} [kind]
 */
export function frame(payload, { fin = true, rsv1 = false, opcode = 1 } = {}) {
  const data = Buffer.from(payload);
  const head = Buffer.alloc(data.length < 126 ? 6 : 8);
  head[0] = (fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | opcode;
  head[1] = 0x80 | (data.length < 126 ? data.length : 126);
  if (data.length >= 126) head.writeUInt16BE(data.length, 2);
  return Buffer.concat([head, data]);
}

/** A crowd of connections that all do the same, anew whenever one has ended. */
export class Crowd {
  /** @type {Set<import('node:net').Socket>} */
  #sockets = new Set();
  #isOver = false;

  /**
   * @param {Target} target
   * @param {number} count
   * @param {(socket: import('node:net').Socket) => void} act once connected
   */
  constructor(target, count, act) {
    assertLoopback(target.host);
    const { host, port } = target;
    const open = () => {
      if (this.#isOver) return;
      const socket = connect({ host, port, noDelay: true }, () => act(socket));
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        setTimeout(open, 20);
      });
    };
    for (let opened = 0; opened < count; opened += 1) setTimeout(open, opened % 500);
  }

  stop() {
    this.#isOver = true;
    for (const socket of this.#sockets) socket.destroy();
  }
}

/**
 * Writes the same bytes again and again, as fast as they are taken.
 *
 * @param {import('node:net').Socket} socket
 * @param {Buffer | string} bytes
 */
export function flood(socket, bytes) {
  const more = () => {
    if (socket.destroyed) return;
    while (socket.write(bytes)) {
      // Until the system takes no more; then when it does again.
      if (socket.writableLength > 1_000_000) break;
    }
  };
  socket.on('drain', more);
  more();
}
