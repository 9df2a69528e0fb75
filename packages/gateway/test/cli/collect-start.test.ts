import { setImmediate as turn } from 'node:timers/promises';
import { getHeapSpaceStatistics } from 'node:v8';
import { expect, test } from 'vitest';
import { collectStart } from '../../src/cli/collect-start.ts';

test('what a start has left behind is collected', async () => {
  const left = new WeakRef({ large: new Array(100_000).fill(0) });
  // What was looked at in a turn is kept to its end.
  await turn();
  await collectStart();
  expect(left.deref()).toBeUndefined();
});

test('the space for what is new gets small again, and can be collected twice', async () => {
  const sizeOfNew = () =>
    getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;
  // Survivors make it grow.
  const kept = Array.from({ length: 200_000 }, (_, index) => ({ index, text: String(index) }));
  const before = sizeOfNew();
  await collectStart();
  await collectStart();
  expect(sizeOfNew()).toBeLessThan(before / 2);
  expect(kept).toHaveLength(200_000);
});
