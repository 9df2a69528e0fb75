import type { RateLimit } from '../resources/rate-limit.ts';
import { TokenBucket } from './token-bucket.ts';

/** Lets through what a limit allows: `TokenBucket` alone, `SharedBucket` together with other nodes. */
export interface Bucket {
  readonly limit: RateLimit;
  /** Whether there was a token; it is gone then. `now` is epoch milliseconds. */
  take(now: number): boolean;
}

/** Makes the bucket of a name. Under the same name, all nodes draw from one where they share any. */
export type MakeBucket = (name: string, limit: RateLimit, now: number) => Bucket;

export const ownBucket: MakeBucket = (_, limit, now) => new TokenBucket(limit, now);
