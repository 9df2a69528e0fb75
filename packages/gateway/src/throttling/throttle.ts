/**
 * Who is served now and who is asked to come again (developer guide, "Protect your WebSocket APIs").
 * A handshake, a message and a call of `@connections` are one request each. Order as on AWS: the limit
 * of the route, then that of the account.
 */
import type { Clock } from '../ambient/clock.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import { type Bucket, type MakeBucket, ownBucket } from './bucket.ts';
import { type Excess, excess } from './excess.ts';
import { RouteBuckets } from './route-buckets.ts';

export interface ThrottleLimits {
  /** Requests a second of all APIs together; 0: any number. */
  readonly accountRateLimit: number;
  /** Requests at once of all APIs together, where `accountRateLimit` is set. */
  readonly accountBurstLimit: number;
  /** New connections a second; 0: any number. */
  readonly connectsPerSecondMax: number;
}

/** Each call answers which limit is reached; `undefined` within all. */
export class Throttle {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #makeBucket: MakeBucket;
  readonly #account: Bucket | undefined;
  readonly #connects: Bucket | undefined;
  /** By apiId and stage name, once a stage with limits was asked for. */
  readonly #stages = new Map<string, RouteBuckets>();

  constructor(
    limits: ThrottleLimits,
    clock: Pick<Clock, 'now'>,
    makeBucket: MakeBucket = ownBucket,
  ) {
    const { accountRateLimit, accountBurstLimit, connectsPerSecondMax } = limits;
    const bucket = (name: string, rateLimit: number, burstLimit: number) =>
      rateLimit > 0 ? makeBucket(name, { rateLimit, burstLimit }, clock.now()) : undefined;
    this.#clock = clock;
    this.#makeBucket = makeBucket;
    this.#account = bucket('account', accountRateLimit, accountBurstLimit);
    this.#connects = bucket('connects', connectsPerSecondMax, connectsPerSecondMax);
  }

  /** A handshake, before anybody asks who the client is. */
  handshake(): Excess | undefined {
    if (this.#connects && !this.#connects.take(this.#clock.now()))
      return excess('connect-rate-limit', 'connectsPerSecondMax');
    return this.call();
  }

  /** A handshake that was let in by the authorizer: the limit of `$connect`. */
  route(stage: CompiledStage, routeKey: string): Excess | undefined {
    if (stage.rateLimits.size === 0) return undefined;
    const now = this.#clock.now();
    const key = keyOf(stage);
    let buckets = this.#stages.get(key);
    if (!buckets) {
      buckets = new RouteBuckets(this.#makeBucket);
      this.#stages.set(key, buckets);
    }
    const bucket = buckets.of(stage, routeKey, now);
    return !bucket || bucket.take(now)
      ? undefined
      : excess('route-rate-limit', `the limit of ${routeKey}`);
  }

  /** A client's message; one that no route takes counts for the account alone. */
  message(stage: CompiledStage, routeKey: string | undefined): Excess | undefined {
    return (routeKey === undefined ? undefined : this.route(stage, routeKey)) ?? this.call();
  }

  /** A call of `@connections`: the account's limit alone. */
  call(): Excess | undefined {
    if (!this.#account || this.#account.take(this.#clock.now())) return undefined;
    return excess('account-rate-limit', 'accountRateLimit');
  }

  /** The stage is no longer there, and neither are its buckets. */
  forget(stage: CompiledStage): void {
    this.#stages.delete(keyOf(stage));
  }
}

const keyOf = ({ apiId, stageName }: CompiledStage) => `${apiId}/${stageName}`;
