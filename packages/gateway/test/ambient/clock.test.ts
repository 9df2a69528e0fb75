import { expect, test } from 'vitest';
import { systemClock } from '../../src/ambient/clock.ts';

const spend = (millis: number) => {
  const end = systemClock.ticks() + millis;
  while (systemClock.ticks() < end);
};
const endOfTurn = () => new Promise((resolve) => setImmediate(resolve));

test('within a turn of the event loop its time stands still, and the next has another', async () => {
  await endOfTurn();
  const now = systemClock.turnNow();
  const ticks = systemClock.turnTicks();
  spend(2);
  expect(systemClock.turnNow()).toBe(now);
  expect(systemClock.turnTicks()).toBe(ticks);
  await Promise.resolve();
  expect(systemClock.turnTicks()).toBe(ticks);
  await endOfTurn();
  expect(systemClock.turnTicks()).toBeGreaterThanOrEqual(ticks + 2);
  expect(systemClock.turnNow()).toBeGreaterThan(now);
});

test('the time of a turn is that of the clock when it is first asked for', async () => {
  await endOfTurn();
  const before = [systemClock.now(), systemClock.ticks()] as const;
  const ofTurn = [systemClock.turnNow(), systemClock.turnTicks()] as const;
  expect(ofTurn[0]).toBeGreaterThanOrEqual(before[0]);
  expect(ofTurn[1]).toBeGreaterThanOrEqual(before[1]);
  expect(ofTurn[1]).toBeLessThanOrEqual(systemClock.ticks());
});

test('one moment has one time, however often it is asked for', () => {
  const moment = systemClock.ticks();
  const times = new Set<number>();
  for (let look = 0; look < 200; look += 1) {
    times.add(systemClock.timeOf(moment));
    spend(0.1);
  }
  expect([...times]).toHaveLength(1);
  expect([...times][0]! % 1).toBe(0);
});

test('the time of a moment is that of the day', () => {
  // Whoever is held up between two looks at a clock sees an older one: of many, one is not.
  const apart = Array.from({ length: 50 }, () =>
    Math.abs(systemClock.timeOf(systemClock.ticks()) - systemClock.now()),
  );
  expect(Math.min(...apart)).toBeLessThanOrEqual(3);
});
