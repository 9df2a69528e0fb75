import type { CompiledStage } from '../resources/compiled-stage.ts';
import type { RateLimit } from '../resources/rate-limit.ts';
import type { Bucket, MakeBucket } from './bucket.ts';

/** The buckets of one stage, a bucket for each route that has been asked for. */
export class RouteBuckets {
  readonly #makeBucket: MakeBucket;
  #stage: CompiledStage | undefined;
  #buckets = new Map<string, Bucket>();

  constructor(makeBucket: MakeBucket) {
    this.#makeBucket = makeBucket;
  }

  /** The bucket of a route of the stage as it is now; `undefined` where the route has no limit. */
  of(stage: CompiledStage, routeKey: string, now: number): Bucket | undefined {
    if (stage !== this.#stage) this.#follow(stage);
    const limit = stage.rateLimits.get(routeKey);
    if (!limit) return undefined;
    let bucket = this.#buckets.get(routeKey);
    if (!bucket) {
      const { apiId, stageName } = stage;
      bucket = this.#makeBucket(`route/${apiId}/${stageName}/${routeKey}`, limit, now);
      this.#buckets.set(routeKey, bucket);
    }
    return bucket;
  }

  /** After a deployment, or any other change, a bucket goes on unless its limit is another one. */
  #follow(stage: CompiledStage): void {
    this.#stage = stage;
    for (const [routeKey, { limit }] of this.#buckets) {
      if (!isSame(limit, stage.rateLimits.get(routeKey))) this.#buckets.delete(routeKey);
    }
  }
}

function isSame(one: RateLimit, other: RateLimit | undefined): boolean {
  return one.rateLimit === other?.rateLimit && one.burstLimit === other.burstLimit;
}
