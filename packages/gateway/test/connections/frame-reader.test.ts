/**
 * Goal: our reader of frames takes and refuses exactly what ws's does, however the bytes are cut, and keeps
 * none of the bytes it was given.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as ws from 'ws';
import type { FrameLimits } from '../../src/connections/frame-limits.ts';
import { FrameReader } from '../../src/connections/frame-reader.ts';
import { violationClose } from '../../src/connections/received-close.ts';

const LIMIT = 5000;
const FRAGMENTS_MAX = 1024;

/** What was read, in order, and how it ended. */
type Read = readonly (
  | readonly ['message', string, boolean]
  | readonly ['ping', string]
  | readonly ['close', number, string]
  | readonly ['violated', number]
)[];

const { Receiver } = ws as unknown as {
  Receiver: new (options: object) => NodeJS.WritableStream;
};

async function readByLibrary(chunks: readonly Buffer[]): Promise<Read> {
  const read: Read[number][] = [];
  let isOver = false;
  const receiver = new Receiver({
    isServer: true,
    allowSynchronousEvents: true,
    maxPayload: LIMIT,
    maxFragments: FRAGMENTS_MAX,
  });
  receiver.on('message', (data: Buffer, isBinary: boolean) => {
    read.push(['message', data.toString('hex'), isBinary]);
  });
  receiver.on('ping', (data: Buffer) => read.push(['ping', data.toString('hex')]));
  receiver.on('conclude', (code: number, reason: Buffer) => {
    isOver = true;
    read.push(['close', code, String(reason)]);
  });
  receiver.on('error', (error: NodeJS.ErrnoException) => {
    isOver = true;
    read.push(['violated', violationClose(error.code)!.code]);
  });
  for (const chunk of chunks) {
    if (isOver) break;
    // It unmasks in place.
    receiver.write(Buffer.from(chunk));
    await new Promise(process.nextTick);
  }
  return read;
}

/** One memory for all chunks, overwritten after each. */
const memory = Buffer.alloc(70_000);

const limits = { frameBytesMax: LIMIT, messageBytesMax: LIMIT };

interface Reading {
  readonly allowed?: FrameLimits;
  /** Hold the reader at each message, and let it read on at every other chunk only. */
  readonly isHeld?: boolean;
}

function readByUs(
  chunks: readonly Buffer[],
  { allowed = limits, isHeld = false }: Reading = {},
): Read {
  const read: Read[number][] = [];
  const messages: Buffer[] = [];
  const reader = new FrameReader(
    {
      receivedMessage(data, isBinary) {
        messages.push(data);
        if (isHeld) reader.hold();
        read.push(['message', '', isBinary]);
      },
      receivedPing: (data) => read.push(['ping', data.toString('hex')]),
      receivedClose: (code, reason) => read.push(['close', code, reason]),
      violated: ({ code }) => read.push(['violated', code]),
    },
    allowed,
  );
  const readOn = () => {
    do {
      reader.release();
      reader.readOn();
    } while (reader.hasRest);
  };
  for (const [index, chunk] of chunks.entries()) {
    chunk.copy(memory);
    reader.read(memory, chunk.length);
    memory.fill(0xaa, 0, chunk.length);
    if (index % 2 === 1) readOn();
  }
  readOn();
  // Only now: had it kept what it was given, the bytes would be others.
  return read.map((one) =>
    one[0] === 'message' ? ['message', messages.shift()!.toString('hex'), one[2]] : one,
  );
}

interface Frame {
  readonly first: number;
  readonly payload: Uint8Array;
  readonly mask: number;
  /** Lengths may stand in more bytes than they need. */
  readonly lengthForm: 0 | 1 | 2;
  readonly isMasked: boolean;
}

function encode({ first, payload, mask, lengthForm, isMasked }: Frame): Buffer {
  const { length } = payload;
  const form = Math.max(lengthForm, length > 65_535 ? 2 : length > 125 ? 1 : 0);
  const head = Buffer.alloc(2 + (form === 2 ? 8 : form * 2) + (isMasked ? 4 : 0));
  head[0] = first;
  head[1] = (isMasked ? 0x80 : 0) | (form === 0 ? length : form === 1 ? 126 : 127);
  if (form === 1) head.writeUInt16BE(length, 2);
  if (form === 2) head.writeBigUInt64BE(BigInt(length), 2);
  if (isMasked) head.writeInt32LE(mask, head.length - 4);
  const bits = [0, 8, 16, 24].map((shift) => (mask >>> shift) & 255);
  const masked = payload.map((byte, at) => (isMasked ? byte ^ bits[at & 3]! : byte));
  return Buffer.concat([head, masked]);
}

const text = fc.string({ unit: 'grapheme', maxLength: 400 }).map((value) => Buffer.from(value));
const payload = fc.oneof(
  { weight: 6, arbitrary: text },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 700 }) },
  { weight: 1, arbitrary: fc.constant(new Uint8Array(0)) },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: LIMIT - 2, max: LIMIT + 1 })
      .map((n) => new Uint8Array(n).fill(97)),
  },
);
const closePayload = fc.oneof(
  fc.constant(new Uint8Array(0)),
  fc.tuple(fc.integer({ min: 0, max: 6000 }), text).map(([code, reason]) => {
    return Uint8Array.of(code >> 8, code & 255, ...reason.subarray(0, 123));
  }),
  fc.uint8Array({ maxLength: 3 }),
);
const frame = (first: fc.Arbitrary<number>, bytes: fc.Arbitrary<Uint8Array> = payload) =>
  fc.record({
    first,
    payload: bytes,
    mask: fc.oneof(fc.constant(0), fc.integer()),
    lengthForm: fc.constantFrom(0, 0, 0, 1, 2) as fc.Arbitrary<0 | 1 | 2>,
    isMasked: fc.integer({ min: 0, max: 40 }).map((n) => n > 0),
  });
const control = fc.uint8Array({ maxLength: 126 });
const frames = fc.oneof(
  { weight: 8, arbitrary: frame(fc.constant(0x81)).map((one) => [one]) },
  { weight: 3, arbitrary: frame(fc.constant(0x82)).map((one) => [one]) },
  { weight: 3, arbitrary: frame(fc.constantFrom(0x89, 0x8a), control).map((one) => [one]) },
  { weight: 1, arbitrary: frame(fc.constant(0x88), closePayload).map((one) => [one]) },
  { weight: 1, arbitrary: frame(fc.integer({ min: 0, max: 255 })).map((one) => [one]) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        frame(fc.constantFrom(0x01, 0x02)),
        fc.array(frame(fc.constantFrom(0x00, 0x00, 0x89)), { maxLength: 4 }),
        frame(fc.constant(0x80)),
      )
      .map(([first, middle, last]) => [first, ...middle, last]),
  },
);
const stream = fc
  .tuple(
    fc.array(frames, { minLength: 1, maxLength: 8 }),
    fc.option(fc.tuple(fc.nat(), fc.nat(255)), { freq: 4, nil: undefined }),
    fc.array(fc.nat(), { maxLength: 40 }),
    fc.boolean(),
  )
  .map(([all, edit, cuts, isByteByByte]) => {
    const bytes = Buffer.concat(all.flat().map(encode));
    if (edit) bytes[edit[0] % bytes.length] = edit[1];
    const at = isByteByByte
      ? Array.from({ length: Math.min(bytes.length, 200) }, (_, index) => index)
      : cuts.map((cut) => cut % bytes.length);
    const places = [...new Set([0, ...at, bytes.length])].sort((a, b) => a - b);
    return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
  });

test('random frames, some spoilt, cut anywhere: held or not, the same is read and refused', async () => {
  await fc.assert(
    fc.asyncProperty(stream, async (chunks) => {
      const expected = await readByLibrary(chunks);
      expect(readByUs(chunks)).toEqual(expected);
      expect(readByUs(chunks, { isHeld: true })).toEqual(expected);
    }),
    { seed: 20261128, numRuns: 3000 },
  );
});

const hello = { payload: Buffer.from('hello'), mask: 0x01020304, lengthForm: 0, isMasked: true };
const one = (change: Partial<Frame>) => encode({ first: 0x81, ...hello, ...change } as Frame);
const hex = (value: string) => Buffer.from(value).toString('hex');

describe('a frame', () => {
  test.each<[string, readonly Buffer[], Read]>([
    ['of text', [one({})], [['message', hex('hello'), false]]],
    ['of bytes', [one({ first: 0x82 })], [['message', hex('hello'), true]]],
    ['with a reserved bit', [one({ first: 0xc1 })], [['violated', 1002]]],
    ['without a mask', [one({ isMasked: false })], [['violated', 1002]]],
    ['with an opcode that is none', [one({ first: 0x83 })], [['violated', 1002]]],
    ['that continues nothing', [one({ first: 0x80 })], [['violated', 1002]]],
    ['of text within a message', [one({ first: 0x01 }), one({})], [['violated', 1002]]],
    ['a ping in two', [one({ first: 0x09 })], [['violated', 1002]]],
    [
      'a ping within a message',
      [one({ first: 0x01 }), one({ first: 0x89 }), one({ first: 0x80 })],
      [
        ['ping', hex('hello')],
        ['message', hex('hellohello'), false],
      ],
    ],
    [
      'that closes',
      [one({ first: 0x88, payload: Buffer.from('\x0b\xb9bye', 'latin1') }), one({})],
      [['close', 3001, 'bye']],
    ],
    [
      'that closes without a code',
      [one({ first: 0x88, payload: Buffer.alloc(0) })],
      [['close', 1005, '']],
    ],
    [
      'that closes with half a code',
      [one({ first: 0x88, payload: Buffer.alloc(1) })],
      [['violated', 1002]],
    ],
    [
      'that closes with a code of nobody',
      [one({ first: 0x88, payload: Buffer.from([3, 237]) })],
      [['violated', 1002]],
    ],
    [
      'that closes with a reason that is no text',
      [one({ first: 0x88, payload: Buffer.from([3, 232, 255]) })],
      [['violated', 1007]],
    ],
    ['of text that is none', [one({ payload: Buffer.from([0xc3, 0x28]) })], [['violated', 1007]]],
    ['longer than any number', [Buffer.from('81ffffffffffffffffff', 'hex')], [['violated', 1009]]],
  ])('%s', (_, chunks, expected) => {
    expect(readByUs(chunks)).toEqual(expected);
    expect(readByUs([Buffer.concat(chunks)])).toEqual(expected);
  });

  test.each([999, 1004, 1005, 1006, 1015, 1016, 2999, 5000])(
    'that closes with %i is refused',
    (code) => {
      const payload = Uint8Array.of(code >> 8, code & 255);
      expect(readByUs([one({ first: 0x88, payload })])).toEqual([['violated', 1002]]);
    },
  );

  test.each([1000, 1003, 1007, 1014, 3000, 4999])('that closes with %i is taken', (code) => {
    const payload = Uint8Array.of(code >> 8, code & 255);
    expect(readByUs([one({ first: 0x88, payload })])).toEqual([['close', code, '']]);
  });

  test.each([0, 1, 2, 3, 100, 299, 597, 599])(
    'of long text that is none at %i is refused',
    (at) => {
      const payload = Buffer.alloc(600, 'a');
      payload[at] = 0xff;
      expect(readByUs([one({ payload })])).toEqual([['violated', 1007]]);
    },
  );

  test('in 1024 fragments is read, in one more refused', () => {
    const part = one({ first: 0x00 });
    const parts = (count: number) => [
      one({ first: 0x01 }),
      ...Array.from({ length: count - 2 }, () => part),
      one({ first: 0x80, payload: Buffer.alloc(0) }),
    ];
    const long = { frameBytesMax: 5000, messageBytesMax: 5_000_000 };
    expect(readByUs(parts(1024), { allowed: long })).toEqual([
      ['message', '68656c6c6f'.repeat(1023), false],
    ]);
    expect(readByUs(parts(1025), { allowed: long })).toEqual([['violated', 1008]]);
  });

  test('of the limit is read, one byte more is refused before it has come', () => {
    const short = { frameBytesMax: 1000, messageBytesMax: LIMIT };
    const whole = (length: number) => one({ payload: new Uint8Array(length).fill(98) });
    expect(readByUs([whole(1000)], { allowed: short })).toEqual([
      ['message', '62'.repeat(1000), false],
    ]);
    expect(readByUs([whole(1001).subarray(0, 4)], { allowed: short })).toEqual([
      ['violated', 1009],
    ]);
  });
});
