import { expect, test } from 'vitest';
import type { SignedRequest } from '../../src/iam/sigv4.ts';
import { outcome, verify } from './support/keys.ts';
import {
  addHeader,
  changeLast,
  changePath,
  changeQuery,
  headerOf,
  setHeader,
} from './support/mutations.ts';
import { HOST_UNSIGNED, MISMATCH, MISSING, QUERY_LACKS } from './support/refusals.ts';
import { NOW, presigned, signed } from './support/signed-requests.ts';

/** A good presigned URL, changed in one place. */
const MINUTE = 60_000;

const goodUrl = await presigned();
const good = await signed();

test('the URL as it was signed is accepted', () => {
  expect(outcome(verify(goodUrl, { now: NOW }))).toBe('verified in us-east-1');
});

type Row = readonly [change: string, request: SignedRequest, refusal: string];

const presignedRows: Row[] = [
  ['another path', changePath(goodUrl, 'production', 'development'), MISMATCH],
  ['another method', { ...goodUrl, method: 'POST' }, MISMATCH],
  ['a body', { ...goodUrl, body: Buffer.from('x') }, MISMATCH],
  ['another host', setHeader(goodUrl, 'host', 'attacker.test'), MISMATCH],
  ['another token', changeQuery(goodUrl, 'token=abc', 'token=abd'), MISMATCH],
  ['a parameter added', { ...goodUrl, query: `${goodUrl.query}&a=1` }, MISMATCH],
  ['a longer life', changeQuery(goodUrl, 'Expires=60', 'Expires=604800'), MISMATCH],
  ['no life', changeQuery(goodUrl, 'X-Amz-Expires=60&', ''), MISMATCH],
  [
    'a life over a week',
    changeQuery(goodUrl, 'Expires=60', 'Expires=604801'),
    'IncompleteSignatureExc',
  ],
  [
    'a life before its birth',
    changeQuery(goodUrl, 'Expires=60', 'Expires=-1'),
    'IncompleteSignatureEx',
  ],
  [
    'a life in words',
    changeQuery(goodUrl, 'Expires=60', 'Expires=1e3'),
    'IncompleteSignatureException',
  ],
  ['a date a second later', changeQuery(goodUrl, 'T120000Z', 'T120001Z'), MISMATCH],
  [
    'no date',
    changeQuery(goodUrl, /X-Amz-Date=[^&]+/, ''),
    `${QUERY_LACKS}'X-Amz-Date'. Re-examine`,
  ],
  [
    'no credential',
    changeQuery(goodUrl, /X-Amz-Credential=[^&]+/, ''),
    `${QUERY_LACKS}'X-Amz-Cred`,
  ],
  [
    'no signature',
    changeQuery(goodUrl, /X-Amz-Signature=[^&]+/, ''),
    `${QUERY_LACKS}'X-Amz-Signature`,
  ],
  ['no list of headers', changeQuery(goodUrl, /X-Amz-SignedHeaders=[^&]+/, ''), QUERY_LACKS],
  ['no algorithm', changeQuery(goodUrl, /X-Amz-Algorithm=[^&]+/, ''), MISSING],
  ['a second signature', { ...goodUrl, query: `${goodUrl.query}&X-Amz-Signature=0` }, QUERY_LACKS],
  ['another region', changeQuery(goodUrl, 'us-east-1', 'us-east-2'), MISMATCH],
  ['another signature', changeQuery(goodUrl, /X-Amz-Signature=./, changeLast), MISMATCH],
  [
    'a signature in look-alike letters',
    changeQuery(
      goodUrl,
      /X-Amz-Signature=[0-9a-f]/,
      (text) => `X-Amz-Signature=${lookAlike(text)}`,
    ),
    MISMATCH,
  ],
  [
    'host not signed',
    changeQuery(goodUrl, 'SignedHeaders=host', 'SignedHeaders=date'),
    HOST_UNSIGNED,
  ],
  [
    'an Authorization header beside it',
    addHeader(goodUrl, 'Authorization', headerOf(good, 'authorization')),
    "InvalidSignatureException: Found both 'X-Amz-Algorithm' as a query-string param and ",
  ],
];

test.each(presignedRows)('refused in a presigned URL: %s', (_, request, refusal) => {
  expect(outcome(verify(request, { now: NOW }))).toContain(refusal);
});

const urlMoments: [string, number, string][] = [
  ['at the end of its minute', MINUTE, 'verified in us-east-1'],
  [
    'a second after its minute',
    MINUTE + 1000,
    'InvalidSignatureException: Signature expired: 20261122T120000Z is now earlier than ' +
      '20261122T120001Z (20261122T120101Z - 1 min.)',
  ],
  ['five minutes before its date', -5 * MINUTE, 'verified in us-east-1'],
  [
    'more than five minutes before its date',
    -5 * MINUTE - 1000,
    'InvalidSignatureException: Signature not yet current: ',
  ],
];

test.each(urlMoments)('a presigned URL %s', (_, millis, expected) => {
  expect(outcome(verify(goodUrl, { now: NOW + millis }))).toContain(expected);
});

/** A character whose lowest byte is that of the digit it replaces. */
function lookAlike(text: string): string {
  return encodeURIComponent(String.fromCharCode(0x100 + text.charCodeAt(text.length - 1)));
}
