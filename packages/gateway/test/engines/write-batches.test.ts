import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { WriteBatches } from '../../src/engines/embedded/write-batches.ts';

/** Says which writes ran, and what was between them. */
function recorded() {
  const batches = new WriteBatches();
  const ran: string[] = [];
  const write = (name: string) =>
    batches.join(async () => {
      ran.push(name);
      return name;
    });
  return { batches, ran, write };
}

test('a write on its own runs at once', async () => {
  const { ran, write } = recorded();
  const done = write('one');
  expect(ran).toEqual(['one']);
  expect(await done).toBe('one');
});

test('what follows shortly after runs together, in order, and each hears of its own end', async () => {
  const { ran, write } = recorded();
  const all = ['one', 'two', 'three'].map(write);
  expect(ran).toEqual(['one']);
  void Promise.all(all.slice(1)).then(() => ran.push('over'));
  expect(await Promise.all(all)).toEqual(['one', 'two', 'three']);
  await sleep();
  expect(ran).toEqual(['one', 'two', 'three', 'over']);
});

test('after a pause the next runs at once again', async () => {
  const { batches, ran, write } = recorded();
  await Promise.all([write('one'), write('two')]);
  batches.flush();
  void write('three');
  expect(ran).toEqual(['one', 'two', 'three']);
});

test('one that fails, or throws, fails nobody else', async () => {
  const { batches, write } = recorded();
  const outcomes = await Promise.allSettled([
    write('one'),
    batches.join(() => Promise.reject(new Error('failed'))),
    batches.join(() => {
      throw new Error('thrown');
    }),
    write('two'),
  ]);
  const shown = outcomes.map((outcome) =>
    outcome.status === 'fulfilled' ? outcome.value : (outcome.reason as Error).message,
  );
  expect(shown).toEqual(['one', 'failed', 'thrown', 'two']);
});

test('flush leaves nothing waiting', () => {
  const { batches, ran, write } = recorded();
  void write('one');
  void write('two');
  batches.flush();
  expect(ran).toEqual(['one', 'two']);
});
