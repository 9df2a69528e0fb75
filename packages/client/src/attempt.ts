import { type Address, fetchAddress } from './address.ts';
import type { ErrorSource } from './client.ts';
import type { ResolvedOptions } from './options.ts';
import { OPEN, type WebSocketLike } from './web-socket.ts';

/** What an attempt tells its client. After `ended`, or once abandoned, it tells nothing more. */
export interface AttemptEvents {
  opened(): void;
  received(data: unknown): void;
  ended(end: AttemptEnd): void;
  failed(error: unknown, source: ErrorSource): void;
}

export interface AttemptEnd {
  readonly code: number;
  readonly reason: string;
}

/** RFC 6455, 7.1.5: the code of a connection that ended without a close frame. */
const ABNORMAL = 1006;

/**
 * One attempt to connect and, when it succeeds, the one connection it leads to: from fetching the
 * token to the close. Each belongs to one socket, so events of an older socket cannot be mistaken
 * for those of a newer one.
 */
export class Attempt {
  readonly #options: ResolvedOptions;
  readonly #events: AttemptEvents;
  #socket: WebSocketLike | undefined;
  #timeout: unknown;
  #isOver = false;

  constructor(options: ResolvedOptions, events: AttemptEvents) {
    this.#options = options;
    this.#events = events;
  }

  async start(): Promise<void> {
    if (this.#isOver) return;
    const { connectTimeoutMs, timers } = this.#options;
    this.#timeout = timers.setTimeout(() => {
      this.#fail(new Error(`Not connected after ${connectTimeoutMs} ms`), 'socket');
    }, connectTimeoutMs);
    try {
      const address = await fetchAddress(this.#options);
      if (!this.#isOver) this.#open(address);
    } catch (error) {
      this.#fail(error, 'address');
    }
  }

  /** False when there is no open socket to send on. */
  send(text: string): boolean {
    if (this.#isOver || this.#socket?.readyState !== OPEN) return false;
    this.#socket.send(text);
    return true;
  }

  /** Ends the attempt or the connection without telling anyone. */
  abandon(): void {
    this.#isOver = true;
    this.#options.timers.clearTimeout(this.#timeout);
    this.#socket?.close(1000);
  }

  #open({ url, shown }: Address): void {
    const { WebSocket, protocols } = this.#options;
    let socket: WebSocketLike;
    try {
      socket = new WebSocket(url, protocols);
    } catch (error) {
      // The error's own text quotes the whole URL, and with it the token.
      const name = error instanceof Error ? error.name : 'unknown error';
      throw new TypeError(`The WebSocket refuses ${shown} or the protocols offered: ${name}`);
    }
    this.#socket = socket;
    const events = this.#events;
    socket.addEventListener('open', () => {
      this.#options.timers.clearTimeout(this.#timeout);
      if (!this.#isOver) events.opened();
    });
    socket.addEventListener('message', ({ data }) => {
      if (!this.#isOver) events.received(data);
    });
    socket.addEventListener('error', (event) => {
      if (!this.#isOver) events.failed(errorOf(event), 'socket');
    });
    socket.addEventListener('close', ({ code, reason }) => this.#end({ code, reason }));
  }

  #fail(error: unknown, source: ErrorSource): void {
    if (this.#isOver) return;
    this.#events.failed(error, source);
    this.#end({ code: ABNORMAL, reason: '' });
  }

  #end(end: AttemptEnd): void {
    // The listener of the failure may have abandoned the attempt.
    if (this.#isOver) return;
    this.abandon();
    this.#events.ended(end);
  }
}

/** `ws` says what happened; browsers keep it from the page. */
function errorOf(event: object): unknown {
  return (event as { error?: unknown }).error ?? new Error('The WebSocket reported an error');
}
