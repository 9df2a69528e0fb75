import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { peersPage } from '../src/peers-page.mjs';
import { formatReport } from '../src/report.mjs';
import { addResults, assertSameRun, buildResults, headOf } from '../src/results.mjs';
import type { Series } from '../src/run.mjs';
import { SCENARIOS } from '../src/scenarios.mjs';
import { posternSubject } from '../src/subjects/postern.mjs';

const circumstances = { startedAt: new Date('2026-11-22T00:00:00Z'), loadAverage: 0 };
const settings = { rounds: 3, seconds: 2, sockets: 50, priority: 'ordinary priority' };
const scenario = SCENARIOS[0]!;

function series(label: string, cpuMicros: readonly number[], errors = 0): Series {
  const micros = { p50: 100, p90: 200, p99: 300, max: 400 };
  return {
    scenario,
    subject: { ...posternSubject({ label, folder: tmpdir(), profile: null }) },
    errors,
    failure: null,
    faults: errors === 0 ? [] : [{ kind: 'lost operation', count: errors, sample: '' }],
    rounds: cpuMicros.map((cpu) => ({
      operations: 1000,
      cpuMicrosPerOperation: cpu,
      operationsPerSecond: 500,
      coresBusy: { gateway: 0.95, backend: 0, load: 0.5, stolen: 0 },
      latency: {
        operations: 500,
        ratePerSecond: 250,
        stalledShare: 0,
        micros,
        touchedShare: 0.25,
        untouchedMicros: { ...micros, p99: 150 },
      },
      latencyAtHalf: null,
    })),
  };
}

test('a figure is the median of the rounds with its spread', () => {
  const results = buildResults([series('this', [30, 20, 40])], settings, circumstances);
  expect(results.scenarios[0]?.summary?.cpuMicrosPerOperation).toEqual({
    median: 30,
    min: 20,
    max: 40,
  });
  expect(results.scenarios[0]?.summary?.operations).toBe(3000);
  expect(results).toMatchObject({ format: 'postern-bench/1', comparisons: [], errors: 0 });
  expect(formatReport(results)).toContain('30.0 (20.0–40.0)');
});

test('two checkouts are compared round by round, not median by median', () => {
  const both = [series('this', [10, 20, 30]), series('compare', [20, 20, 20])];
  const results = buildResults(both, settings, circumstances);
  expect(results.comparisons[0]?.cpuMicrosPerOperation).toEqual({ median: 1, min: 0.5, max: 1.5 });
  expect(formatReport(results)).toContain('1.000 (0.500–1.500)');
});

test('a checkout that failed is compared with nothing, or as far as it came', () => {
  const failed = { ...series('this', []), failure: 'it was not ready' };
  const alone = buildResults([failed, series('compare', [20, 20])], settings, circumstances);
  expect(alone.comparisons).toEqual([]);
  expect(formatReport(alone)).toContain('push (compare)');
  expect(formatReport(alone)).toContain('push (this): FAILED: it was not ready');
  expect(formatReport(alone)).not.toContain('NaN');
  const both = [series('this', [10, 10, 30]), { ...series('compare', [20]), failure: 'it ended' }];
  const results = buildResults(both, settings, circumstances);
  expect(results.comparisons[0]?.cpuMicrosPerOperation).toEqual({
    median: 0.5,
    min: 0.5,
    max: 0.5,
  });
});

test('errors of all scenarios are added and named in the report', () => {
  const results = buildResults([series('this', [30], 4)], settings, circumstances);
  expect(results.errors).toBe(4);
  expect(formatReport(results)).toContain('ERROR 4 × lost operation');
});

test('a run in parts is one, in the order of the scenarios, and the later part counts', () => {
  const part = (name: string, micros: number, errors = 0) =>
    buildResults(
      [
        {
          ...series('this', [micros], errors),
          scenario: SCENARIOS.find((one) => one.name === name)!,
        },
      ],
      settings,
      circumstances,
    );
  const first = addResults(part('message', 30, 2), part('push', 20, 1));
  expect(first.scenarios.map(({ scenario }) => scenario)).toEqual(['push', 'message']);
  expect(first.errors).toBe(3);
  const again = addResults(first, part('message', 25));
  expect(again.scenarios.map(({ rounds }) => rounds[0]?.cpuMicrosPerOperation)).toEqual([20, 25]);
  expect(again.errors).toBe(1);
});

test('a part with other settings, or of another revision, is refused by what does not fit', () => {
  const one = buildResults([series('this', [30])], settings, circumstances);
  const other = buildResults([series('this', [30])], { ...settings, rounds: 4 }, circumstances);
  expect(() => addResults(one, other)).toThrow(
    '--add: not a part of this run: rounds: 3 there, 4 here',
  );
  const later = { ...one, checkouts: [{ label: 'this', revision: 'another' }] };
  expect(() => addResults(one, later)).toThrow('revision (this): unknown there, another here');
});

test('whether a part fits is known before anything is measured', () => {
  const { subject } = series('this', []);
  const results = buildResults([series('this', [30])], settings, circumstances);
  expect(() => assertSameRun(results, headOf([subject], settings, circumstances))).not.toThrow();
  const second = { ...subject, label: 'Postern, Node v26.0.0' };
  const two = headOf([subject, second], { ...settings, priority: 'nice -10' }, circumstances);
  expect(() => assertSameRun(results, two)).toThrow(
    'priority: ordinary priority there, nice -10 here; ' +
      'revision (Postern, Node v26.0.0): none there, unknown here',
  );
});

test('the gateway under two versions of Node.js has two rows, both in floors', () => {
  const floor = { ...series('C floor', [10]) };
  floor.subject = { ...floor.subject, folder: null };
  const two = [series('this', [30]), series('Postern, Node v26.0.0', [25]), floor];
  const page = peersPage(buildResults(two, settings, circumstances));
  expect(page).toContain('| | Postern, µs | × floor | Postern, Node v26.0.0, µs | × floor |');
  expect(page).toContain('| push | 30.0 | 3.00 | 25.0 | 2.50 |');
  expect(page).toContain('| Postern, Node v26.0.0 | 25.0 (25.0–25.0) | 2.50 |');
});

test('latencies without what the load generator held up stand apart, with their share', () => {
  const page = peersPage(buildResults([series('this', [30])], settings, circumstances));
  expect(page).toContain('| 100 (100–100); 300 (300–300) | 150 (150–150) without 25.0 % |');
});

test('a peer that failed ends nothing and is no error of the run', () => {
  const peer = { ...series('peer', [30], 3), failure: 'it was not ready' };
  peer.subject = { ...peer.subject, isOurs: false };
  const nothing = { ...peer, rounds: [] };
  const results = buildResults([series('this', [10]), nothing], settings, circumstances);
  expect(results.errors).toBe(0);
  expect(formatReport(results)).toContain('push (peer): FAILED: it was not ready');
  expect(peersPage(results)).toContain('| peer | failed |');
  expect(peersPage(results)).toContain('peer failed: it was not ready');
});
