/**
 * What travels between nodes, and between the processes of one machine: frames, many in a write.
 *
 *   4 bytes  length of what follows
 *   1 byte   kind
 *   4 bytes  number of the request
 *   1 byte   length of the topic, and the topic, in requests and broadcasts
 *   rest     payload
 *
 * A push that is handed over is a frame there and a frame back, so frames are neither objects nor buffers of
 * their own: they are written where they are sent from, and read where they were received.
 */
import { writeAscii } from '../../ambient/short-bytes.ts';

export type FrameKind = 'request' | 'answer' | 'failure' | 'broadcast' | 'hello' | 'farewell';

/** Whoever frames are read for. */
export interface FrameSink {
  /** What follows the number stands in `bytes` from `start` to `end`, and is good until the call returns. */
  frame(kind: FrameKind, id: number, bytes: Buffer, start: number, end: number): void;
}

const KINDS: readonly FrameKind[] = [
  'request',
  'answer',
  'failure',
  'broadcast',
  'hello',
  'farewell',
];
export const FRAME_LENGTH_BYTES = 4;
const HEAD_BYTES = FRAME_LENGTH_BYTES + 1 + 4;
const NOTHING = Buffer.alloc(0);
/** Far above what nodes send; what announces more is no peer of ours. */
const FRAME_BYTES_MAX = 64 * 1024 * 1024;

/** How many bytes `writeFrame` writes. `topic` is empty where the kind has none. */
export function frameBytes(topic: string, payload: Uint8Array): number {
  return HEAD_BYTES + (topic === '' ? 0 : 1 + topic.length) + payload.length;
}

/** Writes a frame into `bytes` at `at`. A topic has at most 255 characters, each a byte. */
export function writeFrame(
  bytes: Buffer,
  at: number,
  kind: FrameKind,
  id: number,
  topic: string,
  payload: Uint8Array,
): void {
  writeNumber(bytes, at, frameBytes(topic, payload) - FRAME_LENGTH_BYTES);
  bytes[at + FRAME_LENGTH_BYTES] = KINDS.indexOf(kind);
  writeNumber(bytes, at + FRAME_LENGTH_BYTES + 1, id);
  let next = at + HEAD_BYTES;
  if (topic !== '') {
    bytes[next] = topic.length;
    next += 1;
    writeAscii(topic, bytes, next);
    next += topic.length;
  }
  // A single byte, which most answers are, is not worth a call.
  if (payload.length === 1) bytes[next] = payload[0]!;
  else bytes.set(payload, next);
}

/** A frame by itself, without a topic. */
export function encodeFrame(kind: FrameKind, payload: Uint8Array = NOTHING): Buffer {
  const bytes = Buffer.allocUnsafe(frameBytes('', payload));
  writeFrame(bytes, 0, kind, 0, '', payload);
  return bytes;
}

/**
 * Hands over each whole frame in `bytes` from `start` to `end`, and returns where the next one begins that is
 * not whole. Throws where these cannot be frames.
 */
export function readFrames(bytes: Buffer, start: number, end: number, sink: FrameSink): number {
  let at = start;
  while (end - at >= FRAME_LENGTH_BYTES) {
    const next = at + FRAME_LENGTH_BYTES + lengthAt(bytes, at);
    if (next > end) break;
    const kind = KINDS[bytes[at + FRAME_LENGTH_BYTES]!];
    if (!kind) throw new Error(`A frame of kind ${bytes[at + FRAME_LENGTH_BYTES]} between nodes`);
    const id = readNumber(bytes, at + FRAME_LENGTH_BYTES + 1);
    sink.frame(kind, id, bytes, at + HEAD_BYTES, next);
    at = next;
  }
  return at;
}

/** How many bytes of a frame follow its length. Throws where this cannot be the beginning of one. */
export function lengthAt(bytes: Buffer, at: number): number {
  const length = readNumber(bytes, at);
  if (length < HEAD_BYTES - FRAME_LENGTH_BYTES || length > FRAME_BYTES_MAX) {
    throw new Error(`A frame of ${length} bytes between nodes`);
  }
  return length;
}

function writeNumber(bytes: Buffer, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function readNumber(bytes: Buffer, at: number): number {
  const high = (bytes[at]! << 8) | bytes[at + 1]!;
  return ((high << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
