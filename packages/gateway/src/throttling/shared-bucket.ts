/**
 * A bucket that all nodes draw from. Nobody waits for it: a node takes some tokens ahead, a tenth of a
 * second's worth, and serves from these. While it fetches the next ones it serves as many on credit, and
 * pays them back. So all nodes together keep the limit in the long run, and may at once exceed it by a
 * tenth of a second's worth each. While the engine is out of reach every node limits what it serves itself.
 */
import type { Clock } from '../ambient/clock.ts';
import { type Counters, EngineUnavailable } from '../engines/engine.ts';
import type { RateLimit } from '../resources/rate-limit.ts';
import type { Bucket, MakeBucket } from './bucket.ts';
import { TokenBucket } from './token-bucket.ts';

const SHARE_SECONDS = 0.1;
/** How long an empty bucket is left alone, at least and at most. */
const PAUSE_MILLIS_MIN = 20;
const PAUSE_MILLIS_MAX = 1000;

export function sharedBuckets(counters: Counters, clock: Pick<Clock, 'now'>): MakeBucket {
  return (name, limit) => new SharedBucket(name, limit, counters, clock);
}

export class SharedBucket implements Bucket {
  readonly limit: RateLimit;
  readonly #name: string;
  readonly #counters: Counters;
  readonly #clock: Pick<Clock, 'now'>;
  /** Tokens taken ahead and at most, and the same on credit. */
  readonly #share: number;
  /** Below zero: served on credit. */
  #tokens = 0;
  /** The last time, all that was asked for was there. */
  #hasCredit = true;
  #isAsking = false;
  /** Epoch milliseconds. */
  #askAgainAt = 0;
  /** While the engine is out of reach. */
  #own: TokenBucket | undefined;

  constructor(name: string, limit: RateLimit, counters: Counters, clock: Pick<Clock, 'now'>) {
    this.#name = name;
    this.limit = limit;
    this.#counters = counters;
    this.#clock = clock;
    const { rateLimit, burstLimit } = limit;
    this.#share = Math.max(
      1,
      Math.min(Math.floor(burstLimit), Math.ceil(rateLimit * SHARE_SECONDS)),
    );
  }

  take(now: number): boolean {
    if (this.limit.burstLimit < 1) return false;
    const isDue = now >= this.#askAgainAt;
    if (this.#own) {
      if (isDue) this.#ask();
      return this.#own.take(now);
    }
    if (this.#tokens >= 1 || (this.#hasCredit && this.#tokens > -this.#share)) {
      this.#tokens -= 1;
      if (this.#tokens < this.#share / 2 && (this.#hasCredit || isDue)) this.#ask();
      return true;
    }
    if (isDue) this.#ask();
    return false;
  }

  #ask(): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    void this.#fetch().finally(() => {
      this.#isAsking = false;
    });
  }

  async #fetch(): Promise<void> {
    const wanted = Math.max(1, Math.ceil(this.#share - this.#tokens));
    try {
      const taken = await this.#counters.take(this.#name, this.limit, wanted);
      this.#own = undefined;
      this.#tokens += taken;
      this.#hasCredit = taken === wanted;
      if (!this.#hasCredit) this.#askAgainAt = this.#clock.now() + this.#pauseMillis();
    } catch (error) {
      if (!(error instanceof EngineUnavailable)) process.emitWarning(error as Error);
      const now = this.#clock.now();
      this.#own ??= new TokenBucket(this.limit, now);
      this.#askAgainAt = now + PAUSE_MILLIS_MAX;
    }
  }

  /** Until there can be a token again. */
  #pauseMillis(): number {
    const { rateLimit } = this.limit;
    const millis = rateLimit > 0 ? 1000 / rateLimit : PAUSE_MILLIS_MAX;
    return Math.min(PAUSE_MILLIS_MAX, Math.max(PAUSE_MILLIS_MIN, millis));
  }
}
