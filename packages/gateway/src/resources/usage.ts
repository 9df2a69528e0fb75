/**
 * How often an API key was used under a usage plan, by day (UTC), and what remains of its quota.
 * Stored under `usage/{planId}/{keyId}`: counted by whoever serves, so it survives a restart.
 */
import type { Dictionary } from './record.ts';
import type { UsageQuota } from './usage-plan.ts';

export interface UsageDocument {
  /** Day → connections, `2026-11-22` → 12. Days older than `usageDaysKept` are dropped. */
  readonly used: Dictionary<number>;
  /** First day of a period → connections granted beyond the plan's limit; may be negative. */
  readonly granted: Dictionary<number>;
}

export const usageKey = (planId: string, keyId: string) => `usage/${planId}/${keyId}`;
export const noUsage: UsageDocument = { used: {}, granted: {} };

/** Amazon answers questions about the last ninety days. */
export const usageDaysKept = 90;

const DAY_MILLIS = 86_400_000;

/** `2026-11-22`, in UTC. */
export const dayOf = (epochMillis: number) => new Date(epochMillis).toISOString().slice(0, 10);

/** The first day of the period that `day` lies in. Weeks begin on Sunday, both `offset` days late. */
export function periodStart(day: string, { period, offset }: UsageQuota): string {
  const at = new Date(`${day}T00:00:00Z`);
  if (period === 'DAY') return day;
  if (period === 'WEEK') {
    const since = (at.getUTCDay() - offset + 7) % 7;
    return dayOf(at.getTime() - since * DAY_MILLIS);
  }
  const isBefore = at.getUTCDate() <= offset;
  return dayOf(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - (isBefore ? 1 : 0), 1 + offset));
}

/** Uses from the beginning of the period to the end of `day`. */
function usedUntil(day: string, { used }: UsageDocument, quota: UsageQuota): number {
  const start = periodStart(day, quota);
  return Object.entries(used)
    .filter(([on]) => on >= start && on <= day)
    .reduce((sum, [, count]) => sum + count, 0);
}

/** What is left of the quota at the end of `day`; never below zero. */
export function remainingOn(day: string, usage: UsageDocument, quota: UsageQuota): number {
  const granted = usage.granted[periodStart(day, quota)] ?? 0;
  return Math.max(0, quota.limit + granted - usedUntil(day, usage, quota));
}

/** One more use on `day`. */
export function withUse(day: string, usage: UsageDocument): UsageDocument {
  const oldest = dayOf(Date.parse(`${day}T00:00:00Z`) - usageDaysKept * DAY_MILLIS);
  const isKept = ([on]: readonly [string, number]) => on >= oldest;
  const used = { ...usage.used, [day]: (usage.used[day] ?? 0) + 1 };
  return {
    used: Object.fromEntries(Object.entries(used).filter(isKept)),
    granted: Object.fromEntries(Object.entries(usage.granted).filter(isKept)),
  };
}

/** The usage with exactly `remaining` left in the period of `day`. */
export function withRemaining(
  day: string,
  usage: UsageDocument,
  quota: UsageQuota,
  remaining: number,
): UsageDocument {
  const granted = remaining - quota.limit + usedUntil(day, usage, quota);
  return { ...usage, granted: { ...usage.granted, [periodStart(day, quota)]: granted } };
}
