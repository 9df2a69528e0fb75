import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runFanOuts } from '../src/fan-out.mjs';
import { isFanOut, SCENARIOS } from '../src/scenarios.mjs';
import { posternSubject } from '../src/subjects/postern.mjs';

const folder = fileURLToPath(new URL('../..', import.meta.url));
const subject = posternSubject({ label: 'this', folder, profile: null });
const [row] = SCENARIOS.filter(isFanOut);

test('forty clients have each message once, and the gateway tells how late it was', async () => {
  const told: string[] = [];
  const [series] = await runFanOuts({
    scenarios: [{ ...row!, sockets: 40 }],
    subjects: [subject],
    rounds: 1,
    frames: 2000,
    progress: (line) => told.push(line),
    signal: new AbortController().signal,
  });
  expect([series!.errors, series!.faults]).toEqual([0, []]);
  const [figures] = series!.rounds;
  expect(figures!['CPU µs per frame']).toBeTypeOf('number');
  expect(figures!['ms until the last client has it, p50']).toBeGreaterThan(0);
  expect(figures!['ms the loop was late, p99']).toBeGreaterThanOrEqual(0);
  expect(told).toHaveLength(2);
});
