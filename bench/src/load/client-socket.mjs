import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { encodeFrame, FrameReader, OPCODE } from '../wire/frames.mjs';
import { assertLoopback } from '../wire/loopback.mjs';

/** Keys and what they are answered with, made before anything is measured and used in turn. */
const KEYS = Array.from({ length: 1024 }, (_, number) => {
  const key = Buffer.from(`postern${String(number).padStart(9, '0')}`).toString('base64');
  const text = `${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  return { key, accept: createHash('sha1').update(text).digest('base64') };
});
let keysUsed = 0;
const HANDSHAKE_MILLIS_MAX = 30_000;
/** For want of a port the kernel refuses before anything is sent. On loopback one is free again after a second. */
const NO_PORT = ['EADDRNOTAVAIL', 'EADDRINUSE'];
const NO_PORT_PAUSE_MILLIS = 20;
const CLOSE_FRAME = encodeFrame(OPCODE.close, Buffer.from([0x03, 0xe8]));

/** Bytes are handled before the next read, so all sockets read into the same memory. */
const READ_BUFFER = Buffer.allocUnsafeSlow(65_536);

/** @typedef {{ host: string, port: number, path: string, localAddress?: string }} Address */

/**
 * @typedef {object} ClientSocketEvents
 * @property {(bytes: Buffer, start: number, end: number) => void} onText
 * @property {(kind: string, sample: string) => void} onFault
 * @property {boolean} [takesBinary] a binary frame is as good as text; otherwise it is a fault
 */

/** One WebSocket client on a raw TCP socket: handshake, masked frames out, text frames in. */
export class ClientSocket {
  #address;
  #events;
  #frames = new FrameReader((opcode, bytes, start, end) => {
    this.#onFrame(opcode, bytes, start, end);
  });
  /** The handshake's answer so far; null once it is complete. @type {string | null} */
  #head = '';
  #closing = false;
  #key;
  /** @type {import('node:net').Socket | null} */
  #socket = null;

  /**
   * @param {Address} address
   * @param {ClientSocketEvents} events
   */
  constructor(address, events) {
    assertLoopback(address.host);
    this.#address = address;
    this.#key = KEYS[keysUsed % KEYS.length];
    keysUsed += 1;
    this.#events = events;
  }

  /**
   * Connects and upgrades; rejects when that is refused or takes over ten seconds.
   *
   * @returns {Promise<void>}
   */
  open() {
    const giveUpAt = performance.now() + HANDSHAKE_MILLIS_MAX;
    return new Promise((resolve, reject) => this.#connect(giveUpAt, resolve, reject));
  }

  /**
   * Waits for a port where there is none: that is this tool's affair and no fault of the server's.
   *
   * @param {number} giveUpAt
   * @param {() => void} resolve
   * @param {(error: Error) => void} reject
   */
  #connect(giveUpAt, resolve, reject) {
    const { host, port, path, localAddress } = this.#address;
    let hasPort = true;
    const socket = connect({
      host,
      port,
      ...(localAddress !== undefined && { localAddress }),
      noDelay: true,
      onread: { buffer: READ_BUFFER, callback: (length) => this.#onRead(length, resolve) },
    });
    this.#socket = socket;
    socket.setTimeout(HANDSHAKE_MILLIS_MAX, () => socket.destroy(new Error('handshake too slow')));
    socket.once('connect', () =>
      socket.write(upgradeRequest(`${host}:${port}`, path, this.#key.key)),
    );
    socket.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      hasPort = !NO_PORT.includes(error.code ?? '') || performance.now() > giveUpAt;
      if (!hasPort) return;
      if (!this.#closing) this.#events.onFault('socket error', error.message);
      reject(error);
    });
    socket.once('close', () => {
      if (!hasPort && !this.#closing) {
        setTimeout(() => this.#connect(giveUpAt, resolve, reject), NO_PORT_PAUSE_MILLIS);
        return;
      }
      if (!this.#closing) this.#events.onFault('socket closed by the gateway', '');
      reject(new Error('closed during the handshake'));
    });
  }

  /** @param {Buffer} frame already encoded */
  write(frame) {
    this.#socket?.write(frame);
  }

  close() {
    this.#closing = true;
    this.#socket?.end(CLOSE_FRAME);
    this.#socket?.destroySoon();
  }

  /**
   * Says goodbye and waits until the server has said it too.
   *
   * @param {() => void} onGone
   */
  leave(onGone) {
    this.#closing = true;
    this.#socket?.setTimeout(HANDSHAKE_MILLIS_MAX, () => {
      this.#events.onFault('a goodbye went unanswered', '');
      this.#socket?.destroy();
    });
    this.#socket?.once('close', onGone);
    this.#socket?.end(CLOSE_FRAME);
  }

  /**
   * Goes without a word: a reset leaves nothing behind, where a goodbye keeps the port for a minute.
   *
   * @param {() => void} onGone
   */
  drop(onGone) {
    this.#closing = true;
    if (this.#socket === null || this.#socket.destroyed) return onGone();
    this.#socket.once('close', onGone);
    this.#socket.resetAndDestroy();
  }

  /**
   * @param {number} length bytes now in the read buffer
   * @param {() => void} onOpen
   */
  #onRead(length, onOpen) {
    const bytes = READ_BUFFER.subarray(0, length);
    try {
      if (this.#head === null) this.#frames.push(bytes);
      else this.#onHandshake(this.#head + bytes.toString('latin1'), onOpen);
    } catch (error) {
      this.#socket?.destroy(error instanceof Error ? error : new Error(String(error)));
    }
    return true;
  }

  /**
   * @param {string} text everything read so far
   * @param {() => void} onOpen
   */
  #onHandshake(text, onOpen) {
    this.#head = text;
    const headEnd = text.indexOf('\r\n\r\n');
    if (headEnd === -1) return;
    assertAccepted(text.slice(0, headEnd), this.#key.accept);
    this.#head = null;
    this.#socket?.setTimeout(0);
    onOpen();
    this.#frames.push(Buffer.from(text.slice(headEnd + 4), 'latin1'));
  }

  /** @type {(opcode: number, bytes: Buffer, start: number, end: number) => void} */
  #onFrame(opcode, bytes, start, end) {
    const isBinary = opcode === OPCODE.binary && this.#events.takesBinary === true;
    if (opcode === OPCODE.text || isBinary) {
      this.#events.onText(bytes, start, end);
    } else if (opcode === OPCODE.ping) {
      this.write(encodeFrame(OPCODE.pong, bytes.subarray(start, end)));
    } else if (opcode !== OPCODE.pong && !(this.#closing && opcode === OPCODE.close)) {
      const sample = bytes.toString('latin1', start, end);
      this.#events.onFault(`frame with opcode ${opcode}`, sample);
    }
  }
}

/**
 * @param {string} host
 * @param {string} path
 * @param {string} key
 */
function upgradeRequest(host, path, key) {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${key}`,
    '\r\n',
  ].join('\r\n');
}

/**
 * @param {string} head
 * @param {string} accept
 */
function assertAccepted(head, accept) {
  if (!head.startsWith('HTTP/1.1 101 ')) {
    throw new Error(`handshake refused: ${head.split('\r\n', 1)[0]}`);
  }
  if (!head.includes(accept)) throw new Error('wrong Sec-WebSocket-Accept');
}
