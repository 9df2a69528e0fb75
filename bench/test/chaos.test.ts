import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SCENARIOS } from '../chaos/scenarios.mjs';
import type { Verdict } from '../chaos/verdict.mjs';

/** The scenarios of `npm run chaos`, small: they run, and nothing that was promised is missing. */

const size = {
  sockets: 60,
  pushesPerSecond: 60,
  messagesPerSecond: 60,
  calmSeconds: 1.5,
  toldSeconds: 100,
};

const isRoot = process.getuid?.() === 0;
const hasFaketime = existsSync('/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1');
/** What a scenario cannot do without; root that can make no network all the same is a failure. */
const able: Readonly<Record<string, boolean>> = {
  disk: isRoot && process.platform === 'linux',
  network: isRoot && process.platform === 'linux' && existsSync('/usr/bin/redis-server'),
  clock: hasFaketime,
  cluster: existsSync('/usr/bin/redis-server'),
};
const NEEDS: Readonly<Record<string, string>> = {
  disk: 'only root may mount a disk, on Linux',
  network: 'only root may make networks, on Linux, and redis-server is needed',
  clock: 'faketime is missing',
  cluster: 'redis-server is missing',
};
if (process.env.CI === 'true' && !(hasFaketime && able.cluster)) {
  throw new Error('faketime or redis-server is missing: run scripts/install-test-tools.sh');
}

const fleets = ['cluster', 'network'];
// A soak is long or it is none.
const small = SCENARIOS.filter(({ name }) => name !== 'soak');

// Most of a play is waiting: those of one machine are played side by side, and so are those of several.
describe.each([
  ['one machine', small.filter(({ name }) => !fleets.includes(name))],
  ['several', small.filter(({ name }) => fleets.includes(name))],
])('%s', (_, scenarios) => {
  for (const { name, title, run } of scenarios) {
    test.concurrent(`${title}: nothing that was promised is lost`, async ({ skip }) => {
      skip(able[name] === false, NEEDS[name]);
      const report = await run(size, () => {});
      const { lost, unmarked, early, mayBeEarly, disconnects, pushes }: Verdict = report.verdict;
      expect(lost).toEqual([]);
      expect(unmarked).toEqual([]);
      // A node that is cut off from the others may keep clients for whom it is given up.
      if (!mayBeEarly) expect(early).toEqual([]);
      expect(disconnects.told).toBeGreaterThanOrEqual(size.sockets);
      expect(pushes['answered 200 and arrived']).toBeGreaterThan(0);
    }, 480_000);
  }
});
