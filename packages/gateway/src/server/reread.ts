import type { Cancel, Clock } from '../ambient/clock.ts';
import type { Log } from '../telemetry/log.ts';

export interface RereadOptions<T> {
  /** Rejects with a sentence for files that cannot be used. */
  read(): Promise<T>;
  /** Told to the operator when the files say something else. */
  readonly news: string;
  /** Told behind the sentence of `read`, which is told once: what holds on. */
  readonly otherwise: string;
  readonly clock: Pick<Clock, 'every'>;
  readonly log: Log;
}

/** Looked at again and again instead of watched: mounted secrets change by links that watches miss. */
const REREAD_MILLIS = 10_000;

/**
 * What files say, within ten seconds of being written. Files that cannot be used, as halfway through a
 * renewal, change nothing.
 */
export class Reread<T> {
  readonly #options: RereadOptions<T>;
  #inForce: { readonly value: T } | undefined;
  #lastProblem: string | undefined;
  #cancel: Cancel = () => {};

  constructor(options: RereadOptions<T>) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { read, clock } = this.#options;
    this.#inForce = { value: await read() };
    this.#cancel = clock.every(REREAD_MILLIS, () => void this.#reread());
  }

  stop(): void {
    this.#cancel();
  }

  /** The same object until the files say something else. */
  get current(): T {
    if (!this.#inForce) throw new Error('not started');
    return this.#inForce.value;
  }

  async #reread(): Promise<void> {
    const { read, news, otherwise, log } = this.#options;
    try {
      const value = await read();
      this.#lastProblem = undefined;
      if (JSON.stringify(value) === JSON.stringify(this.#inForce?.value)) return;
      this.#inForce = { value };
      log.info(news);
    } catch (error) {
      const problem = (error as Error).message;
      if (problem !== this.#lastProblem) log.warn(`${problem} ${otherwise}`);
      this.#lastProblem = problem;
    }
  }
}
