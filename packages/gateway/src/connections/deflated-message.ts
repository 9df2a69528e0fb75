/**
 * A message compressed once for many clients (RFC 7692). Each message stands alone and all clients have the same
 * window, as agreed on with every one of them, so what one can inflate all can.
 */
import { constants, deflateRawSync } from 'node:zlib';
import { encodeMessage, fragment, type MessageForm, opcodes, payloadOf } from './frame.ts';

/**
 * What is too short to gain anything goes out as it is. The window of 8 KB costs a few per cent of size and
 * saves most of the memory.
 */
export const deflation = { thresholdBytes: 1024, windowBits: 13, memLevel: 6 } as const;

/** Of the first frame of a compressed message. */
const RSV1 = 0x40;
/** An empty block, which does not travel. */
const FLUSHED_BYTES = 4;

/** The whole message as frames, for clients that have agreed on permessage-deflate. */
export function encodeDeflated(bytes: Buffer, form: MessageForm): Buffer {
  const { isBinary, payload } = payloadOf(bytes, form);
  if (payload.length < deflation.thresholdBytes) return encodeMessage(bytes, form);
  const { windowBits, memLevel } = deflation;
  const options = { windowBits, memLevel, finishFlush: constants.Z_SYNC_FLUSH };
  const deflated = deflateRawSync(payload, options).subarray(0, -FLUSHED_BYTES);
  const opcode = isBinary ? opcodes.binary : opcodes.text;
  return fragment(opcode | RSV1, deflated, form.frameBytesMax);
}
