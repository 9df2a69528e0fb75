import { expect, test } from 'vitest';
import type { SignedRequest } from '../../src/iam/sigv4.ts';
import { longTermKey, outcome, temporaryKey, verify } from './support/keys.ts';
import {
  addHeader,
  changeHeader,
  changeLast,
  changePath,
  changeQuery,
  headerOf,
  type Replacement,
  removeHeader,
  renameHeader,
  setHeader,
} from './support/mutations.ts';
import {
  BAD_DATE,
  EXPIRED,
  FIVE,
  HOST_UNSIGNED,
  MISMATCH,
  MISSING,
  NO_EQUALS,
  REQUIRES,
  SCOPE,
  SCOPE_DATE,
  UNRECOGNIZED,
} from './support/refusals.ts';
import { NOW, signed } from './support/signed-requests.ts';

/** A good request, changed in one place: whatever the place, it must be refused, and rightly. */
const MINUTE = 60_000;

const good = await signed();
const withToken = await signed({ key: temporaryKey });

const zeros = '0'.repeat(64);

test('the requests as they were signed are accepted', () => {
  for (const request of [good, withToken]) {
    expect(outcome(verify(request, { now: NOW }))).toBe('verified in us-east-1');
  }
});

type Row = readonly [change: string, request: SignedRequest, refusal: string];

const requestRows: Row[] = [
  ['another method', { ...good, method: 'DELETE' }, MISMATCH],
  ['the method in lower case', { ...good, method: 'post' }, MISMATCH],
  ['another connection', changePath(good, 'IHw%3D', 'IHx%3D'), MISMATCH],
  ['another stage', changePath(good, 'production', 'development'), MISMATCH],
  ['a slash at the end of the path', { ...good, path: `${good.path}/` }, MISMATCH],
  ['an @ encoded in the path', changePath(good, '@', '%40'), MISMATCH],
  ['an escape decoded in the path', changePath(good, '%3D', '='), MISMATCH],
  ['an escape in lower case', changePath(good, '%3D', '%3d'), MISMATCH],
  ['the path cut short', { ...good, path: good.path.slice(0, -3) }, MISMATCH],
  ['an empty path', { ...good, path: '' }, MISMATCH],
  ['a parent segment that leads elsewhere', changePath(good, '@', '../@'), MISMATCH],
  ['no query', { ...good, query: '' }, MISMATCH],
  ['another value in the query', changeQuery(good, 'a=1', 'a=2'), MISMATCH],
  ['a value removed from the query', changeQuery(good, 'a=1', 'a='), MISMATCH],
  ['a parameter added to the query', { ...good, query: `${good.query}&c=3` }, MISMATCH],
  ['a parameter repeated in the query', { ...good, query: `${good.query}&a=1` }, MISMATCH],
  ['a parameter renamed in the query', changeQuery(good, 'a=1', 'A=1'), MISMATCH],
  ['a plus of the query as a space', changeQuery(good, '%2B', '%20'), MISMATCH],
  ['one byte of the body', { ...good, body: Buffer.from('{"type":"hellp"}') }, MISMATCH],
  ['a byte added to the body', { ...good, body: Buffer.from('{"type":"hello"} ') }, MISMATCH],
  ['no body', { ...good, body: Buffer.alloc(0) }, MISMATCH],
  ['another host', setHeader(good, 'host', 'attacker.test'), MISMATCH],
  ['another port', setHeader(good, 'host', 'example.test:4081'), MISMATCH],
  ['no host', removeHeader(good, 'host'), MISMATCH],
  ['a second host', addHeader(good, 'Host', 'attacker.test'), MISMATCH],
  ['a signed header removed', removeHeader(good, 'x-note'), MISMATCH],
  ['a signed header renamed', renameHeader(good, 'x-note', 'x-nota'), MISMATCH],
  ['a signed header changed', setHeader(good, 'x-note', 'one,  two'), MISMATCH],
  ['a signed header sent twice', addHeader(good, 'x-note', 'one,two'), MISMATCH],
  ['the content type changed', setHeader(good, 'content-type', 'text/plain'), MISMATCH],
  ['the signed hash of the body changed', setHeader(good, 'x-amz-content-sha256', zeros), MISMATCH],
  [
    'the signed hash of the body as UNSIGNED-PAYLOAD',
    setHeader(good, 'x-amz-content-sha256', 'UNSIGNED-PAYLOAD'),
    MISMATCH,
  ],
  ['the signed hash of the body removed', removeHeader(good, 'x-amz-content-sha256'), MISMATCH],
  ['the date a second later', setHeader(good, 'x-amz-date', '20261122T120001Z'), MISMATCH],
  [
    'no date',
    removeHeader(good, 'x-amz-date'),
    `${REQUIRES}existence of either a 'X-Amz-Date' or a`,
  ],
  ['the date twice', addHeader(good, 'x-amz-date', '20261122T120000Z'), BAD_DATE],
  ['the date in another form', setHeader(good, 'x-amz-date', '2026-11-22T12:00:00Z'), BAD_DATE],
  ['a thirteenth month', setHeader(good, 'x-amz-date', '20261322T120000Z'), BAD_DATE],
  ['a thirty-first of November', setHeader(good, 'x-amz-date', '20261131T120000Z'), BAD_DATE],
  ['an hour 24', setHeader(good, 'x-amz-date', '20261122T240000Z'), BAD_DATE],
  ['the date of another day', setHeader(good, 'x-amz-date', '20261121T235959Z'), EXPIRED],
];

const authorizationRows: Row[] = [
  ['no Authorization', removeHeader(good, 'authorization'), MISSING],
  ['an empty Authorization', setHeader(good, 'authorization', ''), REQUIRES],
  ['a bearer token instead', setHeader(good, 'authorization', 'Bearer eyJhbGciOi'), NO_EQUALS],
  ['one word instead', setHeader(good, 'authorization', 'secretToken'), `${REQUIRES}'Credential'`],
  [
    'a key and value instead',
    setHeader(good, 'authorization', 'key=value'),
    'IncompleteSignatureException: Authorization header must begin with the algorithm name',
  ],
  [
    'Authorization twice',
    addHeader(good, 'Authorization', headerOf(good, 'authorization')),
    'IncompleteSignatureException: Authorization header must be sent only once.',
  ],
  ['no Credential', authorization(/Credential=\S+ /, ''), `${REQUIRES}'Credential'`],
  ['an empty Credential', authorization(/Credential=[^,]+/, 'Credential='), REQUIRES],
  ['no SignedHeaders', authorization(/SignedHeaders=\S+ /, ''), `${REQUIRES}'SignedHeaders'`],
  ['no Signature', authorization(/, Signature=.*/, ''), `${REQUIRES}'Signature'`],
  ['an empty Signature', authorization(/Signature=.*/, 'Signature='), `${REQUIRES}'Signature'`],
  ['a part without its equal-sign', authorization('Signature=', 'Signature'), NO_EQUALS],
  [
    'a second Signature',
    authorization(/$/, `, Signature=${zeros}`),
    "IncompleteSignatureException: Authorization header must hold 'Signature' only once.",
  ],
  [
    'another algorithm',
    authorization('AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA25'),
    "IncompleteSignatureException: Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA25' ",
  ],
  [
    'the algorithm of many regions',
    authorization('AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256'),
    "IncompleteSignatureException: Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256' ",
  ],
  ['another access key', authorization('AKIAPOSTERNBACKEND01', 'AKIAUNKNOWN'), UNRECOGNIZED],
  ['a disabled access key', authorization('BACKEND01', 'DISABLED3'), UNRECOGNIZED],
  [
    'the key of somebody else',
    authorization('AKIAPOSTERNBACKEND01', 'ASIAPOSTERNBACKEND02'),
    MISMATCH,
  ],
  ['another region', authorization('us-east-1', 'us-east-2'), MISMATCH],
  ['no region', authorization('us-east-1', ''), `${SCOPE}to a valid region, not ''. `],
  ['a region like an ARN', authorization('us-east-1', 'a:b*'), `${SCOPE}to a valid region, not `],
  ['another service', authorization('execute-api', 'apigateway'), `${SCOPE}to correct service: '`],
  ['another end of the scope', authorization('aws4_request', 'aws5'), `${SCOPE}with a valid term`],
  ['another day in the scope', authorization('/20261122/', '/20261121/'), SCOPE_DATE],
  ['a scope of four parts', authorization('/us-east-1', ''), FIVE],
  ['a scope of six parts', authorization('/aws4_request', '/aws4_request/'), FIVE],
  ['host not signed', authorization('host;', ''), HOST_UNSIGNED],
  ['a header less in the list', authorization(';x-note', ''), MISMATCH],
  ['a header more in the list', authorization(';x-note', ';x-note;x-other'), MISMATCH],
  ['an unsent header in the list', authorization(';x-note', ';x-note;x-absent'), MISMATCH],
  ['the list in another order', authorization('content-type;host', 'host;content-type'), MISMATCH],
  ['the list in capitals', authorization('x-note', 'X-Note'), MISMATCH],
  ['the signature in capitals', authorization(/[0-9a-f]{64}$/, upper), MISMATCH],
  ['the signature cut short', authorization(/.$/, ''), MISMATCH],
  ['a digit added to the signature', authorization(/$/, '0'), MISMATCH],
  ['the first digit of the signature', authorization(/Signature=./, changeLast), MISMATCH],
  ['a middle digit of the signature', authorization(/Signature=.{32}/, changeLast), MISMATCH],
  ['the last digit of the signature', authorization(/.$/, changeLast), MISMATCH],
  ['a signature of zeros', authorization(/[0-9a-f]{64}$/, zeros), MISMATCH],
  ['no session token', removeHeader(withToken, 'x-amz-security-token'), MISMATCH],
  ['another session token', setHeader(withToken, 'x-amz-security-token', 'other'), MISMATCH],
];

test('the tables have more than sixty changes', () => {
  expect(requestRows.length + authorizationRows.length).toBeGreaterThan(60);
});

test.each(requestRows)('refused: %s', (_, request, refusal) => {
  expect(outcome(verify(request, { now: NOW }))).toContain(refusal);
});

test.each(authorizationRows)('refused in Authorization: %s', (_, request, refusal) => {
  expect(outcome(verify(request, { now: NOW }))).toContain(refusal);
});

const moments: [string, number, string][] = [
  ['five minutes after its date', 5 * MINUTE, 'verified in us-east-1'],
  [
    'five minutes and a second after its date',
    5 * MINUTE + 1000,
    'InvalidSignatureException: Signature expired: 20261122T120000Z is now earlier than ' +
      '20261122T120001Z (20261122T120501Z - 5 min.)',
  ],
  ['five minutes before its date', -5 * MINUTE, 'verified in us-east-1'],
  [
    'five minutes and a second before its date',
    -5 * MINUTE - 1000,
    'InvalidSignatureException: Signature not yet current: 20261122T120000Z is still later than ' +
      '20261122T115959Z (20261122T115459Z + 5 min.)',
  ],
];

test.each(moments)('a signature %s', (_, millis, expected) => {
  expect(outcome(verify(good, { now: NOW + millis }))).toBe(expected);
});

test('a request signed with another secret is refused', async () => {
  const request = await signed({ key: { ...longTermKey, secretAccessKey: 'another' } });
  expect(outcome(verify(request, { now: NOW }))).toBe(MISMATCH);
});

test('no refusal repeats a secret, a token or the canonical request', () => {
  for (const [, request] of [...requestRows, ...authorizationRows]) {
    const answer = outcome(verify(request, { now: NOW }));
    expect(answer).not.toContain(longTermKey.secretAccessKey);
    expect(answer).not.toContain('eyJhbGciOi');
    expect(answer).not.toContain('secretToken');
    expect(answer).not.toContain('\n');
  }
});

function authorization(from: string | RegExp, to: Replacement): SignedRequest {
  return changeHeader(good, 'authorization', from, to);
}

function upper(text: string): string {
  return text.toUpperCase();
}
