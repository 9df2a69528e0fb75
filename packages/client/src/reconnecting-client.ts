import { fetchToken } from './address.ts';
import { Attempt, type AttemptEnd } from './attempt.ts';
import { Backoff } from './backoff.ts';
import type { Client, ClientState, ErrorSource, StateDetail, Unsubscribe } from './client.ts';
import { Dispatcher } from './dispatcher.ts';
import type { GatewayErrorFrame } from './frame.ts';
import { Listeners } from './listeners.ts';
import type { ResolvedOptions } from './options.ts';
import { SilenceWatchdog } from './silence-watchdog.ts';

/**
 * The setup guide's section 4 as one object: it holds the current attempt and decides, when that
 * ends, whether to wait and try again or to stop.
 */
export class ReconnectingClient implements Client<never> {
  readonly #options: ResolvedOptions;
  readonly #backoff: Backoff;
  readonly #watchdog: SilenceWatchdog;
  readonly #dispatcher = new Dispatcher((error) => this.#report(error, 'handler'));
  readonly #stateChanges = new Listeners<[ClientState, StateDetail]>((error) =>
    this.#report(error, 'handler'),
  );
  readonly #authFailures = new Listeners<[]>((error) => this.#report(error, 'handler'));
  readonly #errors = new Listeners<[unknown, ErrorSource]>((error) => console.error(error));
  #state: ClientState = 'connecting';
  #attempt: Attempt | undefined;
  #wait: unknown;
  #pinging: Attempt | undefined;
  #retries = 0;
  #hasEverConnected = false;

  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options);
    this.#watchdog = new SilenceWatchdog(options, () => this.#ping());
  }

  get state(): ClientState {
    return this.#state;
  }

  start(): void {
    globalThis.addEventListener?.('online', this.#onOnline);
    this.#connect();
  }

  on(type: string, handler: (message: never) => unknown): Unsubscribe {
    return this.#dispatcher.on(type, handler);
  }

  onUnknown(listener: (message: unknown) => unknown): Unsubscribe {
    return this.#dispatcher.unknown.add(listener);
  }

  onGatewayError(listener: (frame: GatewayErrorFrame) => unknown): Unsubscribe {
    return this.#dispatcher.gatewayErrors.add(listener);
  }

  onRawFrame(listener: (data: unknown) => unknown): Unsubscribe {
    return this.#dispatcher.rawFrames.add(listener);
  }

  onStateChange(listener: (state: ClientState, detail: StateDetail) => unknown): Unsubscribe {
    return this.#stateChanges.add(listener);
  }

  onAuthFailure(listener: () => unknown): Unsubscribe {
    return this.#authFailures.add(listener);
  }

  onError(listener: (error: unknown, source: ErrorSource) => unknown): Unsubscribe {
    return this.#errors.add(listener);
  }

  send(message: unknown): boolean {
    const text = textOf(message);
    return this.#attempt?.send(text) ?? false;
  }

  reconnect(): void {
    if (this.#state === 'closed') return;
    if (this.#state === 'stopped') {
      this.#retries = 0;
      this.#backoff.reset();
    }
    this.#connect();
  }

  close(): void {
    if (this.#state === 'closed') return;
    globalThis.removeEventListener?.('online', this.#onOnline);
    this.#leave();
    this.#enter('closed');
  }

  #connect(): void {
    this.#leave();
    const attempt = new Attempt(this.#options, {
      opened: () => this.#opened(),
      received: (data) => this.#received(data),
      ended: (end) => this.#ended(end),
      failed: (error, source) => this.#report(error, source),
    });
    this.#attempt = attempt;
    this.#enter('connecting');
    // Does nothing when a listener of that change has already closed or reconnected.
    void attempt.start();
  }

  /** Lets go of whatever the present state holds. */
  #leave(): void {
    this.#options.timers.clearTimeout(this.#wait);
    this.#watchdog.stop();
    this.#attempt?.abandon();
    this.#attempt = undefined;
  }

  #opened(): void {
    this.#hasEverConnected = true;
    this.#backoff.reset();
    this.#watchdog.start();
    this.#enter('open');
  }

  #received(data: unknown): void {
    this.#watchdog.heard();
    this.#dispatcher.dispatch(data);
  }

  #ended({ code, reason }: AttemptEnd): void {
    this.#leave();
    if (!this.#hasEverConnected && this.#retries >= this.#options.authFailuresMax) {
      this.#enter('stopped', { code, reason: 'auth' });
      this.#authFailures.emit();
      return;
    }
    this.#retries += 1;
    const delayMs = this.#backoff.next();
    this.#wait = this.#options.timers.setTimeout(() => this.#connect(), delayMs);
    this.#enter('waiting', { delayMs, code, reason });
  }

  /** Sends on the connection that was silent, or not at all if it has gone by then. */
  async #ping(): Promise<void> {
    const attempt = this.#attempt;
    // A token that takes longer than a check interval must not pile up pings.
    if (this.#pinging === attempt) return;
    this.#pinging = attempt;
    const { ping } = this.#options;
    try {
      const message = ping
        ? await ping()
        : { action: 'ping', token: await fetchToken(this.#options) };
      attempt?.send(textOf(message));
    } catch (error) {
      this.#report(error, 'ping');
    }
    if (this.#pinging === attempt) this.#pinging = undefined;
  }

  readonly #onOnline = (): void => {
    if (this.#state === 'waiting') this.#connect();
  };

  #enter(state: ClientState, detail: Omit<StateDetail, 'previous'> = {}): void {
    const previous = this.#state;
    this.#state = state;
    if (state !== previous) this.#stateChanges.emit(state, { previous, ...detail });
  }

  #report(error: unknown, source: ErrorSource): void {
    if (this.#errors.isEmpty) console.error(error);
    else this.#errors.emit(error, source);
  }
}

function textOf(message: unknown): string {
  if (typeof message === 'string') return message;
  const text = JSON.stringify(message);
  if (text === undefined) throw new TypeError('The message has no JSON form');
  return text;
}
