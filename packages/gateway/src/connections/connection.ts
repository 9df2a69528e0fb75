/**
 * One live connection: what is known of its client, its socket, and how it ends. It knows nothing of
 * routes; whoever accepts it listens to its messages and to its end.
 */
import { isUtf8 } from 'node:buffer';
import type { WebSocket } from 'ws';
import type { Clock } from '../ambient/clock.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import { type Close, closes } from '../wire/close-codes.ts';
import { limits } from '../wire/limits.ts';
import type { Identity, RequestContext } from '../wire/request-context.ts';
import { limitFrames } from './frame-limit.ts';

export interface ConnectionFacts {
  readonly connectionId: string;
  readonly apiId: string;
  readonly stageName: string;
  /** Epoch milliseconds. */
  readonly connectedAt: number;
  readonly domainName: string;
  readonly identity: Identity;
  readonly authorizer?: NonNullable<RequestContext['authorizer']>;
}

export interface ConnectionLimits {
  /** Bytes waiting for a client that does not read; one more push is refused. */
  readonly sendQueueBytesMax: number;
  /** Messages of one connection being processed; further ones wait in the client's socket. */
  readonly messagesInFlightMax: number;
}

export interface ConnectionListener {
  message(connection: Connection, bytes: Buffer): void;
  /** Called once. The connection no longer takes frames. */
  closed(connection: Connection, close: Close): void;
}

export type SendResult = 'sent' | 'closed' | 'full';

export class Connection {
  readonly facts: ConnectionFacts;
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  readonly #limits: ConnectionLimits;
  #lastActiveAt: number;
  #messagesInFlight = 0;
  #close: Close | undefined;
  #retiredStage: CompiledStage | undefined;

  constructor(
    facts: ConnectionFacts,
    socket: WebSocket,
    clock: Clock,
    connectionLimits: ConnectionLimits,
  ) {
    this.facts = facts;
    this.#socket = socket;
    this.#clock = clock;
    this.#limits = connectionLimits;
    this.#lastActiveAt = facts.connectedAt;
  }

  /** Starts delivering frames. Frames the client sent early are not lost: the socket held them. */
  listen(listener: ConnectionListener): void {
    limitFrames(this.#socket, limits, closes.tooLong);
    this.#socket.on('message', (data: Buffer, isBinary: boolean) => {
      // Messages that were already buffered when the connection was closed are not processed.
      if (this.#close !== undefined) return;
      this.touch();
      if (isBinary) this.close(closes.binary);
      else listener.message(this, data);
    });
    this.#socket.on('ping', () => this.touch());
    this.#socket.on('error', (error: Error & { code?: string }) => {
      this.#close ??= protocolClose(error.code);
    });
    this.#socket.on('close', (code: number, reason: Buffer) => {
      this.#close ??= receivedClose(code, reason.toString('utf8'));
      listener.closed(this, this.#close);
    });
  }

  /** Epoch milliseconds of the last frame, push or reply. */
  get lastActiveAt(): number {
    return this.#lastActiveAt;
  }

  get isOpen(): boolean {
    return this.#close === undefined && this.#socket.readyState === this.#socket.OPEN;
  }

  touch(): void {
    this.#lastActiveAt = this.#clock.now();
  }

  /**
   * Hands a message to the socket, always as text: bytes that are not UTF-8 become U+FFFD, and what
   * exceeds a frame continues in further frames, as recorded from AWS. `full` when the client has
   * left too much unread.
   */
  send(bytes: Buffer): SendResult {
    if (!this.isOpen) return 'closed';
    const waiting = this.#socket.bufferedAmount;
    if (waiting > 0 && waiting + bytes.length > this.#limits.sendQueueBytesMax) return 'full';
    const text = isUtf8(bytes) ? bytes : Buffer.from(bytes.toString('utf8'));
    let at = 0;
    do {
      const end = Math.min(at + limits.frameBytesMax, text.length);
      this.#socket.send(text.subarray(at, end), { binary: false, fin: end === text.length });
      at = end;
    } while (at < text.length);
    this.touch();
    return 'sent';
  }

  /** Sends the close frame. The first cause counts; later calls change nothing. */
  close(close: Close): void {
    if (this.#close !== undefined) return;
    this.#close = close;
    this.#socket.close(close.code, close.reason);
  }

  /** Drops the TCP connection of a client that does not answer the close frame. */
  terminate(): void {
    this.#socket.terminate();
  }

  /** The stage is gone; its last form stays reachable for this connection's `$disconnect`. */
  retire(stage: CompiledStage): void {
    this.#retiredStage = stage;
    this.close(closes.goingAway);
  }

  get retiredStage(): CompiledStage | undefined {
    return this.#retiredStage;
  }

  get messagesInFlight(): number {
    return this.#messagesInFlight;
  }

  /** Counts a message in. At the limit the socket is not read until one has been counted out. */
  beginMessage(): void {
    this.#messagesInFlight += 1;
    if (this.#messagesInFlight >= this.#limits.messagesInFlightMax) this.#socket.pause();
  }

  endMessage(): void {
    this.#messagesInFlight -= 1;
    if (this.#socket.isPaused) this.#socket.resume();
  }
}

/** What the client's own close, or the lack of one, means for `$disconnect`. */
function receivedClose(code: number, reason: string): Close {
  if (code === closes.noStatus.code) return closes.noStatus;
  if (code === closes.abnormal.code) return closes.abnormal;
  return { code, reason };
}

/** Violations that ws has already answered with a close frame of its own (RFC 6455, section 7.4.1). */
function protocolClose(errorCode: string | undefined): Close | undefined {
  if (!errorCode?.startsWith('WS_ERR_')) return undefined;
  if (errorCode === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return closes.tooLong;
  if (errorCode === 'WS_ERR_TOO_MANY_BUFFERED_PARTS') return closes.tooManyFragments;
  return errorCode === 'WS_ERR_INVALID_UTF8' ? closes.invalidText : closes.protocolError;
}
