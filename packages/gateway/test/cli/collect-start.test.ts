import { setImmediate as turn } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { collectStart } from '../../src/cli/collect-start.ts';

test('what a start has left behind is collected, and nobody else can ask for that', async () => {
  const left = new WeakRef({ large: new Array(100_000).fill(0) });
  // What was looked at in a turn is kept to its end.
  await turn();
  collectStart();
  expect(left.deref()).toBeUndefined();
  expect(runInNewContext('typeof gc')).toBe('undefined');
  expect('gc' in globalThis).toBe(false);
});
