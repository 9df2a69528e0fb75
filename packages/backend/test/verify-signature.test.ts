import { describe, expect, test } from 'vitest';
import { nonceMemory, type SignatureOptions, verifySignature } from '../src/index.ts';
import { CONNECTION_ID, KEY, signatureOf } from './support/signed-call.ts';

const SECONDS = 1_790_000_000;
const now = SECONDS * 1000;
const URL_SENT = '/ws/message?token=a%20b';
const BODY = '{"text":"é"}';
const header = signatureOf({ url: URL_SENT, body: BODY, seconds: SECONDS });
const call = {
  method: 'POST',
  url: URL_SENT,
  headers: { 'x-postern-signature': header } as Record<string, string | string[]>,
  body: BODY as string | Uint8Array,
};
const verify = (changed: Partial<typeof call> = {}, options: Partial<SignatureOptions> = {}) =>
  verifySignature({ ...call, ...changed }, { keys: [KEY], now, ...options });
const valid = { kind: 'valid', connectionId: CONNECTION_ID };
const invalid = (reason: string) => ({ kind: 'invalid', reason });

test('the example that the documentation has', async () => {
  expect(header).toBe(
    `t=1790000000,n=AAECAwQFBgcICQoLDA0ODw,c=gbgA_A9XiQAYKEiI6A==,v1=${header.slice(-64)}`,
  );
  expect(header.slice(-64)).toBe(
    '0aaedb8be069a532a336d8b7ae33691707323ce9d3b558875f85900ba00a44e2',
  );
});

test('a call as it was signed is valid, its body as text or as bytes, its header in any case', async () => {
  expect(await verify()).toEqual(valid);
  expect(await verify({ body: Buffer.from(BODY) })).toEqual(valid);
  expect(await verify({ headers: { 'X-Postern-Signature': header } })).toEqual(valid);
});

test('a call without a body', async () => {
  const without = { 'x-postern-signature': signatureOf({ url: '/c', seconds: SECONDS }) };
  const { method } = call;
  const options = { keys: [KEY], now };
  expect(await verifySignature({ method, url: '/c', headers: without }, options)).toEqual(valid);
});

describe('whatever is changed makes it invalid', () => {
  const field = (name: string, value: string) => ({
    headers: {
      'x-postern-signature': header.replace(new RegExp(`${name}=[^,]+`), `${name}=${value}`),
    },
  });
  test.each([
    ['the method', { method: 'PUT' }, 'mismatch'],
    ['the path', { url: '/ws/connect?token=a%20b' }, 'mismatch'],
    ['the query', { url: '/ws/message?token=b' }, 'mismatch'],
    ['the spelling of the query', { url: '/ws/message?token=a+b' }, 'mismatch'],
    ['the body', { body: BODY.replace('text', 'Text') }, 'mismatch'],
    ['a byte more', { body: `${BODY} ` }, 'mismatch'],
    ['the time', field('t', String(SECONDS + 1)), 'mismatch'],
    ['the nonce', field('n', 'BBECAwQFBgcICQoLDA0ODw'), 'mismatch'],
    ['the connection', field('c', 'gbgA_A9XiQAYKEiI6B=='), 'mismatch'],
    ['the signature', field('v1', '0'.repeat(64)), 'mismatch'],
    ['no header', { headers: {} }, 'missing'],
    ['an empty header', { headers: { 'x-postern-signature': '' } }, 'malformed'],
    ['two headers', { headers: { 'x-postern-signature': [header, header] } }, 'malformed'],
    ['more behind it', { headers: { 'x-postern-signature': `${header},v1=0` } }, 'malformed'],
    [
      'a signature cut short',
      { headers: { 'x-postern-signature': header.slice(0, -1) } },
      'malformed',
    ],
    ['one in capitals', field('v1', 'A'.repeat(64)), 'malformed'],
    ['a time that is no number', field('t', '1e9'), 'malformed'],
    ['a nonce too short', field('n', 'AAAA'), 'malformed'],
  ])('%s', async (_, changed, reason) => {
    expect(await verify(changed as Partial<typeof call>)).toEqual(invalid(reason));
  });

  test('the key', async () => {
    expect(await verify({}, { keys: [`${KEY}.`] })).toEqual(invalid('mismatch'));
  });
});

test('two keys are good while one takes over from the other', async () => {
  const other = 'another key of at least thirty-two characters';
  expect(await verify({}, { keys: [other, KEY] })).toEqual(valid);
  expect(await verify({}, { keys: [KEY, other] })).toEqual(valid);
  expect(await verify({}, { keys: [other] })).toEqual(invalid('mismatch'));
});

test.each([[[]], [['too short']], [Array(11).fill(KEY)], [[KEY, 7]], [undefined], [KEY]])(
  'keys %j cannot work',
  async (keys) => {
    await expect(verify({}, { keys: keys as string[] })).rejects.toThrow(TypeError);
  },
);

test.each([
  [-300, undefined, 'valid'],
  [300, undefined, 'valid'],
  [-301, undefined, 'expired'],
  [301, undefined, 'expired'],
  [60, 60, 'valid'],
  [61, 60, 'expired'],
])('a clock that is %d s off, %s allowed: %s', async (off, toleranceSeconds, expected) => {
  const verdict = await verify({}, { now: now + off * 1000, toleranceSeconds });
  expect(verdict).toEqual(expected === 'valid' ? valid : invalid(expected));
});

test('an old call of somebody without a key is a mismatch: the clock is looked at last', async () => {
  const body = 'forged';
  expect(await verify({ body }, { now: now + 1_000_000 })).toEqual(invalid('mismatch'));
});

describe('with a memory', () => {
  test('a call that comes again is refused; a forged one with its nonce leaves it usable', async () => {
    const nonces = nonceMemory({ now: () => now });
    expect(await verify({ body: 'forged' }, { nonces })).toEqual(invalid('mismatch'));
    expect(await verify({}, { nonces })).toEqual(valid);
    expect(await verify({}, { nonces })).toEqual(invalid('replayed'));
  });

  test('a nonce is kept until its call is too old, and no longer', () => {
    let time = 1000;
    const nonces = nonceMemory({ now: () => time });
    expect(nonces.isNew('a', 2000)).toBe(true);
    time = 1999;
    expect(nonces.isNew('b', 9000)).toBe(true);
    expect(nonces.isNew('a', 2000)).toBe(false);
    time = 2000;
    expect(nonces.isNew('c', 9000)).toBe(true);
    expect(nonces.isNew('a', 9000)).toBe(true);
  });

  test('it is bounded: the oldest is forgotten for the newest', () => {
    const nonces = nonceMemory({ noncesMax: 2, now: () => 0 });
    const isNew = (nonce: string) => nonces.isNew(nonce, 10);
    expect([isNew('a'), isNew('b'), isNew('c')]).toEqual([true, true, true]);
    expect([isNew('c'), isNew('b'), isNew('a')]).toEqual([false, false, true]);
    expect(() => nonceMemory({ noncesMax: 0 })).toThrow(TypeError);
  });
});
