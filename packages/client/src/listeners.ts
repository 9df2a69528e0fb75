import type { Unsubscribe } from './client.ts';

/**
 * Functions of the user, called in the order they were added. What one throws, or rejects with,
 * goes to `onThrow`; the others are still called. An event that a listener causes while it runs
 * is delivered after the current one, so every listener hears events in the same order.
 */
export class Listeners<Arguments extends unknown[]> {
  readonly #onThrow: (error: unknown) => void;
  readonly #entries = new Set<{ call: (...args: Arguments) => unknown }>();
  readonly #queue: Arguments[] = [];
  #isDelivering = false;

  constructor(onThrow: (error: unknown) => void) {
    this.#onThrow = onThrow;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  add(call: (...args: Arguments) => unknown): Unsubscribe {
    // An entry of its own: the same function added twice is heard twice and removed once each.
    const entry = { call };
    this.#entries.add(entry);
    return () => this.#entries.delete(entry);
  }

  emit(...args: Arguments): void {
    this.#queue.push(args);
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) this.#deliver(next);
    this.#isDelivering = false;
  }

  #deliver(args: Arguments): void {
    for (const entry of [...this.#entries]) {
      if (this.#entries.has(entry)) this.#call(entry.call, args);
    }
  }

  #call(call: (...args: Arguments) => unknown, args: Arguments): void {
    try {
      const result = call(...args);
      if (result instanceof Promise) result.catch(this.#onThrow);
    } catch (error) {
      this.#onThrow(error);
    }
  }
}
