/** A client's WebSocket whose frames are read and written by us: no extension was agreed on. */
import type { ByteSocket, SocketReader } from '../transport/byte-socket.ts';
import type { HeldSocket } from '../transport/held-socket.ts';
import { type Close, closes } from '../wire/close-codes.ts';
import { CLOSE_TIMEOUT_MILLIS, type ClientSocket, type SocketOwner } from './client-socket.ts';
import { encodeFrame, encodeMessage, type MessageForm, opcodes } from './frame.ts';
import type { FrameLimits } from './frame-limits.ts';
import { FrameReader, type FrameSink } from './frame-reader.ts';
import { SharedMessage } from './shared-message.ts';

const NO_BYTES = new Uint8Array(0);

export class FrameSocket implements ClientSocket, SocketReader, FrameSink {
  readonly #socket: ByteSocket;
  #owner: SocketOwner | undefined;
  #reader: FrameReader | undefined;
  #isOpen = true;
  /** The client's close frame has come, or it broke a rule, or its end: nothing more is read. */
  #isDeaf = false;
  /** Its end has come, while messages before it waited. */
  #hasEnd = false;
  #closeCode: number = closes.abnormal.code;
  #closeReason = '';
  #closeTimer: NodeJS.Timeout | undefined;

  /** `answer`: the 101. `early`: what the client has sent behind its handshake. */
  constructor(socket: HeldSocket, answer: string, early: Buffer) {
    this.#socket = socket.take(this, false, early);
    this.#socket.write(answer);
  }

  listen(owner: SocketOwner, limits: FrameLimits): void {
    this.#owner = owner;
    this.#reader = new FrameReader(this, limits);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get bytesUnsent(): number {
    return this.#socket.bytesUnsent;
  }

  get bytesPending(): number {
    return this.#socket.bytesPending;
  }

  get bytesRead(): number {
    return this.#socket.bytesRead;
  }

  get isPaused(): boolean {
    return this.#socket.isPaused || this.#hasRest;
  }

  pause(): void {
    this.#reader?.hold();
    this.#socket.pause();
  }

  /** What was read already comes first, in a turn of its own: the owner is in the middle of something. */
  resume(): void {
    this.#reader?.release();
    if (this.#hasRest) process.nextTick(readOn, this);
    else this.#socket.resume();
  }

  /** For `readOn`. */
  readOn(): void {
    this.#reader?.readOn();
    if (this.#hasRest) return;
    if (this.#hasEnd) this.ended();
    else if (!this.#reader?.isHeld) this.#socket.resume();
  }

  get #hasRest(): boolean {
    return this.#reader?.hasRest ?? false;
  }

  send(message: Buffer | SharedMessage, form: MessageForm): void {
    if (!(message instanceof SharedMessage)) this.#write(encodeMessage(message, form));
    else if (this.#isOpen) this.#socket.writeNow(message.framesFor(form));
  }

  flush(): void {
    this.#socket.flush();
  }

  ping(): void {
    this.#write(encodeFrame(opcodes.ping, true, NO_BYTES));
  }

  pong(data: Buffer): void {
    this.#write(encodeFrame(opcodes.pong, true, data));
  }

  close(code: number, reason: string): void {
    const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
    payload.writeUInt16BE(code);
    payload.write(reason, 2);
    this.#sendClose(payload);
  }

  terminate(): void {
    this.#socket.destroy();
  }

  received(bytes: Buffer, length: number): void {
    if (!this.#isDeaf) this.#reader?.read(bytes, length);
  }

  drained(): void {
    this.#owner?.drained();
  }

  /** The client sends nothing more, and so has no answer to a close frame either. */
  ended(): void {
    this.#hasEnd = this.#hasRest;
    if (this.#hasEnd) return;
    this.#isOpen = false;
    this.#hangUp();
  }

  closed(): void {
    this.#isOpen = false;
    clearTimeout(this.#closeTimer);
    this.#owner?.ended(this.#closeCode, this.#closeReason);
  }

  receivedMessage(data: Buffer, isBinary: boolean): void {
    this.#owner?.receivedMessage(data, isBinary);
  }

  receivedPing(data: Buffer): void {
    this.#owner?.receivedPing(data);
  }

  receivedClose(code: number, reason: string): void {
    this.#closeCode = code;
    this.#closeReason = reason;
    if (code === closes.noStatus.code) this.#sendClose(NO_BYTES);
    else this.close(code, reason);
    this.#hangUp();
  }

  violated(close: Close): void {
    this.#owner?.violated(close);
    this.close(close.code, close.reason);
    this.#hangUp();
  }

  #write(frames: Uint8Array): void {
    if (this.#isOpen) this.#socket.write(frames);
  }

  #sendClose(payload: Uint8Array): void {
    this.#write(encodeFrame(opcodes.close, true, payload));
    this.#isOpen = false;
    this.#endInTime();
  }

  /** Both sides have said what they had to. The client's own end is waited for, but not for long. */
  #hangUp(): void {
    this.#isDeaf = true;
    this.#endInTime();
    this.#socket.resume();
    this.#socket.end();
  }

  #endInTime(): void {
    this.#closeTimer ??= setTimeout(drop, CLOSE_TIMEOUT_MILLIS, this.#socket);
  }
}

function readOn(socket: FrameSocket): void {
  socket.readOn();
}

function drop(socket: ByteSocket): void {
  socket.destroy();
}
