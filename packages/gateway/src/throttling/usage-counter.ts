/**
 * How often each API key was used under each plan: counters of the engine, one for each day, so that of
 * many uses at once, on whichever nodes, each counts once and none passes the quota. They survive a restart.
 */
import type { Clock } from '../ambient/clock.ts';
import type { Counters, ResourceStore } from '../engines/engine.ts';
import {
  dayOf,
  daysFrom,
  expiryOf,
  noUsage,
  periodStart,
  type UsageGrants,
  usageKey,
} from '../resources/usage.ts';
import type { UsageQuota } from '../resources/usage-plan.ts';

export class UsageCounter {
  readonly #store: Pick<ResourceStore, 'get'>;
  readonly #counters: Pick<Counters, 'add'>;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(
    store: Pick<ResourceStore, 'get'>,
    counters: Pick<Counters, 'add'>,
    clock: Pick<Clock, 'now'>,
  ) {
    this.#store = store;
    this.#counters = counters;
    this.#clock = clock;
  }

  /**
   * Counts one use of a key under a plan and resolves with `true`, or with `false` where the quota has
   * none left. Uses are counted without a quota too: GetUsage tells them.
   */
  async count(planId: string, keyId: string, quota: UsageQuota | undefined): Promise<boolean> {
    const day = dayOf(this.#clock.now());
    const name = usageKey(planId, keyId);
    const expiresAt = expiryOf(day);
    if (!quota) return this.#counters.add(countOf(name, day), 1, { expiresAt });
    const { granted } = ((await this.#store.get(name))?.value ?? noUsage) as UsageGrants;
    const start = periodStart(day, quota);
    const among = daysFrom(start, day)
      .slice(0, -1)
      .map((earlier) => countOf(name, earlier));
    const max = quota.limit + (granted[start] ?? 0);
    return this.#counters.add(countOf(name, day), 1, { max, among, expiresAt });
  }
}

/** Uses of a key on each of these days. */
export async function readUses(
  counters: Pick<Counters, 'read'>,
  name: string,
  days: readonly string[],
): Promise<Record<string, number>> {
  const counts = await counters.read(days.map((day) => countOf(name, day)));
  return Object.fromEntries(days.map((day, at) => [day, counts[at]!]));
}

const countOf = (name: string, day: string) => `${name}/${day}`;
