import { randomBytes } from 'node:crypto';

/** WebSocket frames as bytes, RFC 6455 section 5.2. A case sees each frame, not only messages. */

export const OPCODES = Object.freeze({
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
});

/**
 * @typedef {object} Frame
 * @property {number} opcode
 * @property {boolean} fin
 * @property {Buffer} payload
 */

/**
 * A frame as a client sends it.
 *
 * @param {number} opcode
 * @param {Buffer} payload
 * @param {{ fin?: boolean, masked?: boolean, reserved?: boolean }} [form]
 */
export function encodeFrame(opcode, payload, { fin = true, masked = true, reserved } = {}) {
  const first = (fin ? 0x80 : 0) | (reserved ? 0x40 : 0) | opcode;
  const maskBit = masked ? 0x80 : 0;
  const head = headOf(first, maskBit, payload.length);
  if (!masked) return Buffer.concat([head, payload]);
  const key = randomBytes(4);
  const body = Buffer.from(payload);
  for (let at = 0; at < body.length; at += 1) body[at] ^= key[at & 3];
  return Buffer.concat([head, key, body]);
}

/**
 * @param {number} first
 * @param {number} maskBit
 * @param {number} length
 */
function headOf(first, maskBit, length) {
  if (length < 126) return Buffer.from([first, maskBit | length]);
  if (length < 65536) return Buffer.from([first, maskBit | 126, length >> 8, length & 255]);
  const head = Buffer.alloc(10);
  head[0] = first;
  head[1] = maskBit | 127;
  head.writeUInt32BE(length, 6);
  return head;
}

/**
 * The first whole frame of what a server sent, and what follows it.
 *
 * @param {Buffer} bytes
 * @returns {{ frame: Frame, rest: Buffer } | undefined}
 */
export function decodeFrame(bytes) {
  if (bytes.length < 2) return undefined;
  let length = bytes[1] & 0x7f;
  let start = 2;
  if (length === 126) {
    if (bytes.length < 4) return undefined;
    length = bytes.readUInt16BE(2);
    start = 4;
  } else if (length === 127) {
    if (bytes.length < 10) return undefined;
    length = Number(bytes.readBigUInt64BE(2));
    start = 10;
  }
  if (bytes.length < start + length) return undefined;
  const frame = {
    opcode: bytes[0] & 15,
    fin: bytes[0] >= 0x80,
    payload: bytes.subarray(start, start + length),
  };
  return { frame, rest: bytes.subarray(start + length) };
}

/** @param {{ code?: number, reason?: string }} close */
export function closePayload({ code, reason = '' }) {
  if (code === undefined) return Buffer.alloc(0);
  return Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]);
}
