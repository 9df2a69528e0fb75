/**
 * Frames as a server sends them, unmasked (RFC 6455, section 5.2). One buffer is one write: the library
 * hands a frame's head and its payload to the socket apart, which costs a gathering of them.
 */
import { isUtf8 } from 'node:buffer';

export const opcodes = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
} as const;

/** What a stage says of how a message goes out. */
export interface MessageForm {
  readonly frameBytesMax: number;
  /** Bytes that are not UTF-8 go out as they are. */
  readonly binaryFrames: boolean;
}

/** What of a message travels, and as what: where only text may, bytes that are none become U+FFFD. */
export function payloadOf(bytes: Buffer, { binaryFrames }: MessageForm) {
  const isText = isUtf8(bytes);
  const isBinary = binaryFrames && !isText;
  return { isBinary, payload: isText || isBinary ? bytes : Buffer.from(bytes.toString('utf8')) };
}

/** A whole message; what exceeds a frame continues in further frames, as recorded from AWS. */
export function encodeMessage(bytes: Buffer, form: MessageForm): Buffer {
  const { isBinary, payload } = payloadOf(bytes, form);
  return fragment(isBinary ? opcodes.binary : opcodes.text, payload, form.frameBytesMax);
}

/** `opcode`: of the first frame, with its reserved bits. */
export function fragment(opcode: number, payload: Buffer, frameBytesMax: number): Buffer {
  if (payload.length <= frameBytesMax) return encodeFrame(opcode, true, payload);
  const frames: Buffer[] = [];
  for (let at = 0; at < payload.length; at += frameBytesMax) {
    const part = payload.subarray(at, at + frameBytesMax);
    const isFinal = at + frameBytesMax >= payload.length;
    frames.push(encodeFrame(at > 0 ? opcodes.continuation : opcode, isFinal, part));
  }
  return Buffer.concat(frames);
}

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
