/** How often each API key was used under each plan: counted where it survives a restart. */
import type { Clock } from '../ambient/clock.ts';
import type { ResourceStore } from '../engines/engine.ts';
import {
  dayOf,
  noUsage,
  remainingOn,
  type UsageDocument,
  usageKey,
  withUse,
} from '../resources/usage.ts';
import type { UsageQuota } from '../resources/usage-plan.ts';

export interface UsageCounter {
  /**
   * Counts one use of a key under a plan and resolves with `true`, or with `false` where the quota has
   * none left. Uses are counted without a quota too: GetUsage tells them.
   */
  count(planId: string, keyId: string, quota: UsageQuota | undefined): Promise<boolean>;
}

/** A key's use is counted under a version; others may count at the same moment. */
const COUNT_ATTEMPTS_MAX = 20;

/** In the documents that GetUsage reads and UpdateUsage changes. */
export class StoredUsage implements UsageCounter {
  readonly #store: ResourceStore;
  readonly #clock: Pick<Clock, 'now'>;
  /** Counting under way by plan and key: one after the other, or they would only meet and retry. */
  readonly #counting = new Map<string, Promise<boolean>>();

  constructor(store: ResourceStore, clock: Pick<Clock, 'now'>) {
    this.#store = store;
    this.#clock = clock;
  }

  async count(planId: string, keyId: string, quota: UsageQuota | undefined): Promise<boolean> {
    const key = usageKey(planId, keyId);
    const before = this.#counting.get(key) ?? Promise.resolve(true);
    const turn = before.catch(() => true).then(() => this.#count(key, quota));
    this.#counting.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#counting.get(key) === turn) this.#counting.delete(key);
    }
  }

  async #count(key: string, quota: UsageQuota | undefined): Promise<boolean> {
    const day = dayOf(this.#clock.now());
    for (let attempt = 0; attempt < COUNT_ATTEMPTS_MAX; attempt += 1) {
      const stored = await this.#store.get(key);
      const usage = (stored?.value ?? noUsage) as UsageDocument;
      if (quota && remainingOn(day, usage, quota) === 0) return false;
      const value = withUse(day, usage);
      const expectedVersion = stored?.version ?? 0;
      if (await this.#store.commit([{ key, value, expectedVersion }])) return true;
    }
    // So many at once that the count lags: nobody is turned away for that.
    return true;
  }
}
