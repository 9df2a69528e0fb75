/**
 * AWS limits the payload of each frame (32 KB) as well as that of the message (128 KB), and closes
 * with 1009 as soon as a frame header announces more. The `ws` library knows only the second limit, so
 * this file looks into its receiver at the one place where a frame's length has just been read.
 */
import * as ws from 'ws';
import type { Close } from '../wire/close-codes.ts';

export interface FrameLimits {
  /** As sent: compressed, where compression was agreed on. */
  readonly frameBytesMax: number;
  /** Inflated. */
  readonly messageBytesMax: number;
}

/** The members of ws's receiver that are used; checked at start by `assertFrameLimit`. */
interface FrameReceiver {
  readonly _opcode: number;
  readonly _payloadLength: number;
  readonly _totalPayloadLength: number;
  haveLength(done: Done): void;
  decompress(data: Buffer, done: Done): void;
  createError(
    type: typeof RangeError,
    message: string,
    prefix: boolean,
    closeCode: number,
    errorCode: string,
  ): Error;
}

type Done = (error?: Error & { code?: string }) => void;

const FIRST_CONTROL_OPCODE = 0x08;
const TOO_LONG = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';

/** Throws when the installed `ws` no longer has what the limit relies on: better at start than never. */
export function assertFrameLimit(): void {
  // Exported by ws, though its published types do not say so.
  const { Receiver } = ws as unknown as { Receiver: new () => FrameReceiver };
  const receiver = new Receiver();
  const numbers = [receiver._opcode, receiver._payloadLength, receiver._totalPayloadLength];
  const functions = [receiver.haveLength, receiver.decompress, receiver.createError];
  if (
    functions.some((value) => typeof value !== 'function') ||
    numbers.some((value) => typeof value !== 'number')
  ) {
    throw new Error('This version of "ws" has no hook for the 32 KB frame limit; install ^8.23.');
  }
}

/**
 * How long a message may be on the wire, and so while it is being inflated: what does not compress
 * grows a little. The inflated message itself is measured when it is whole.
 */
export function compressedBytesMax(messageBytesMax: number): number {
  return messageBytesMax + Math.ceil(messageBytesMax / 64) + 16_384;
}

/** Closes the socket with `close` when a data frame, or its message so far, is too long. */
export function limitFrames(socket: ws.WebSocket, limits: FrameLimits, close: Close): void {
  const receiver = (socket as unknown as { _receiver: FrameReceiver })._receiver;
  const { frameBytesMax } = limits;
  const isCompressed = socket.extensions !== '';
  const messageBytesMax = isCompressed
    ? compressedBytesMax(limits.messageBytesMax)
    : limits.messageBytesMax;
  const haveLength = receiver.haveLength;
  receiver.haveLength = function (done) {
    const tooLong =
      this._opcode < FIRST_CONTROL_OPCODE &&
      (this._payloadLength > frameBytesMax ||
        this._totalPayloadLength + this._payloadLength > messageBytesMax);
    if (!tooLong) return haveLength.call(this, done);
    // Closing first: ws would send the code alone, and a client is owed the reason.
    socket.close(close.code, close.reason);
    done(this.createError(RangeError, close.reason, false, close.code, TOO_LONG));
  };
  if (!isCompressed) return;
  const decompress = receiver.decompress;
  receiver.decompress = function (data, done) {
    decompress.call(this, data, (error) => {
      // Likewise for few bytes that become many.
      if (error?.code === TOO_LONG) socket.close(close.code, close.reason);
      done(error);
    });
  };
}
