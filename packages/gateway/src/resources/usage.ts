/**
 * How often an API key was used under a usage plan, by day (UTC), and what remains of its quota. Uses are
 * counters of the engine; what was granted beside the plan's limit is a document, `usage/{planId}/{keyId}`.
 */
import type { Dictionary } from './record.ts';
import type { UsageQuota } from './usage-plan.ts';

export interface UsageGrants {
  /** First day of a period → connections granted beyond the plan's limit; may be negative. */
  readonly granted: Dictionary<number>;
}

export interface Usage extends UsageGrants {
  /** Day → connections, `2026-11-22` → 12. */
  readonly used: Dictionary<number>;
}

export const usageKey = (planId: string, keyId: string) => `usage/${planId}/${keyId}`;
export const noUsage: UsageGrants = { granted: {} };

/** Amazon answers questions about the last ninety days. */
export const usageDaysKept = 90;

const DAY_MILLIS = 86_400_000;

/** `2026-11-22`, in UTC. */
export const dayOf = (epochMillis: number) => new Date(epochMillis).toISOString().slice(0, 10);

const startOf = (day: string) => Date.parse(`${day}T00:00:00Z`);

/** Both included. */
export function daysFrom(first: string, last: string): string[] {
  const count = (startOf(last) - startOf(first)) / DAY_MILLIS + 1;
  return Array.from({ length: count }, (_, index) => dayOf(startOf(first) + index * DAY_MILLIS));
}

/** When the count of a day is not needed any more, epoch milliseconds. */
export const expiryOf = (day: string) => startOf(day) + (usageDaysKept + 1) * DAY_MILLIS;

/** The first day of the period that `day` lies in. Weeks begin on Sunday, both `offset` days late. */
export function periodStart(day: string, { period, offset }: UsageQuota): string {
  const at = new Date(startOf(day));
  if (period === 'DAY') return day;
  if (period === 'WEEK') {
    const since = (at.getUTCDay() - offset + 7) % 7;
    return dayOf(at.getTime() - since * DAY_MILLIS);
  }
  const isBefore = at.getUTCDate() <= offset;
  return dayOf(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - (isBefore ? 1 : 0), 1 + offset));
}

/** Uses from the beginning of the period to the end of `day`. */
function usedUntil(day: string, { used }: Usage, quota: UsageQuota): number {
  const start = periodStart(day, quota);
  return Object.entries(used)
    .filter(([on]) => on >= start && on <= day)
    .reduce((sum, [, count]) => sum + count, 0);
}

/** What is left of the quota at the end of `day`; never below zero. */
export function remainingOn(day: string, usage: Usage, quota: UsageQuota): number {
  const granted = usage.granted[periodStart(day, quota)] ?? 0;
  return Math.max(0, quota.limit + granted - usedUntil(day, usage, quota));
}

/** With exactly `remaining` left in the period of `day`. Grants that no day kept lies in are dropped. */
export function withRemaining(
  day: string,
  usage: Usage,
  quota: UsageQuota,
  remaining: number,
): Usage {
  const oldest = dayOf(startOf(day) - usageDaysKept * DAY_MILLIS);
  const kept = Object.entries(usage.granted).filter(([start]) => start >= oldest);
  const granted = remaining - quota.limit + usedUntil(day, usage, quota);
  return { ...usage, granted: { ...Object.fromEntries(kept), [periodStart(day, quota)]: granted } };
}
