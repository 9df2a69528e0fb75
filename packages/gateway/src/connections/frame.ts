/**
 * Frames as a server sends them, unmasked (RFC 6455, section 5.2). One buffer is one write: the library
 * hands a frame's head and its payload to the socket apart, which costs a gathering of them.
 */
export const opcodes = { continuation: 0, text: 1, binary: 2 } as const;

const FIN = 0x80;
/** Lengths up to here stand in the second byte; longer ones behind it. */
const SHORT_MAX = 125;
const LENGTH_IN_2_BYTES = 126;
const LENGTH_IN_8_BYTES = 127;

export function encodeFrame(opcode: number, isFinal: boolean, payload: Uint8Array): Buffer {
  const { length } = payload;
  const headBytes = length <= SHORT_MAX ? 2 : length <= 0xffff ? 4 : 10;
  const frame = Buffer.allocUnsafe(headBytes + length);
  frame[0] = (isFinal ? FIN : 0) | opcode;
  if (headBytes === 2) {
    frame[1] = length;
  } else if (headBytes === 4) {
    frame[1] = LENGTH_IN_2_BYTES;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = LENGTH_IN_8_BYTES;
    frame.writeUInt32BE(0, 2);
    frame.writeUInt32BE(length, 6);
  }
  frame.set(payload, headBytes);
  return frame;
}
