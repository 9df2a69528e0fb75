import type { RateLimit } from '../resources/rate-limit.ts';

/**
 * Numbers that all nodes share. Every call is atomic: what two nodes do at once happens one after the
 * other. While the engine cannot reach its store, every method rejects with `EngineUnavailable`; after
 * that nobody knows whether a call under way took place.
 */
export interface Counters {
  /**
   * Adds `amount`, which may be negative, to the counter `key`, unless the sum of it and the counters
   * `among` would then exceed `max`. Resolves with whether it was added, once that is durable: it
   * survives `kill -9` and a restart. The counter is forgotten some time after `expiresAt`, epoch
   * milliseconds; without one it stays.
   */
  add(key: string, amount: number, bounds?: CounterBounds): Promise<boolean>;
  /** What the counters stand at, in the order of `keys`; 0 for one that was never added to. */
  read(keys: readonly string[]): Promise<number[]>;
  /**
   * Takes up to `most` tokens, a whole number, out of the bucket `key`, and resolves with how many:
   * `limit.burstLimit` are in it at first and at most, `limit.rateLimit` come back a second. By the one
   * clock of the store. Buckets may be lost with the store's process, and are then full. A bucket
   * asked for under another limit is another bucket.
   */
  take(key: string, limit: RateLimit, most: number): Promise<number>;
}

export interface CounterBounds {
  /** The most that the counters together may reach. */
  readonly max?: number;
  /** Further counters that count towards `max`. */
  readonly among?: readonly string[];
  readonly expiresAt?: number;
}
