import type { RateLimit } from '../resources/rate-limit.ts';
import type { Bucket } from './bucket.ts';

/** Sums of fractions fall short of a whole token by less than this. */
const ROUNDING = 1e-9;

/**
 * A token for each request: `burstLimit` of them at the beginning and at most, `rateLimit` new ones a
 * second. Filled when it is looked at, so that a bucket nobody asks costs nothing.
 */
export class TokenBucket implements Bucket {
  readonly limit: RateLimit;
  #tokens: number;
  /** Epoch milliseconds. */
  #filledAt: number;

  constructor(limit: RateLimit, now: number) {
    this.limit = limit;
    this.#tokens = limit.burstLimit;
    this.#filledAt = now;
  }

  /** Whether there was a token; it is gone then. `now` is epoch milliseconds. */
  take(now: number): boolean {
    const { rateLimit, burstLimit } = this.limit;
    // A clock that was set back gives nothing and takes nothing.
    const seconds = Math.max(0, now - this.#filledAt) / 1000;
    this.#filledAt = now;
    this.#tokens = Math.min(burstLimit, this.#tokens + seconds * rateLimit);
    if (this.#tokens < 1 - ROUNDING) return false;
    this.#tokens -= 1;
    return true;
  }
}
