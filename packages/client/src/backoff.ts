export interface BackoffOptions {
  readonly reconnectDelayMs: number;
  readonly reconnectDelayMaxMs: number;
  readonly jitter: number;
  readonly random: () => number;
}

/**
 * How long to wait before each attempt: the first delay, doubled each time up to the largest.
 * Jitter only shortens a delay, by up to its fraction, so that clients cut off together do not
 * return together and the largest delay stays the largest.
 */
export class Backoff {
  readonly #options: BackoffOptions;
  #nextMs: number;

  constructor(options: BackoffOptions) {
    this.#options = options;
    this.#nextMs = options.reconnectDelayMs;
  }

  /** The delay to wait now, in whole milliseconds; the next one will be twice as long. */
  next(): number {
    const { jitter, random, reconnectDelayMaxMs } = this.#options;
    const delayMs = Math.min(this.#nextMs, reconnectDelayMaxMs);
    this.#nextMs = Math.min(delayMs * 2, reconnectDelayMaxMs);
    return Math.round(delayMs * (1 - jitter * random()));
  }

  reset(): void {
    this.#nextMs = this.#options.reconnectDelayMs;
  }
}
