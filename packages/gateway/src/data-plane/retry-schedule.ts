import type { Cancel, Clock } from '../ambient/clock.ts';

const TICK_SECONDS = 1;

/**
 * What is to be done again later. Seconds are counted, not read off the clock, so that a clock that is set
 * neither hastens nor delays anything; one timer serves any number of items.
 */
export class RetrySchedule<Item> {
  readonly #due = new Map<number, Item[]>();
  readonly #clock: Clock;
  #tick = 0;
  #size = 0;
  #cancel: Cancel = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `ready` once a second, with what is due. */
  start(ready: (items: readonly Item[]) => void): void {
    this.#cancel = this.#clock.every(TICK_SECONDS * 1000, () => {
      this.#tick += 1;
      const items = this.#due.get(this.#tick) ?? [];
      this.#due.delete(this.#tick);
      this.#size -= items.length;
      ready(items);
    });
  }

  /** What was not due yet stays where it is. */
  stop(): void {
    this.#cancel();
  }

  add(item: Item, seconds: number): void {
    const tick = this.#tick + Math.max(1, Math.ceil(seconds / TICK_SECONDS));
    const items = this.#due.get(tick);
    if (items) items.push(item);
    else this.#due.set(tick, [item]);
    this.#size += 1;
  }

  get size(): number {
    return this.#size;
  }
}

/** Doubles with each attempt: 1, 2, 4 … times `firstSeconds`, never more than `maxSeconds`. */
export function backOffSeconds(attempts: number, firstSeconds: number, maxSeconds: number): number {
  return Math.min(maxSeconds, firstSeconds * 2 ** Math.max(0, attempts - 1));
}
