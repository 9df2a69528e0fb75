/**
 * AWS limits the payload of each frame (32 KB) as well as that of the message (128 KB), and closes
 * with 1009 as soon as a frame header announces more. The `ws` library knows only the second limit, so
 * this file looks into its receiver at the one place where a frame's length has just been read.
 */
import * as ws from 'ws';
import type { Close } from '../wire/close-codes.ts';

export interface FrameLimits {
  readonly frameBytesMax: number;
  readonly messageBytesMax: number;
}

/** The members of ws's receiver that are used; checked at start by `assertFrameLimit`. */
interface FrameReceiver {
  readonly _opcode: number;
  readonly _payloadLength: number;
  readonly _totalPayloadLength: number;
  haveLength(done: (error?: Error) => void): void;
  createError(
    type: typeof RangeError,
    message: string,
    prefix: boolean,
    closeCode: number,
    errorCode: string,
  ): Error;
}

const FIRST_CONTROL_OPCODE = 0x08;

/** Throws when the installed `ws` no longer has what the limit relies on: better at start than never. */
export function assertFrameLimit(): void {
  // Exported by ws, though its published types do not say so.
  const { Receiver } = ws as unknown as { Receiver: new () => FrameReceiver };
  const receiver = new Receiver();
  const numbers = [receiver._opcode, receiver._payloadLength, receiver._totalPayloadLength];
  if (
    typeof receiver.haveLength !== 'function' ||
    typeof receiver.createError !== 'function' ||
    numbers.some((value) => typeof value !== 'number')
  ) {
    throw new Error('This version of "ws" has no hook for the 32 KB frame limit; install ^8.23.');
  }
}

/** Closes the socket with `close` when a data frame, or its message so far, is too long. */
export function limitFrames(socket: ws.WebSocket, limits: FrameLimits, close: Close): void {
  const receiver = (socket as unknown as { _receiver: FrameReceiver })._receiver;
  const haveLength = receiver.haveLength;
  receiver.haveLength = function (done) {
    const tooLong =
      this._opcode < FIRST_CONTROL_OPCODE &&
      (this._payloadLength > limits.frameBytesMax ||
        this._totalPayloadLength + this._payloadLength > limits.messageBytesMax);
    if (!tooLong) return haveLength.call(this, done);
    // Closing first: ws would send the code alone, and a client is owed the reason.
    socket.close(close.code, close.reason);
    const code = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
    done(this.createError(RangeError, close.reason, false, close.code, code));
  };
}
