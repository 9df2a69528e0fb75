import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AccessKey } from '../../src/iam/access-key.ts';
import { signRequest } from '../../src/iam/sign.ts';
import type { SignedRequest } from '../../src/iam/sigv4.ts';
import { verifyRequest } from '../../src/iam/verify.ts';
import type { PushRequest } from '../../src/server/push-request.ts';
import { readPush } from '../../src/server/read-push.ts';
import { learnFrom } from '../../src/server/repeated-push.ts';
import { readWholePush, WholePush } from '../../src/server/whole-push.ts';
import { longTermKey, outcome, temporaryKey } from '../iam/support/keys.ts';

/**
 * A push that is like one before is compared with it instead of read. Nobody may be able to tell: whatever it says,
 * and whoever it lets in, is what reading it in full would.
 */
const NOW = Date.UTC(2026, 10, 22, 12);
const ID = 'L0SM9cOFvIHw_-AbCd';

interface Sent {
  readonly program: 'boto3' | 'javascript-v3';
  /** What traces it, if anything does: added behind what boto3 signs, and signed by the other. */
  readonly span: number | undefined;
  readonly key: AccessKey;
  readonly id: string;
  readonly body: string;
  readonly at: number;
  readonly host: string;
}

const usual: Sent = {
  program: 'boto3',
  span: undefined,
  key: longTermKey,
  id: ID,
  body: '{"type":"hello"}',
  at: NOW,
  host: 'example.test:4080',
};

/** Bytes as a program sends them, signed by its key. */
function bytesOf(sent: Partial<Sent>): Buffer {
  const { program, span, key, id, body, at, host } = { ...usual, ...sent };
  const isBoto = program === 'boto3';
  const path = `/production/${isBoto ? '@' : '%40'}connections/${id}%3D%3D`;
  const invocation = ['amz-sdk-invocation-id', `0b0c8b0e-2d4f-4c4f-8a43-${String(at).slice(-12)}`];
  const traced = span === undefined ? [] : tracing(span);
  const request: SignedRequest = {
    method: 'POST',
    path,
    query: '',
    rawHeaders: isBoto
      ? ['Host', host]
      : ['host', host, 'content-length', String(body.length), ...invocation, ...traced],
    body: Buffer.from(body),
  };
  const options = { region: 'us-east-1', service: 'execute-api', now: at };
  const signature = signRequest(request, { ...options, credentials: key });
  const lines: string[] = [];
  const rest = isBoto ? [...invocation, 'Content-Length', String(body.length), ...traced] : [];
  const all = [...request.rawHeaders, ...Object.entries(signature).flat(), ...rest];
  for (let index = 0; index < all.length; index += 2)
    lines.push(`${all[index]}: ${all[index + 1]}`);
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1');
}

/** Each value is another with each span; in one of them stand spaces. */
function tracing(span: number): string[] {
  const id = createHash('sha256').update(String(span)).digest('hex');
  const ids = `Root=1-${id.slice(0, 8)}-${id.slice(8, 32)};Parent=${id.slice(32, 48)};Sampled=1`;
  return [
    ...['traceparent', `00-${id.slice(0, 32)}-${id.slice(32, 48)}-01`],
    ...['tracestate', `a=${id.slice(48, 56)},b@c=!~{"${id.slice(56, 60)}"}`],
    ...['X-Amzn-Trace-Id', ids],
    ...['amz-sdk-request', `attempt=${(span % 9) + 1}; max=9`],
  ];
}

const verify = (request: SignedRequest, keys: readonly AccessKey[], now: number) =>
  outcome(
    verifyRequest(request, {
      now,
      service: 'execute-api',
      findAccessKey: (id) => keys.find(({ accessKeyId }) => accessKeyId === id),
    }),
  );

const TAUGHT = 40;

function teachOne(sent: Partial<Sent>): void {
  const bytes = bytesOf(sent);
  const push = readPush(bytes, 0, bytes.length)!;
  expect(verify(push, [longTermKey, temporaryKey], NOW)).toBe('verified in us-east-1');
  learnFrom(push);
}

/** Often enough for it to be known. */
function teach(sent: Partial<Sent>): void {
  for (let time = 0; time < TAUGHT; time += 1) {
    teachOne({ ...sent, span: sent.span === undefined ? undefined : sent.span + time });
  }
}

const programs: Partial<Sent>[] = [
  {},
  { program: 'javascript-v3' },
  { key: temporaryKey },
  { program: 'javascript-v3', key: temporaryKey },
  { span: 0 },
  { program: 'javascript-v3', span: 0 },
];
for (const program of programs) teach(program);

const read = (bytes: Buffer) => readPush(bytes, 0, bytes.length);
const isRepeated = (push: PushRequest | undefined) => push && !(push instanceof WholePush);

const told = (push: PushRequest | undefined) =>
  push && {
    url: push.url,
    rawHeaders: push.rawHeaders,
    host: push.headers.host,
    userAgent: push.headers['user-agent'],
    headBytes: push.headBytes,
    body: push.body.toString('latin1'),
  };

test.each(programs)('of %o another push is repeated, and says what it says', (program) => {
  const bytes = bytesOf({
    ...program,
    id: 'zYxWvUtSrQpO_-1234',
    body: 'sixteen letters.',
    at: NOW + 1,
    span: program.span === undefined ? undefined : 1000,
  });
  const push = read(bytes);
  expect(isRepeated(push)).toBe(true);
  expect(push!.address).toEqual({
    host: 'example.test',
    segments: ['production'],
    hostApiId: undefined,
    connection: ['zYxWvUtSrQpO_-1234=='],
  });
  expect(told(push)).toEqual(told(readWholePush(bytes, 0, bytes.length)));
});

test('what is kept stays what it was when the bytes are others', () => {
  const bytes = bytesOf({ at: NOW + 1 });
  const push = read(bytes)!;
  const before = told(readWholePush(bytes, 0, bytes.length));
  push.keep();
  bytes.fill(0);
  expect(told(push)).toEqual(before);
});

const other = { ...longTermKey, secretAccessKey: 'another' };
const disabled = { ...longTermKey, enabled: false };
const expiring = { ...temporaryKey, expiresAt: NOW };
const otherToken = { ...temporaryKey, sessionToken: 'another' };
const DAY = 86_400_000;
const SIGNATURE = /(?<=Signature=)\w/;
const edited = (bytes: Buffer, from: string | RegExp, to: string) =>
  Buffer.from(bytes.toString('latin1').replace(from, to), 'latin1');

test.each<[string, Buffer, AccessKey[], number, RegExp]>([
  ['as it should be', bytesOf({}), [longTermKey], NOW, /^verified in us-east-1$/],
  ['five minutes old', bytesOf({}), [longTermKey], NOW + 300_000, /^verified/],
  ['a millisecond older', bytesOf({}), [longTermKey], NOW + 300_001, /expired: 20261122T120000Z/],
  ['of the future', bytesOf({ at: NOW + 301_000 }), [longTermKey], NOW, /not yet current/],
  ['another second', bytesOf({ at: NOW + 1000 }), [longTermKey], NOW, /^verified/],
  ['no date', edited(bytesOf({}), '20261122T12', '2026x122T12'), [longTermKey], NOW, /ISO-8601/],
  ['another day', edited(bytesOf({}), '20261122T', '20261121T'), [longTermKey], NOW - DAY, /scope/],
  ['another signature', edited(bytesOf({}), SIGNATURE, 'x'), [longTermKey], NOW, /does not match/],
  ['capitals in it', edited(bytesOf({}), SIGNATURE, 'A'), [longTermKey], NOW, /does not match/],
  ['another body', edited(bytesOf({}), 'hello', 'hullo'), [longTermKey], NOW, /does not match/],
  [
    'another connection',
    edited(bytesOf({}), ID, ID.replace('L', 'M')),
    [longTermKey],
    NOW,
    /does not/,
  ],
  ['another secret', bytesOf({}), [other], NOW, /does not match/],
  ['signed with it', bytesOf({ key: other }), [other], NOW, /^verified/],
  ['a disabled key', bytesOf({}), [disabled], NOW, /token included in the request is invalid/],
  ['a key that is gone', bytesOf({}), [], NOW, /token included in the request is invalid/],
  ['a token', bytesOf({ key: temporaryKey }), [temporaryKey], NOW, /^verified/],
  ['another token', bytesOf({ key: temporaryKey }), [otherToken], NOW, /is invalid/],
  ['an expired key', bytesOf({ key: temporaryKey }), [expiring], NOW, /is expired/],
])('%s: the same verdict', (_, bytes, keys, now, expected) => {
  const push = read(bytes)!;
  expect(isRepeated(push)).toBe(true);
  expect(verify(push, keys, now)).toMatch(expected);
  expect(verify(readWholePush(bytes, 0, bytes.length)!, keys, now)).toMatch(expected);
});

test('the signature that a guard against replays remembers is the one that was sent', () => {
  const bytes = bytesOf({ at: NOW + 1000 });
  const options = { now: NOW, service: 'execute-api', findAccessKey: () => longTermKey };
  const [repeated, whole] = [read(bytes)!, readWholePush(bytes, 0, bytes.length)!].map((push) => {
    const verified = verifyRequest(push, options);
    if (verified.kind === 'refused') throw verified.exception;
    const { signature, isPresigned, validUntil, region } = verified;
    return { signature, isPresigned, validUntil, region };
  });
  expect(repeated).toEqual(whole);
});

test.each([
  ['another stage', '/production/', '/productiom/'],
  ['another host', 'example.test', 'example.tesT'],
  ['another header', 'invocation-id', 'invocation-ie'],
  ['another caller', longTermKey.accessKeyId, longTermKey.accessKeyId.replace('1', '2')],
  ['a shorter id', ID, ID.slice(1)],
  ['a sign in the id', ID, ID.replace('_', '.')],
  ['a slash in the id', ID, ID.replace('_', '/')],
  ['padding in small letters', '%3D%3D', '%3d%3d'],
  ['a space in the invocation', '0b0c8b0e-', '0b0c8b0e '],
  ['a longer body', 'Length: 16', 'Length: 116'],
])('%s: it is read in full', (_, from, to) => {
  const bytes = edited(Buffer.concat([bytesOf({}), Buffer.alloc(100)]), from, to);
  expect(read(bytes)).toBeInstanceOf(WholePush);
});

test.each([
  ['a length with a sign', '-6'],
  ['a length in hexadecimal', 'a0'],
  ['a length with a zero before it', '06'],
  ['a body that is not whole yet', '17'],
])('%s: it is no push', (_, length) => {
  expect(read(edited(bytesOf({}), 'Length: 16', `Length: ${length}`))).toBeUndefined();
});

test.each([32_768, 32_769])('a body of %d bytes is what reading in full makes of it', (size) => {
  teach({ body: 'x'.repeat(30_000) });
  const bytes = bytesOf({ body: 'x'.repeat(size) });
  const push = read(bytes);
  expect(isRepeated(push)).toBe(size === 32_768 ? true : undefined);
  expect(told(push)).toEqual(told(readWholePush(bytes, 0, bytes.length)));
});

const traced = bytesOf({ span: 2000 });
const tracedSdk3 = bytesOf({ program: 'javascript-v3', span: 2000 });

test.each<[string, Buffer, RegExp]>([
  [
    'what is not signed may be anything',
    edited(traced, 'traceparent: 00-', 'traceparent: ,;='),
    /^verified/,
  ],
  [
    'what is signed may not',
    edited(tracedSdk3, 'traceparent: 00-', 'traceparent: 01-'),
    /does not match/,
  ],
  ['a signed value with spaces', edited(tracedSdk3, /attempt=\d/, 'attempt=0'), /does not match/],
])('%s, where headers differ with each push: the same verdict', (_, bytes, expected) => {
  const push = read(bytes)!;
  expect(isRepeated(push)).toBe(true);
  expect(verify(push, [longTermKey], NOW)).toMatch(expected);
  expect(verify(readWholePush(bytes, 0, bytes.length)!, [longTermKey], NOW)).toMatch(expected);
});

test.each([
  ['a space', ' '],
  ['a tab', '\t'],
  ['a character that cannot be seen', '\x7f'],
  ['a byte beyond ASCII', '\xa0'],
  ['a zero', '\0'],
  ['one character less', ''],
  ['one more', '00'],
  ['an end of the line', '\r'],
])('%s where headers differ: it is read in full', (_, text) => {
  const bytes = edited(traced, /(?<=traceparent: 0)0/, text);
  const push = read(bytes);
  expect(isRepeated(push) ?? false).toBe(false);
  expect(told(push)).toEqual(told(readWholePush(bytes, 0, bytes.length)));
});

test('where a value has a space, others have one too', () => {
  const bytes = edited(traced, /(?<=attempt=\d;) /, ';');
  expect(read(bytes)).toBeInstanceOf(WholePush);
});

test('bodies whose lengths have more digits are known beside each other, however they take turns', () => {
  const key = { ...longTermKey, accessKeyId: 'AKIAPOSTERNBACKEND04' };
  const lengths = ['x'.repeat(9), 'x'.repeat(99), 'x'.repeat(999)];
  const found = lengths.map(() => false);
  for (let time = 0; time < 200; time += 1) {
    const bytes = bytesOf({ key, body: lengths[time % 3]!, span: time });
    const push = read(bytes)!;
    found[time % 3] = isRepeated(push) === true;
    learnFrom(push);
  }
  expect(found).toEqual([true, true, true]);
});

test('of a program that says something else each time, ever fewer are remembered', () => {
  const bytes = (time: number) =>
    edited(bytesOf({}), 'Content-Length', `X-Time: ${'x'.repeat(1 + time)}\r\nContent-Length`);
  for (let time = 0; time < 1000; time += 1) {
    const push = read(bytes(time))!;
    expect(push).toBeInstanceOf(WholePush);
    learnFrom(push);
  }
  // It has pushed out none of those that are of use.
  for (const program of programs) expect(isRepeated(read(bytesOf(program)))).toBe(true);
});

test('after random edits it says, and is answered, what reading it in full would', () => {
  const insert = fc.oneof(
    fc.constantFrom(
      'a',
      'Z',
      '0',
      '-',
      '_',
      '=',
      ' ',
      '/',
      '.',
      '\r\n',
      '%',
      '!',
      '~',
      ',',
      '\x7f',
      '\xa0',
    ),
    fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 2 }),
  );
  const edit = fc.record({ at: fc.nat(1000), remove: fc.constantFrom(0, 1, 1, 1, 2), insert });
  let repeated = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...programs.map(bytesOf)),
      fc.array(edit, { minLength: 1, maxLength: 2 }),
      (sent, edits) => {
        let text = sent.toString('latin1');
        for (const { at, remove, insert } of edits) {
          const from = at % text.length;
          text = text.slice(0, from) + insert + text.slice(from + remove);
        }
        const bytes = Buffer.from(text, 'latin1');
        const push = read(bytes);
        const whole = readWholePush(bytes, 0, bytes.length);
        expect(JSON.stringify(told(push))).toBe(JSON.stringify(told(whole)));
        if (!push || !whole) return;
        if (isRepeated(push)) repeated += 1;
        const keys = [longTermKey, temporaryKey];
        expect(verify(push, keys, NOW)).toBe(verify(whole, keys, NOW));
      },
    ),
    { seed: 20_261_128, numRuns: 4000 },
  );
  expect(repeated).toBeGreaterThan(200);
});

/** The last ones here: these push out what others have taught. */
test.each<[string, (time: number) => Partial<Sent> | Buffer]>([
  ['where it goes', (time) => ({ host: `h${10 + (time % 40)}.test` })],
  [
    'who sends it',
    (time) => ({ key: { ...longTermKey, accessKeyId: `AKIAPOSTERNBACKEND${10 + (time % 40)}` } }),
  ],
  [
    'by whose leave',
    (time) => ({ key: { ...temporaryKey, sessionToken: `token-${10 + (time % 40)}` } }),
  ],
  [
    'what becomes of its connection',
    (time) =>
      edited(
        bytesOf({}),
        'Content-Length',
        `Connection: ${['keep-alive', 'Keep-Alive', 'KEEP-ALIVE'][time % 3]}\r\nContent-Length`,
      ),
  ],
])('%s must be the same, however often it has differed', (_, sent) => {
  const bytesAt = (time: number) => {
    const what = sent(time);
    return Buffer.isBuffer(what) ? what : bytesOf(what);
  };
  const known = new Set<string>();
  for (let time = 0; time < 100; time += 1) {
    const bytes = bytesAt(time);
    const push = read(bytes)!;
    // Only what was learned word for word may be known.
    if (isRepeated(push)) expect(known).toContain(bytes.toString('latin1'));
    else known.add(bytes.toString('latin1'));
    learnFrom(push);
  }
  // All of them have differed by now.
  const other = edited(bytesAt(0), /(?<=Host: |AKIAPOSTERNBACKEND|token-|Connection: )[hk1]/, 'K');
  expect(isRepeated(read(other)) ?? false).toBe(false);
});
