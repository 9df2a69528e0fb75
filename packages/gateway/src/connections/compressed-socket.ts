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

type Transport = Duplex & { readonly bytesRead?: number };

export class CompressedSocket implements ClientSocket {
  readonly #socket: WebSocket;
  readonly #transport: Transport;
  #owner: SocketOwner | undefined;

  constructor(socket: WebSocket, transport: Transport) {
    this.#socket = socket;
    this.#transport = transport;
  }

  listen(owner: SocketOwner, limits: FrameLimits): void {
    this.#owner = owner;
    const socket = this.#socket;
    limitFrames(socket, limits);
    socket.on('message', (data, isBinary) => owner.receivedMessage(data as Buffer, isBinary));
    socket.on('ping', (data) => owner.receivedPing(data));
    socket.on('error', (error) => this.#failed(error));
    socket.on('close', (code, reason) => owner.ended(code, reason.toString('utf8')));
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
    return this.#socket.isPaused;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

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
    this.#socket.close(code, reason);
  }

  terminate(): void {
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
