/**
 * API keys and usage plans at `$connect` (developer guide, "Usage plans and API keys"): the key must be
 * enabled and in a plan that holds the stage; then the plan's throttle, then its quota.
 */
import type { Clock } from '../ambient/clock.ts';
import type { Counters, ResourceStore } from '../engines/engine.ts';
import {
  API_KEY_PREFIX,
  type ApiKey,
  type ApiKeyValue,
  apiKeyValueKey,
} from '../resources/api-key.ts';
import {
  USAGE_PLANS_KEY,
  type UsagePlan,
  type UsagePlansDocument,
} from '../resources/usage-plan.ts';
import type { RuleName } from '../wire/rules.ts';
import type { Bucket, MakeBucket } from './bucket.ts';
import { UsageCounter } from './usage-counter.ts';

export type KeyAdmission =
  | { readonly kind: 'admitted'; readonly apiKey: string; readonly apiKeyId: string }
  /** `forbidden`: 403. `throttled` and `spent`: 429, each with its own message. */
  | {
      readonly kind: 'forbidden' | 'throttled' | 'spent';
      readonly reason: string;
      readonly rule: RuleName;
    };

/** Buckets of keys that were not used for long are thrown away beyond this many. */
const BUCKETS_MAX = 10_000;

export class UsagePlans {
  readonly #store: ResourceStore;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #makeBucket: MakeBucket;
  /** By plan and key; the least recently made first. */
  readonly #buckets = new Map<string, Bucket>();
  readonly #usage: UsageCounter;

  constructor(
    store: ResourceStore,
    counters: Counters,
    clock: Pick<Clock, 'now'>,
    makeBucket: MakeBucket,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#makeBucket = makeBucket;
    this.#usage = new UsageCounter(store, counters, clock);
  }

  async admit(
    value: string | undefined,
    stage: { readonly apiId: string; readonly stageName: string },
  ): Promise<KeyAdmission> {
    if (!value) return forbidden('api-key-missing', 'the API key is missing');
    const key = await this.#keyOf(value);
    if (!key?.enabled) return forbidden('api-key-unknown', 'the API key is unknown or disabled');
    const plan = await this.#planOf(key, stage);
    if (!plan) {
      const reason = `API key ${key.id} is in no usage plan of this stage`;
      return forbidden('api-key-without-plan', reason);
    }
    if (!this.#takeToken(plan, key)) {
      const reason = `the throttle of usage plan ${plan.id} is reached`;
      return { kind: 'throttled', reason, rule: 'usage-plan-rate-limit' };
    }
    if (!(await this.#usage.count(plan.id, key.id, plan.quota))) {
      const reason = `the quota of usage plan ${plan.id} is spent`;
      return { kind: 'spent', reason, rule: 'usage-plan-quota' };
    }
    return { kind: 'admitted', apiKey: value, apiKeyId: key.id };
  }

  async #keyOf(value: string): Promise<ApiKey | undefined> {
    const found = (await this.#store.get(apiKeyValueKey(value)))?.value as ApiKeyValue | undefined;
    if (!found) return undefined;
    return (await this.#store.get(API_KEY_PREFIX + found.apiKeyId))?.value as ApiKey | undefined;
  }

  async #planOf(
    { id }: ApiKey,
    { apiId, stageName }: { readonly apiId: string; readonly stageName: string },
  ): Promise<UsagePlan | undefined> {
    const stored = await this.#store.get(USAGE_PLANS_KEY);
    const { plans = {} } = (stored?.value ?? {}) as Partial<UsagePlansDocument>;
    return Object.values(plans).find(
      ({ keyIds, apiStages }) =>
        keyIds.includes(id) &&
        apiStages.some((one) => one.apiId === apiId && one.stage === stageName),
    );
  }

  #takeToken({ id, throttle }: UsagePlan, key: ApiKey): boolean {
    const { rateLimit, burstLimit } = throttle ?? {};
    if (rateLimit === undefined && burstLimit === undefined) return true;
    const limit = { rateLimit: rateLimit ?? 0, burstLimit: burstLimit ?? 1 };
    const name = `${id}/${key.id}`;
    const known = this.#buckets.get(name);
    const isSame =
      known?.limit.rateLimit === limit.rateLimit && known.limit.burstLimit === limit.burstLimit;
    const bucket =
      known && isSame ? known : this.#makeBucket(`plan/${name}`, limit, this.#clock.now());
    if (bucket !== known) {
      this.#buckets.set(name, bucket);
      const [oldest] = this.#buckets.keys();
      if (this.#buckets.size > BUCKETS_MAX && oldest) this.#buckets.delete(oldest);
    }
    return bucket.take(this.#clock.now());
  }
}

function forbidden(rule: RuleName, reason: string): KeyAdmission {
  return { kind: 'forbidden', reason, rule };
}
