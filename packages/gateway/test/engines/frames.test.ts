import { expect, test } from 'vitest';
import {
  encodeFrame,
  type FrameKind,
  frameBytes,
  writeFrame,
} from '../../src/engines/bus/frame.ts';
import { FrameStream } from '../../src/engines/bus/frame-stream.ts';
import { Outbox } from '../../src/engines/bus/outbox.ts';
import { Waiting } from '../../src/engines/bus/waiting.ts';
import { busRequestsMax } from '../../src/engines/node-bus.ts';

interface Read {
  readonly kind: FrameKind;
  readonly id: number;
  readonly rest: string;
}

function reader() {
  const frames: Read[] = [];
  const stream = new FrameStream({
    frame: (kind, id, bytes, start, end) =>
      frames.push({ kind, id, rest: bytes.toString('latin1', start, end) }),
  });
  return { frames, stream };
}

const long = 'x'.repeat(200_000);

/** Each with what stands behind its number. */
const sent: readonly (readonly [FrameKind, number, string, string, string])[] = [
  ['request', 1, 'topic', 'one', '\u0005topicone'],
  ['answer', 0x7fff_ffff, '', 'y', 'y'],
  ['failure', 3, '', '', ''],
  ['broadcast', 0, 'z'.repeat(255), long, `\u00ff${'z'.repeat(255)}${long}`],
  ['hello', 0, '', '0a0b0c0d', '0a0b0c0d'],
  ['farewell', 0, '', '', ''],
];
const expected: readonly Read[] = sent.map(([kind, id, , , rest]) => ({ kind, id, rest }));

function written(): Buffer {
  const outbox = new Outbox();
  for (const [kind, id, topic, text] of sent) outbox.add(kind, id, topic, Buffer.from(text));
  return outbox.take();
}

test.each([1, 2, 3, 5, 7, 1000, 65_536, 1_000_000])(
  'frames cut every %i bytes are read whole',
  (step) => {
    const { frames, stream } = reader();
    const all = written();
    // What is read into is written again: whoever keeps it has to copy.
    const memory = Buffer.alloc(step);
    for (let at = 0; at < all.length; at += step) {
      const length = all.copy(memory, 0, at, at + step);
      stream.read(memory, length);
      memory.fill(0);
    }
    expect(frames).toEqual(expected);
  },
);

test('a frame that cannot be one is refused, also where it is cut', () => {
  const short = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0]);
  expect(() => reader().stream.read(short, short.length)).toThrow('A frame of 4 bytes');
  const huge = Buffer.from([4, 0, 0, 1]);
  expect(() => reader().stream.read(huge, huge.length)).toThrow('A frame of 67108865 bytes');
  const { stream } = reader();
  stream.read(huge, 3);
  expect(() => stream.read(huge.subarray(3), 1)).toThrow('A frame of 67108865 bytes');
  const unknown = encodeFrame('hello');
  unknown[4] = 6;
  expect(() => reader().stream.read(unknown, unknown.length)).toThrow('A frame of kind 6');
});

test('a topic of one character, and none, take the bytes they say', () => {
  for (const topic of ['', 't']) {
    const bytes = Buffer.alloc(frameBytes(topic, Buffer.from('ab')));
    writeFrame(bytes, 0, topic === '' ? 'answer' : 'request', 9, topic, Buffer.from('ab'));
    const { frames, stream } = reader();
    stream.read(bytes, bytes.length);
    expect(frames.map(({ rest }) => rest)).toEqual([topic === '' ? 'ab' : '\u0001tab']);
  }
});

test('what was taken out of an outbox stays as it was, whatever is added afterwards', () => {
  const outbox = new Outbox();
  const taken: Buffer[] = [];
  for (let at = 0; at < 2000; at += 1) {
    outbox.add('answer', at, '', Buffer.from(`payload ${at}`));
    if (at % 3 === 0) taken.push(outbox.take());
  }
  taken.push(outbox.take());
  expect(outbox.isEmpty).toBe(true);
  const { frames, stream } = reader();
  for (const bytes of taken) stream.read(bytes, bytes.length);
  expect(frames).toEqual(
    Array.from({ length: 2000 }, (_, id) => ({ kind: 'answer', id, rest: `payload ${id}` })),
  );
});

test('an answer that comes after its request has ended finds nobody, also where its place is used again', () => {
  const told: string[] = [];
  const asker = (name: string) => ({
    answered: () => void told.push(`${name} answered`),
    unanswered: (kind: string) => void told.push(`${name} ${kind}`),
  });
  const waiting = new Waiting();
  const first = waiting.add(asker('first'), 10, 1);
  waiting.end('unanswered', 10);
  const second = waiting.add(asker('second'), 20, 1);
  expect(second).not.toBe(first);
  expect(waiting.take(first)).toBeUndefined();
  waiting.end('unanswered', 19);
  waiting.take(second)?.answered(Buffer.alloc(0), 0, 0);
  expect(waiting.take(second)).toBeUndefined();
  expect(told).toEqual(['first unanswered', 'second answered']);
  expect(waiting.size).toBe(0);
});

test('numbers of requests stay whole and small, however often a place is used', () => {
  const waiting = new Waiting();
  const nobody = { answered() {}, unanswered() {} };
  const seen = new Set<number>();
  for (let at = 0; at < 70_000; at += 1) {
    const id = waiting.add(nobody, 0, 0);
    expect(id >= 0 && id <= 0x7fff_ffff).toBe(true);
    if (at < 65_536) seen.add(id);
    waiting.take(id);
  }
  expect(seen.size).toBe(65_536);
  const ids = Array.from({ length: busRequestsMax }, () => waiting.add(nobody, 0, 0));
  expect(new Set(ids).size).toBe(busRequestsMax);
  expect(waiting.hasRoomFor(0)).toBe(false);
});
