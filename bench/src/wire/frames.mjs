/**
 * The client's half of RFC 6455 framing, as little of it as the load needs: unfragmented frames
 * up to 65,535 bytes, a constant mask (legal on the wire, and nothing here needs an unguessable
 * one), and a reader for a server's unmasked frames.
 */

export const OPCODE = Object.freeze({ text: 1, binary: 2, close: 8, ping: 9, pong: 10 });

const MASK = Buffer.from([0x5a, 0xa5, 0x3c, 0xc3]);
const FIN = 0x80;
const RESERVED = 0x70;
const CONTINUATION = 0;
const MASKED = 0x80;
const EMPTY = Buffer.alloc(0);

/**
 * One masked frame, ready to be written.
 *
 * @param {number} opcode
 * @param {Buffer} payload at most 65,535 bytes
 * @returns {Buffer}
 */
export function encodeFrame(opcode, payload) {
  if (payload.length > 0xffff) throw new RangeError('a bench frame holds at most 65535 bytes');
  const long = payload.length > 125;
  const headBytes = long ? 4 : 2;
  const frame = Buffer.allocUnsafe(headBytes + MASK.length + payload.length);
  frame[0] = FIN | opcode;
  frame[1] = MASKED | (long ? 126 : payload.length);
  if (long) frame.writeUInt16BE(payload.length, 2);
  MASK.copy(frame, headBytes);
  const start = headBytes + MASK.length;
  for (let index = 0; index < payload.length; index += 1) {
    frame[start + index] = payload[index] ^ MASK[index & 3];
  }
  return frame;
}

/**
 * Cuts a byte stream into a server's frames. `onFrame` gets the opcode and the payload's place in
 * a buffer that is only valid during the call. A message in fragments, which a peer may send, comes as
 * one. A masked, extended or larger frame throws: nobody sends one in these scenarios, so it is a fault
 * to be counted.
 */
export class FrameReader {
  #rest = EMPTY;
  /** Of a message whose end has not come. @type {Buffer[]} */
  #fragments = [];
  #fragmented = 0;
  #onFrame;

  /** @param {(opcode: number, bytes: Buffer, start: number, end: number) => void} onFrame */
  constructor(onFrame) {
    this.#onFrame = onFrame;
  }

  /** @param {Buffer} chunk */
  push(chunk) {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (bytes.length - at >= 2) {
      const start = at + (bytes[at + 1] === 126 ? 4 : 2);
      if (bytes.length < start) break;
      const end = start + payloadLength(bytes, at);
      if (bytes.length < end) break;
      const opcode = bytes[at] & 0x0f;
      const isWhole = opcode !== CONTINUATION && (bytes[at] & FIN) !== 0;
      if (isWhole) this.#onFrame(opcode, bytes, start, end);
      else this.#addFragment(opcode, bytes.subarray(start, end), (bytes[at] & FIN) !== 0);
      at = end;
    }
    this.#rest = at === bytes.length ? EMPTY : Buffer.from(bytes.subarray(at));
  }

  /**
   * @param {number} opcode
   * @param {Buffer} payload
   * @param {boolean} isLast
   */
  #addFragment(opcode, payload, isLast) {
    if (opcode !== CONTINUATION) this.#fragmented = opcode;
    this.#fragments.push(Buffer.from(payload));
    if (!isLast) return;
    const whole = Buffer.concat(this.#fragments.splice(0));
    this.#onFrame(this.#fragmented, whole, 0, whole.length);
  }
}

/**
 * @param {Buffer} bytes
 * @param {number} at where the frame starts
 */
function payloadLength(bytes, at) {
  if ((bytes[at] & RESERVED) !== 0) throw new Error('extended frame from the server');
  const length = bytes[at + 1];
  if (length > 126) throw new Error('masked frame or one over 65535 bytes from the server');
  return length === 126 ? bytes.readUInt16BE(at + 2) : length;
}
