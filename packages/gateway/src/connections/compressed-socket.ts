/** A client's WebSocket with permessage-deflate: its frames are the library's, but for messages to many. */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Close } from '../wire/close-codes.ts';
import { limits } from '../wire/limits.ts';
import type { ClientSocket, SocketOwner } from './client-socket.ts';
import { type MessageForm, payloadOf } from './frame.ts';
import { limitFrames } from './frame-limit.ts';
import type { FrameLimits } from './frame-limits.ts';
import { violationClose } from './received-close.ts';
import { SharedMessage } from './shared-message.ts';

/**
 * Longer messages to many are compressed for each client by the library, beside the event loop: to do it once
 * would hold up everybody else.
 */
const DEFLATED_AT_ONCE_BYTES_MAX = limits.messageBytesMax;

interface Message {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

type Transport = Duplex & { readonly bytesRead?: number };

export class CompressedSocket implements ClientSocket {
  readonly #socket: WebSocket;
  readonly #transport: Transport;
  #owner: SocketOwner | undefined;
  #isHeld = false;
  /** What the library read on with while it was held, in order, and how the connection then ended. */
  readonly #waiting: Message[] = [];
  #end: Pick<Close, 'code' | 'reason'> | undefined;

  constructor(socket: WebSocket, transport: Transport) {
    this.#socket = socket;
    this.#transport = transport;
  }

  listen(owner: SocketOwner, frameLimits: FrameLimits): void {
    this.#owner = owner;
    const socket = this.#socket;
    limitFrames(socket, frameLimits);
    socket.on('message', (data, isBinary) => {
      if (this.isPaused) this.#waiting.push({ data: data as Buffer, isBinary });
      else owner.receivedMessage(data as Buffer, isBinary);
    });
    socket.on('ping', (data) => owner.receivedPing(data));
    socket.on('error', (error) => this.#failed(error));
    socket.on('close', (code, reason) => {
      this.#end = { code, reason: reason.toString('utf8') };
      this.#handOn();
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  get bytesUnsent(): number {
    return this.#socket.bufferedAmount;
  }

  get bytesPending(): number {
    return this.#socket.bufferedAmount;
  }

  get bytesRead(): number | undefined {
    return this.#transport.bytesRead;
  }

  get isPaused(): boolean {
    return this.#isHeld || this.#waiting.length > 0;
  }

  /** The library reads what it has to the end, and that may be thousands of messages. */
  pause(): void {
    this.#isHeld = true;
    this.#socket.pause();
  }

  /** What was read already comes first, in a turn of its own: the owner is in the middle of something. */
  resume(): void {
    this.#isHeld = false;
    process.nextTick(this.#handOn);
  }

  readonly #handOn = (): void => {
    while (!this.#isHeld) {
      const message = this.#waiting.shift();
      if (!message) break;
      this.#owner?.receivedMessage(message.data, message.isBinary);
    }
    if (this.#waiting.length > 0) return;
    const end = this.#end;
    this.#end = undefined;
    if (end) this.#owner?.ended(end.code, end.reason);
    else if (!this.#isHeld) this.#socket.resume();
  };

  send(message: Buffer | SharedMessage, form: MessageForm): void {
    if (message instanceof SharedMessage && this.#takesShared(message)) {
      this.#transport.write(message.deflatedFor(form), this.#sent);
      return;
    }
    const bytes = message instanceof SharedMessage ? message.bytes : message;
    const { isBinary: binary, payload } = payloadOf(bytes, form);
    const { frameBytesMax } = form;
    let at = 0;
    do {
      const end = Math.min(at + frameBytesMax, payload.length);
      const fin = end === payload.length;
      this.#socket.send(payload.subarray(at, end), { binary, fin }, fin ? this.#sent : undefined);
      at = end;
    } while (at < payload.length);
  }

  /** Nothing is with the library that it has yet to compress or to send, so nothing is overtaken. */
  #takesShared({ length }: SharedMessage): boolean {
    return length <= DEFLATED_AT_ONCE_BYTES_MAX && this.isOpen && this.#socket.bufferedAmount === 0;
  }

  /** The library sends at once. */
  flush(): void {}

  ping(): void {
    this.#socket.ping();
  }

  pong(data: Buffer): void {
    this.#socket.pong(data);
  }

  close(code: number, reason: string): void {
    this.#waiting.length = 0;
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#waiting.length = 0;
    this.#socket.terminate();
  }

  readonly #sent = (error?: Error | null): void => {
    if (!error && this.#socket.bufferedAmount === 0) this.#owner?.drained();
  };

  #failed(error: Error & { code?: string }): void {
    const close: Close | undefined = violationClose(error.code);
    if (close) this.#owner?.violated(close);
  }
}
