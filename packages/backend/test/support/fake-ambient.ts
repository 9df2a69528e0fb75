import { setImmediate as turn } from 'node:timers/promises';
import type { Ambient, Cancel } from '../../src/ambient.ts';

interface Timer {
  readonly due: number;
  readonly action: () => void;
}

/** Time that stands still until a test moves it. `random` is always 0. */
export class FakeAmbient implements Ambient {
  #now = Date.parse('2026-02-06T10:30:45.678Z');
  readonly #timers = new Set<Timer>();

  now = () => this.#now;
  random = () => 0;

  after(millis: number, action: () => void): Cancel {
    const timer = { due: this.#now + millis, action };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Moves time without waiting for anything. */
  move(millis: number): void {
    this.#now += millis;
    for (const timer of [...this.#timers]) {
      if (timer.due > this.#now) continue;
      this.#timers.delete(timer);
      timer.action();
    }
  }

  /** Waits until some timer is due within `millis`, then moves time that far. */
  async elapse(millis: number): Promise<void> {
    while (![...this.#timers].some((timer) => timer.due <= this.#now + millis)) await turn();
    this.move(millis);
  }
}
