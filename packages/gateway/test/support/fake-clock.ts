import type { Cancel, Clock } from '../../src/ambient/clock.ts';

interface Timer {
  at: number;
  readonly interval?: number;
  readonly action: () => void;
}

/** Time that moves only when a test says so. */
export class FakeClock implements Clock {
  #now: number;
  /** By how much somebody has set the time of day forward. */
  #setBy = 0;
  readonly #timers = new Set<Timer>();

  constructor(now = Date.UTC(2026, 8, 25, 0, 2, 11)) {
    this.#now = now;
  }

  now(): number {
    return this.#now + this.#setBy;
  }

  /** Sets the time of day, as an operator or NTP does: no time has passed. */
  set(millis: number): void {
    this.#setBy += millis;
  }

  /** The same to an hour of one's own, such as that of programs that look at the system's clock. */
  jumpTo(now: number): void {
    this.#setBy = now - this.#now;
  }

  ticks(): number {
    return this.#now;
  }

  turnNow(): number {
    return this.now();
  }

  turnTicks(): number {
    return this.ticks();
  }

  timeOf(ticks: number): number {
    return ticks + this.#setBy;
  }

  after(millis: number, action: () => void): Cancel {
    return this.#add({ at: this.#now + millis, action });
  }

  every(millis: number, action: () => void): Cancel {
    return this.#add({ at: this.#now + millis, interval: millis, action });
  }

  /** Runs what falls due, in order, with `now` at each timer's own moment. */
  advance(millis: number): void {
    const end = this.#now + millis;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at);
      const next = due[0];
      if (!next) break;
      this.#now = next.at;
      if (next.interval === undefined) this.#timers.delete(next);
      else next.at += next.interval;
      next.action();
    }
    this.#now = end;
  }

  #add(timer: Timer): Cancel {
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }
}
