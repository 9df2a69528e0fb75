import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { latenessOf, runFanOuts } from '../src/fan-out.mjs';
import { LATE, LATE_WITH_WAITS, WAITS_PERCENT } from '../src/goals.mjs';
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
  expect(figures![LATE_WITH_WAITS]).toBeGreaterThanOrEqual(0);
  expect(figures![WAITS_PERCENT]).toBeGreaterThanOrEqual(0);
  expect(told).toHaveLength(2);
});

test('late for want of a core is told apart, from more than a millisecond of waiting on', () => {
  const looks = [
    { lateMillis: 2, waitedMillis: 0 },
    { lateMillis: 3, waitedMillis: 1 },
    { lateMillis: 1, waitedMillis: 0.1 },
    { lateMillis: 50, waitedMillis: 1.01 },
  ];
  expect(latenessOf(looks)).toEqual({
    [LATE]: 3,
    'ms, p50': 2,
    [LATE_WITH_WAITS]: 50,
    [WAITS_PERCENT]: 25,
  });
});

test('a round that never had a core to itself does not tell how late the loop was', () => {
  const figures = latenessOf([{ lateMillis: 50, waitedMillis: 50 }]);
  expect(figures).toEqual({ [LATE_WITH_WAITS]: 50, [WAITS_PERCENT]: 100 });
});
