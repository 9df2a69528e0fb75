import type { Timers } from '../../src/index.ts';

interface Entry {
  dueMs: number;
  readonly everyMs: number | undefined;
  readonly action: () => void;
}

/** Time that stands still until `advance` moves it, firing what falls due on the way, in order. */
export class ManualTimers implements Timers {
  #nowMs = 1_700_000_000_000;
  readonly #entries = new Set<Entry>();

  /** Timers and intervals still running. */
  get pending(): number {
    return this.#entries.size;
  }

  now(): number {
    return this.#nowMs;
  }

  setTimeout(action: () => void, delayMs: number): unknown {
    return this.#add(action, delayMs, undefined);
  }

  setInterval(action: () => void, intervalMs: number): unknown {
    return this.#add(action, intervalMs, intervalMs);
  }

  clearTimeout(timer: unknown): void {
    this.#entries.delete(timer as Entry);
  }

  clearInterval(timer: unknown): void {
    this.clearTimeout(timer);
  }

  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let entry = this.#due(endMs); entry; entry = this.#due(endMs)) {
      this.#nowMs = entry.dueMs;
      if (entry.everyMs === undefined) this.#entries.delete(entry);
      else entry.dueMs += entry.everyMs;
      entry.action();
    }
    this.#nowMs = endMs;
  }

  #add(action: () => void, delayMs: number, everyMs: number | undefined): Entry {
    const entry = { dueMs: this.#nowMs + delayMs, everyMs, action };
    this.#entries.add(entry);
    return entry;
  }

  #due(endMs: number): Entry | undefined {
    return [...this.#entries]
      .filter((entry) => entry.dueMs <= endMs)
      .sort((one, other) => one.dueMs - other.dueMs)[0];
  }
}
