import { describe, expect, test } from 'vitest';
import {
  daysFrom,
  expiryOf,
  periodStart,
  remainingOn,
  type Usage,
  withRemaining,
} from '../../src/resources/usage.ts';
import type { UsageQuota } from '../../src/resources/usage-plan.ts';

const quota = (period: UsageQuota['period'], offset = 0, limit = 10): UsageQuota => ({
  period,
  offset,
  limit,
});

// 22 November 2026 is a Sunday.
test.each([
  ['2026-11-22', quota('DAY'), '2026-11-22'],
  ['2026-11-22', quota('WEEK'), '2026-11-22'],
  ['2026-11-21', quota('WEEK'), '2026-11-15'],
  ['2026-11-22', quota('WEEK', 1), '2026-11-16'],
  ['2026-11-23', quota('WEEK', 1), '2026-11-23'],
  ['2026-11-22', quota('WEEK', 6), '2026-11-21'],
  ['2026-11-30', quota('MONTH'), '2026-11-01'],
  ['2026-11-01', quota('MONTH'), '2026-11-01'],
  ['2026-11-05', quota('MONTH', 5), '2026-10-06'],
  ['2026-11-06', quota('MONTH', 5), '2026-11-06'],
  ['2026-01-01', quota('MONTH', 27), '2025-12-28'],
])('%s lies in the period %j that began on %s', (day, plan, start) => {
  expect(periodStart(day, plan)).toBe(start);
});

describe('what remains', () => {
  const usage: Usage = {
    used: { '2026-11-14': 5, '2026-11-15': 4, '2026-11-20': 3 },
    granted: {},
  };

  test('counts the period alone, and no day after the one asked about', () => {
    expect(remainingOn('2026-11-19', usage, quota('WEEK'))).toBe(6);
    expect(remainingOn('2026-11-20', usage, quota('WEEK'))).toBe(3);
    expect(remainingOn('2026-11-22', usage, quota('WEEK'))).toBe(10);
  });

  test('is never below zero', () => {
    expect(remainingOn('2026-11-20', usage, quota('WEEK', 0, 2))).toBe(0);
  });

  test('can be set, for the period under way alone', () => {
    const week = quota('WEEK');
    const granted = withRemaining('2026-11-20', usage, week, 50);
    expect(remainingOn('2026-11-20', granted, week)).toBe(50);
    expect(remainingOn('2026-11-22', granted, week)).toBe(10);
    expect(remainingOn('2026-11-20', withRemaining('2026-11-20', usage, week, 0), week)).toBe(0);
  });
});

test('grants of periods that nobody can ask about any more are dropped', () => {
  const day = quota('DAY');
  const old = withRemaining('2026-01-01', { used: {}, granted: {} }, day, 11);
  expect(withRemaining('2026-04-01', old, day, 12).granted).toEqual({
    '2026-01-01': 1,
    '2026-04-01': 2,
  });
  expect(withRemaining('2026-04-02', old, day, 12).granted).toEqual({ '2026-04-02': 2 });
});

test('the count of a day is kept as long as anybody may ask about it', () => {
  expect(new Date(expiryOf('2026-01-01')).toISOString()).toBe('2026-04-02T00:00:00.000Z');
  expect(daysFrom('2026-02-27', '2026-03-01')).toEqual(['2026-02-27', '2026-02-28', '2026-03-01']);
});
