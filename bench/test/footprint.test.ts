import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runFootprints } from '../src/footprint.mjs';
import { filesMissing } from '../src/open-files.mjs';
import { peersPage } from '../src/peers-page.mjs';
import { formatReport } from '../src/report.mjs';
import { buildResults } from '../src/results.mjs';
import { isFootprint, SCENARIOS } from '../src/scenarios.mjs';
import { posternSubject } from '../src/subjects/postern.mjs';

const folder = fileURLToPath(new URL('../..', import.meta.url));
const subject = posternSubject({ label: 'this', folder, profile: null });
const rows = SCENARIOS.filter(isFootprint);

test('sockets are held and counted, and a start is timed', async () => {
  const told: string[] = [];
  const series = await runFootprints({
    scenarios: rows
      .filter(({ name }) => name !== 'idle-50000')
      .map((row) => (row.kind === 'idle' ? { ...row, sockets: 200 } : row)),
    subjects: [subject],
    rounds: 1,
    progress: (line) => told.push(line),
    signal: new AbortController().signal,
  });
  expect(series.map(({ errors, faults }) => ({ errors, faults }))).toEqual(
    series.map(() => ({ errors: 0, faults: [] })),
  );
  const [idle, start] = series.map(({ rounds }) => rounds[0]);
  expect(idle?.['bytes resident per socket']).toBeTypeOf('number');
  expect(start?.['ms to ready']).toBeGreaterThan(0);
  expect(start?.['MB resident']).toBeGreaterThan(1);
  expect(told).toHaveLength(2);
});

test('more sockets than a process may have files are told, with both numbers', () => {
  const alone = { name: 'idle', sockets: 50_000 };
  expect(filesMissing(alone, 51_200)).toBeNull();
  expect(filesMissing(alone, 51_199)).toBe(
    'idle: needs 51200 open files in one process, ulimit -Hn is 51199',
  );
  expect(filesMissing({ name: 'start' }, 100)).toBeNull();
});

test('of several workers each has its share of the sockets, and one may have a tenth more', () => {
  const shared = { name: 'idle', sockets: 50_000, workers: 3 };
  expect(filesMissing(shared, 18_900)).toBeNull();
  expect(filesMissing(shared, 18_899)).toContain('needs 18900 open files');
});

test('what is held is in the report, on the page and among the errors', () => {
  const held = (bytes: number) => ({ 'bytes resident per socket': bytes });
  const footprints = [
    {
      scenario: rows[0]!,
      subject,
      rounds: [held(7000), held(9000), held(8000)],
      errors: 2,
      faults: [{ kind: 'socket error', count: 2, sample: 'ECONNRESET' }],
      failure: null,
    },
  ];
  const settings = { rounds: 3, seconds: 2, sockets: 50, priority: 'ordinary priority' };
  const circumstances = { startedAt: new Date('2026-11-22T00:00:00Z'), loadAverage: 0 };
  const results = buildResults([], settings, circumstances, footprints);
  expect(results.errors).toBe(2);
  expect(formatReport(results)).toContain('8000.0 (7000.0–9000.0)');
  expect(formatReport(results)).toContain('idle-10000 (this): ERROR 2 × socket error: ECONNRESET');
  const page = peersPage(results);
  expect(page).toContain('| Postern | 8000.0 (7000.0–9000.0) |');
  expect(page).toContain('| Postern | 7000.0 | 9000.0 | 8000.0 |');
});
