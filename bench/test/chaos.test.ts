import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SCENARIOS } from '../chaos/scenarios.mjs';
import type { Verdict } from '../chaos/verdict.mjs';

/** The scenarios of `npm run chaos`, small: they run, and nothing that was promised is missing. */

const size = {
  sockets: 60,
  pushesPerSecond: 60,
  messagesPerSecond: 60,
  calmSeconds: 1.5,
  toldSeconds: 40,
};

const isRoot = process.getuid?.() === 0;
const hasFaketime = existsSync('/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1');
/** What a scenario cannot do without. */
const able: Readonly<Record<string, boolean>> = {
  disk: isRoot && process.platform === 'linux',
  clock: hasFaketime,
  cluster: existsSync('/usr/bin/redis-server'),
};
if (process.env.CI === 'true' && !(hasFaketime && able.cluster)) {
  throw new Error('faketime or redis-server is missing: run scripts/install-test-tools.sh');
}

// A soak is long or it is none.
for (const { name, title, run } of SCENARIOS.filter(({ name }) => name !== 'soak')) {
  test.skipIf(able[name] === false)(
    `${title}: nothing that was promised is lost`,
    async () => {
      const report = await run(size, () => {});
      const { lost, disconnects, pushes }: Verdict = report.verdict;
      expect(lost).toEqual([]);
      // A node that is cut off from the others may keep clients for whom it is given up, and a Redis
      // that answers late may have done what it was thought to have refused.
      if (name !== 'cluster') {
        expect(disconnects['told twice and not marked as a retry']).toBe(0);
        expect(disconnects['told while the client was still connected']).toBe(0);
      }
      expect(disconnects.told).toBeGreaterThanOrEqual(size.sockets);
      expect(pushes['answered 200 and arrived']).toBeGreaterThan(0);
    },
    240_000,
  );
}
