import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { formatReport } from '../src/report.mjs';
import { buildResults } from '../src/results.mjs';
import type { Series } from '../src/run.mjs';
import { SCENARIOS } from '../src/scenarios.mjs';
import { posternSubject } from '../src/subjects/postern.mjs';

const circumstances = { startedAt: new Date('2026-11-22T00:00:00Z'), loadAverage: 0 };
const settings = { rounds: 3, seconds: 2, sockets: 50 };
const scenario = SCENARIOS[0]!;

function series(label: string, cpuMicros: readonly number[], errors = 0): Series {
  return {
    scenario,
    subject: { ...posternSubject({ label, folder: tmpdir(), profile: null }) },
    errors,
    failure: null,
    faults: errors === 0 ? [] : [{ kind: 'lost operation', count: errors, sample: '' }],
    rounds: cpuMicros.map((micros) => ({
      operations: 1000,
      cpuMicrosPerOperation: micros,
      operationsPerSecond: 500,
      coresBusy: { gateway: 0.95, backend: 0, load: 0.5, stolen: 0 },
      latency: {
        operations: 500,
        ratePerSecond: 250,
        stalledShare: 0,
        micros: { p50: 100, p90: 200, p99: 300, max: 400 },
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

test('errors of all scenarios are added and named in the report', () => {
  const results = buildResults([series('this', [30], 4)], settings, circumstances);
  expect(results.errors).toBe(4);
  expect(formatReport(results)).toContain('ERROR 4 × lost operation');
});
