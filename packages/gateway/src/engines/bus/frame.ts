/**
 * What travels between nodes, and between the processes of one machine: frames, many in a write.
 *
 *   4 bytes  length of what follows
 *   1 byte   kind
 *   4 bytes  number of the request
 *   1 byte   length of the topic, and the topic, in requests and broadcasts
 *   rest     payload
 */
export type FrameKind = 'request' | 'answer' | 'failure' | 'broadcast' | 'hello' | 'farewell';

export interface Frame {
  readonly kind: FrameKind;
  /** Pairs an answer with its request; 0 where there is none. */
  readonly id: number;
  readonly topic: string;
  /** A view into what was received. */
  readonly payload: Buffer;
}

const KINDS: readonly FrameKind[] = [
  'request',
  'answer',
  'failure',
  'broadcast',
  'hello',
  'farewell',
];
const LENGTH_BYTES = 4;
const HEAD_BYTES = LENGTH_BYTES + 1 + 4;
const NOTHING = Buffer.alloc(0);
/** Far above what nodes send; what announces more is no peer of ours. */
const FRAME_BYTES_MAX = 64 * 1024 * 1024;

export function encodeFrame(
  kind: FrameKind,
  id = 0,
  topic = '',
  payload: Uint8Array = NOTHING,
): Buffer {
  const hasTopic = kind === 'request' || kind === 'broadcast';
  const payloadAt = HEAD_BYTES + (hasTopic ? 1 + topic.length : 0);
  const bytes = Buffer.allocUnsafe(payloadAt + payload.length);
  bytes.writeUInt32BE(bytes.length - LENGTH_BYTES, 0);
  bytes[LENGTH_BYTES] = KINDS.indexOf(kind);
  bytes.writeUInt32BE(id, LENGTH_BYTES + 1);
  if (hasTopic) {
    bytes[HEAD_BYTES] = topic.length;
    bytes.write(topic, HEAD_BYTES + 1, 'latin1');
  }
  bytes.set(payload, payloadAt);
  return bytes;
}

/**
 * Hands over each whole frame in `bytes` and returns what is left: the beginning of the next one.
 * Throws where these cannot be frames.
 */
export function readFrames(bytes: Buffer, take: (frame: Frame) => void): Buffer {
  let at = 0;
  while (bytes.length - at >= LENGTH_BYTES) {
    const length = bytes.readUInt32BE(at);
    if (length < HEAD_BYTES - LENGTH_BYTES || length > FRAME_BYTES_MAX) {
      throw new Error(`A frame of ${length} bytes between nodes`);
    }
    const end = at + LENGTH_BYTES + length;
    if (end > bytes.length) break;
    take(decode(bytes.subarray(at + LENGTH_BYTES, end)));
    at = end;
  }
  return bytes.subarray(at);
}

/** A function that takes a stream as it comes and hands over whole frames. Throws as `readFrames`. */
export function frameStream(take: (frame: Frame) => void): (chunk: Buffer) => void {
  let rest: Buffer = NOTHING;
  return (chunk) => {
    rest = readFrames(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]), take);
  };
}

function decode(bytes: Buffer): Frame {
  const kind = KINDS[bytes[0]!];
  if (!kind) throw new Error(`A frame of kind ${bytes[0]} between nodes`);
  const id = bytes.readUInt32BE(1);
  const headBytes = HEAD_BYTES - LENGTH_BYTES;
  if (kind !== 'request' && kind !== 'broadcast') {
    return { kind, id, topic: '', payload: bytes.subarray(headBytes) };
  }
  const topicEnd = headBytes + 1 + (bytes[headBytes] ?? 0);
  const topic = bytes.toString('latin1', headBytes + 1, topicEnd);
  return { kind, id, topic, payload: bytes.subarray(topicEnd) };
}
