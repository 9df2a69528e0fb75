import { expect, test } from 'vitest';
import { systemClock } from '../../src/ambient/clock.ts';
import { Bus } from '../../src/engines/bus/bus.ts';
import { readFrames } from '../../src/engines/bus/frame.ts';

const LONG = 30_000;
const TOPIC = 'topic';

/** A bus with one peer, whose carrier ends each way when the test says so. */
function startBus() {
  const carried: string[][] = [];
  const ends: ((done: boolean) => void)[] = [];
  const bus = new Bus({
    clock: systemClock,
    carry: (_, bytes) => {
      const payloads: string[] = [];
      readFrames(bytes, 0, bytes.length, {
        frame: (_kind, _id, all, start, end) =>
          payloads.push(all.toString('latin1', start + 1 + TOPIC.length, end)),
      });
      carried.push(payloads);
      return new Promise((resolve) => ends.push(resolve));
    },
  });
  bus.enter('00000001');
  bus.joined('00000002');
  const ask = (text: string) => bus.request('00000002', TOPIC, Buffer.from(text), LONG);
  return { bus, ask, carried, ends };
}

test('what is asked while frames are on their way travels together once they have arrived', async () => {
  const { bus, ask, carried, ends } = startBus();
  void ask('one');
  await expect.poll(() => carried).toEqual([['one']]);
  for (const text of ['two', 'three', 'four']) void ask(text);
  await new Promise((resolve) => setImmediate(resolve));
  expect(carried).toEqual([['one']]);
  ends[0]!(true);
  await expect.poll(() => carried).toEqual([['one'], ['two', 'three', 'four']]);
  ends[1]!(true);
  void ask('five');
  await expect.poll(() => carried.at(-1)).toEqual(['five']);
  bus.close();
});

test('frames that do not arrive are unanswered, and those behind them go on', async () => {
  const { bus, ask, carried, ends } = startBus();
  const lost = ask('lost');
  await expect.poll(() => carried.length).toBe(1);
  void ask('kept');
  ends[0]!(false);
  expect(await lost).toEqual({ kind: 'unanswered' });
  await expect.poll(() => carried.at(-1)).toEqual(['kept']);
  bus.close();
});

test('what waits is written at once when the bus closes', async () => {
  const { bus, ask, carried } = startBus();
  void ask('one');
  await expect.poll(() => carried.length).toBe(1);
  const waiting = ask('two');
  bus.close();
  expect(carried).toEqual([['one'], ['two']]);
  expect(await waiting).toEqual({ kind: 'unanswered' });
});
