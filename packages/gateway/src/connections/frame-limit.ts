/**
 * AWS limits the payload of each frame (32 KB) as well as that of the message (128 KB), and closes
 * with 1009 as soon as a frame header announces more. The `ws` library knows only the second limit, so
 * this file looks into its receiver at the one place where a frame's length has just been read.
 */
import * as ws from 'ws';
import { closes } from '../wire/close-codes.ts';
import type { FrameLimits } from './frame-limits.ts';

/** The members of ws's receiver that are used; checked at start by `assertFrameLimit`. */
interface FrameReceiver {
  readonly _opcode: number;
  readonly _payloadLength: number;
  readonly _totalPayloadLength: number;
  haveLength(this: FrameReceiver, done: Done): void;
  decompress(data: Buffer, done: Done): void;
  createError(
    type: typeof RangeError,
    message: string,
    prefix: boolean,
    closeCode: number,
    errorCode: string,
  ): Error;
}

const SOCKET = Symbol('socket');
const LIMITS = Symbol('limits');

interface LimitedReceiver extends FrameReceiver {
  [SOCKET]: ws.WebSocket;
  [LIMITS]: FrameLimits;
}

type Done = (error?: Error & { code?: string }) => void;

/** Exported by ws, though its published types do not say so. */
const { Receiver } = ws as unknown as { Receiver: new () => FrameReceiver };

const FIRST_CONTROL_OPCODE = 0x08;
const TOO_LONG = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';

/** Throws when the installed `ws` no longer has what the limit relies on: better at start than never. */
export function assertFrameLimit(): void {
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

/**
 * Closes the socket when a data frame, or its message so far, is too long. The limits are kept as they
 * are: one object for all sockets of a stage, as the function that looks is one for all.
 */
export function limitFrames(socket: ws.WebSocket, limits: FrameLimits): void {
  const receiver = (socket as unknown as { _receiver: LimitedReceiver })._receiver;
  receiver[SOCKET] = socket;
  receiver[LIMITS] = limits;
  receiver.haveLength = haveFrameLength;
  if (socket.extensions === '') return;
  const decompress = receiver.decompress;
  receiver.decompress = function (data, done) {
    decompress.call(this, data, (error) => {
      // Likewise for few bytes that become many.
      if (error?.code === TOO_LONG) socket.close(closes.tooLong.code, closes.tooLong.reason);
      done(error);
    });
  };
}

function haveFrameLength(this: FrameReceiver, done: Done): void {
  const { [SOCKET]: socket, [LIMITS]: limits } = this as LimitedReceiver;
  const { frameBytesMax } = limits;
  const messageBytesMax =
    socket.extensions === '' ? limits.messageBytesMax : compressedBytesMax(limits.messageBytesMax);
  const tooLong =
    this._opcode < FIRST_CONTROL_OPCODE &&
    (this._payloadLength > frameBytesMax ||
      this._totalPayloadLength + this._payloadLength > messageBytesMax);
  if (!tooLong) {
    Receiver.prototype.haveLength.call(this, done);
    return;
  }
  // Closing first: ws would send the code alone, and a client is owed the reason.
  const { code, reason } = closes.tooLong;
  socket.close(code, reason);
  done(this.createError(RangeError, reason, false, code, TOO_LONG));
}
