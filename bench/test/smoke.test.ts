import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Results } from '../src/results.mjs';
import { isFanOut, isFootprint, SCENARIOS } from '../src/scenarios.mjs';

const main = fileURLToPath(new URL('../src/main.mjs', import.meta.url));

/** Those in which nothing travels, or one message to many, have tests of their own. */
const moving = SCENARIOS.filter((scenario) => !isFootprint(scenario) && !isFanOut(scenario));

test('every scenario runs against the built gateway without a single error', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-bench-smoke-'));
  const file = join(folder, 'results.json');
  try {
    const all = moving.flatMap(({ name }) => ['--scenario', name]);
    const args = [
      main,
      ...all,
      '--rounds',
      '1',
      '--seconds',
      '0.4',
      '--sockets',
      '8',
      '--json',
      file,
    ];
    const run = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 220_000 });
    expect(run.stderr).not.toContain('bench:');
    expect(run.stdout).toContain('CPU µs per operation');
    expect(run.status).toBe(0);
    const results: Results = JSON.parse(readFileSync(file, 'utf8'));
    expect(results).toMatchObject({ format: 'postern-bench/1', node: process.version, errors: 0 });
    expect(results.settings).toMatchObject({ payloadBytes: 100, sockets: 8, tls: false });
    expect(results.scenarios.map(({ scenario }) => scenario)).toEqual(
      moving.map(({ name }) => name),
    );
    for (const { errors, rounds, summary: summarized } of results.scenarios) {
      const summary = summarized!;
      expect(errors).toBe(0);
      expect(rounds.length).toBe(1);
      expect(summary.operations).toBeGreaterThan(0);
      expect(summary.cpuMicrosPerOperation.median).toBeGreaterThan(0);
      expect(summary.latencyMicros.p50.median).toBeGreaterThan(0);
      expect(summary.latencyMicros.max.median).toBeGreaterThanOrEqual(
        summary.latencyMicros.p50.median,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
