import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import type { FootprintSeries } from '../src/footprint.mjs';
import { GOALS, judge, LATE, LATE_WITH_WAITS, WAITS_PERCENT } from '../src/goals.mjs';
import { peersPage } from '../src/peers-page.mjs';
import { buildResults } from '../src/results.mjs';
import type { Round, Series } from '../src/run.mjs';
import { SCENARIOS } from '../src/scenarios.mjs';
import { posternSubject } from '../src/subjects/postern.mjs';

const circumstances = { startedAt: new Date('2026-11-22T00:00:00Z'), loadAverage: 0 };
const settings = { rounds: 1, seconds: 2, sockets: 50, priority: 'ordinary priority' };

function subject(label: string) {
  const folder = label === 'this' ? tmpdir() : null;
  return { ...posternSubject({ label, folder: tmpdir(), profile: null }), folder };
}

function scenario(name: string) {
  return SCENARIOS.find((one) => one.name === name)!;
}

function moving(name: string, label: string, figures: { cpu?: number; p99?: number } = {}): Series {
  const { cpu = 10, p99 = 1000 } = figures;
  const micros = { p50: 100, p90: 200, p99, max: 9000 };
  const round: Round = {
    operations: 1000,
    cpuMicrosPerOperation: cpu,
    operationsPerSecond: 3000,
    coresBusy: { gateway: 1, backend: 0, load: 0.5, stolen: 0 },
    latency: {
      operations: 500,
      ratePerSecond: 250,
      stalledShare: 0,
      micros,
      touchedShare: 0.04,
      untouchedMicros: { ...micros, p99: 800 },
    },
    latencyAtHalf: null,
  };
  return {
    scenario: scenario(name),
    subject: subject(label),
    rounds: [round],
    errors: 0,
    faults: [],
    failure: null,
  };
}

function still(name: string, label: string, figures: Record<string, number>): FootprintSeries {
  const common = { errors: 0, faults: [], failure: null };
  return { scenario: scenario(name), subject: subject(label), rounds: [figures], ...common };
}

/** Measured and whether it is met, of the goals of one scenario, by what they are about. */
function verdicts(series: Series[], footprints: FootprintSeries[], name: string) {
  const results = buildResults(series, settings, circumstances, footprints);
  return judge(results, 'this')
    .filter(({ goal }) => goal.scenario === name)
    .map(({ measured, isMet }) => [measured, isMet]);
}

test('a goal is met at its limit and missed one past it', () => {
  const push = (own: number) =>
    verdicts(
      [
        moving('push', 'this', { cpu: own }),
        moving('push', 'C floor', { cpu: 10 }),
        moving('push', 'nginx + nchan', { cpu: 20 }),
        moving('push', 'Pushpin', { cpu: 180 }),
        moving('push', 'serverless-offline', { cpu: 150 }),
      ],
      [],
      'push',
    );
  expect(push(30)).toEqual([
    [3, true],
    [1.5, true],
    [6, true],
    [5, true],
    [1, true],
  ]);
  expect(push(30.1).map(([, isMet]) => isMet)).toEqual([false, false, false, false, true]);
});

test('what must stay under its limit misses it there', () => {
  const start = (millis: number) =>
    verdicts([], [still('start', 'this', { 'ms to ready': millis, 'MB resident': 69 })], 'start');
  expect(start(299.9)).toEqual([
    [299.9, true],
    [69, true],
  ]);
  expect(start(300)[0]).toEqual([300, false]);
});

test('a fan-out is judged by its frames and by how late the loop was', () => {
  const series = [
    still('fan-out-10000', 'this', { 'CPU µs per frame': 7, [LATE]: 4 }),
    still('fan-out-10000', 'C floor', { 'CPU µs per frame': 5 }),
    still('fan-out-10000', 'nginx + nchan', { 'CPU µs per frame': 6 }),
  ];
  const [nchan, floor, late] = verdicts([], series, 'fan-out-10000');
  expect([nchan?.[1], floor, late]).toEqual([false, [1.4, true], [4, true]]);
});

test('how late the loop was stands beside what it was with waits for a core', () => {
  const late = { [LATE]: 4, [LATE_WITH_WAITS]: 50.2, [WAITS_PERCENT]: 5 };
  const series = [still('fan-out-10000', 'this', late)];
  const page = peersPage(buildResults([], settings, circumstances, series));
  expect(page).toContain('4.0, met (50.2 with the 5 % in which other programs had its core)');
  expect(page).toContain(
    'another program had its core for over a millisecond are only in the last two',
  );
});

test('a figure that only some rounds have is of those', () => {
  const rounds = [{ a: 1 }, { a: 2, [LATE]: 4 }, { a: 3, [LATE]: 8 }];
  const series = { ...still('fan-out-10000', 'this', {}), rounds };
  const results = buildResults([], settings, circumstances, [series]);
  expect(results.footprints[0]?.summary[LATE]).toEqual({ median: 6, min: 4, max: 8 });
  expect(peersPage(results)).toContain('| Postern | 1.0, none | 2.0, 4.0 | 3.0, 8.0 |');
});

test('idle sockets are judged in kilobytes, and clients let in by the second', () => {
  const idle = [still('idle-50000', 'this', { 'bytes resident per socket': 7000 })];
  expect(verdicts([], idle, 'idle-50000')).toEqual([[7, true]]);
  expect(verdicts([moving('connect-backend', 'this')], [], 'connect-backend')).toEqual([
    [3000, true],
  ]);
});

test('what a run has not measured is neither met nor missed, and the page says why', () => {
  const failed = { ...moving('push', 'Pushpin'), rounds: [], failure: 'it ended' };
  const series = [moving('push', 'this'), failed, { ...moving('message', 'this'), rounds: [] }];
  const still50000 = [still('fan-out-10000', 'this', { 'CPU µs per frame': 6 })];
  const page = peersPage(buildResults(series, settings, circumstances, still50000));
  const others = GOALS.length - 1;
  expect(page).toContain(`keeps 1 of 1 that were measured, and ${others} could not be judged`);
  for (const line of [
    'push: CPU time, in what C floor takes | at most 3 | not measured: no row of C floor |',
    'in what Postern takes | at least 6 | not measured: Pushpin failed |',
    'message: CPU time, in what C floor takes | at most 2.5 | not measured: it failed |',
    'echo: CPU time, in what C floor takes | at most 2.5 | not measured: echo was not run |',
    'p99, ms | under 20 | not measured: no round has the figure |',
  ]) {
    expect(page).toContain(line);
  }
});

test('a percentile stands beside the floor’s, and without what the generator held up', () => {
  const slow = moving('push', 'this', { p99: 9000 });
  const page = peersPage(buildResults([slow, moving('push', 'C floor')], settings, circumstances));
  expect(page).toContain(
    '| under 5 | 9.0, **missed** (the floor 1.0; 0.8 without the 4.0 % that the load generator’s own stalls touched) |',
  );
});

test('every goal is of a scenario, and says why', () => {
  for (const goal of GOALS) {
    expect(SCENARIOS.map(({ name }) => name)).toContain(goal.scenario);
    expect(goal.why.length).toBeGreaterThan(10);
  }
});
