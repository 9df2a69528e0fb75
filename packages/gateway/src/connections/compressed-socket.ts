/** A client's WebSocket with permessage-deflate: its frames are the library's. */
import type { WebSocket } from 'ws';
import type { Close } from '../wire/close-codes.ts';
import type { ClientSocket, SocketOwner } from './client-socket.ts';
import { type MessageForm, payloadOf } from './frame.ts';
import { limitFrames } from './frame-limit.ts';
import type { FrameLimits } from './frame-limits.ts';
import { violationClose } from './received-close.ts';
import { SharedMessage } from './shared-message.ts';

export class CompressedSocket implements ClientSocket {
  readonly #socket: WebSocket;
  readonly #transport: { readonly bytesRead?: number };
  #owner: SocketOwner | undefined;

  constructor(socket: WebSocket, transport: { readonly bytesRead?: number }) {
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
