import { expect, test } from 'vitest';
import { fanOutSeconds } from '../src/fan-out.mjs';
import { footprintSeconds } from '../src/footprint.mjs';
import { startProgress } from '../src/progress.mjs';
import { benchSeconds } from '../src/run.mjs';
import { SCENARIOS } from '../src/scenarios.mjs';
import { PEERS } from '../src/subjects/peers.mjs';

test('what is left follows from how long the steps before have taken', () => {
  const told: string[] = [];
  let millis = 0;
  const progress = startProgress(
    600,
    (line) => told.push(line),
    () => millis,
  );
  millis = 120_000;
  progress('first', 60);
  progress('nothing is done');
  millis = 1_000_000;
  progress('second', 500);
  progress('last', 40);
  expect(told).toEqual([
    'this will take about 10 minutes',
    'first (about 15 minutes left)',
    'nothing is done',
    'second (about 70 s left)',
    'last',
  ]);
});

test('more servers, rounds or seconds are expected to take longer', () => {
  const subjects = PEERS.map(({ peer }) => peer);
  const plan = { subjects, rounds: 3, seconds: 1.5 };
  const [push] = SCENARIOS;
  const few = benchSeconds([push!], { ...plan, subjects: subjects.slice(0, 1) });
  expect(few).toBeGreaterThan(3 * 1.5);
  expect(benchSeconds([push!], plan)).toBeCloseTo(few * 4);
  expect(benchSeconds([push!], { ...plan, rounds: 6 })).toBeLessThan(few * 8);
  const still = SCENARIOS.filter(({ name }) => name === 'idle-10000');
  expect(footprintSeconds(still, { ...plan, rounds: 9 })).toBe(footprintSeconds(still, plan));
  const toMany = SCENARIOS.filter(({ kind }) => kind === 'fanOut');
  expect(fanOutSeconds(toMany, plan)).toBe(fanOutSeconds(toMany.slice(0, 1), plan) * 2);
});
