import { expect, test } from 'vitest';
import { Backoff } from '../src/backoff.ts';

const guide = { reconnectDelayMs: 5_000, reconnectDelayMaxMs: 60_000, jitter: 0, random: () => 0 };

function delays(backoff: Backoff, count: number): number[] {
  return Array.from({ length: count }, () => backoff.next());
}

test('delays double from the first to the largest and stay there', () => {
  const expected = [5_000, 10_000, 20_000, 40_000, 60_000, 60_000];
  expect(delays(new Backoff(guide), 6)).toEqual(expected);
});

test('a reset starts over with the first delay', () => {
  const backoff = new Backoff(guide);
  delays(backoff, 4);
  backoff.reset();
  expect(delays(backoff, 2)).toEqual([5_000, 10_000]);
});

test('jitter takes away at most its fraction and never adds', () => {
  const luckless = new Backoff({ ...guide, jitter: 0.2, random: () => 0 });
  expect(delays(luckless, 5)).toEqual([5_000, 10_000, 20_000, 40_000, 60_000]);
  const lucky = new Backoff({ ...guide, jitter: 0.2, random: () => 1 });
  expect(delays(lucky, 5)).toEqual([4_000, 8_000, 16_000, 32_000, 48_000]);
});

test('jitter does not slow the doubling: each delay is drawn from the full one', () => {
  const numbers = [1, 0];
  const backoff = new Backoff({ ...guide, jitter: 0.5, random: () => numbers.shift() ?? 0 });
  expect(delays(backoff, 2)).toEqual([2_500, 10_000]);
});

test('a first delay above the largest is cut to the largest', () => {
  const backoff = new Backoff({ ...guide, reconnectDelayMs: 90_000 });
  expect(delays(backoff, 2)).toEqual([60_000, 60_000]);
});

test('a first delay of zero stays zero', () => {
  expect(delays(new Backoff({ ...guide, reconnectDelayMs: 0 }), 3)).toEqual([0, 0, 0]);
});
