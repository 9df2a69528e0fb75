import { expect, test } from 'vitest';
import type { SignedRequest } from '../../src/iam/sigv4.ts';
import { outcome, verify } from './support/keys.ts';
import {
  addHeader,
  changeLast,
  changePath,
  changeQuery,
  headerOf,
  removeHeader,
  setHeader,
} from './support/mutations.ts';
import {
  BAD_DATE,
  EXPIRED,
  FIVE,
  HOST_UNSIGNED,
  MISMATCH,
  MISSING,
  QUERY_LACKS,
  SCOPE,
  SCOPE_DATE,
  UNRECOGNIZED,
} from './support/refusals.ts';
import { NOW, presigned, signed } from './support/signed-requests.ts';

/** A good presigned URL, changed in one place. */
const MINUTE = 60_000;
const ALGORITHM = "IncompleteSignatureException: Unsupported AWS 'algorithm': 'AWS4-";

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

/** Cut short, put elsewhere, said twice, written otherwise: what a URL suffers on its way. */
const moreRows: Row[] = [
  ['a shorter life', changeQuery(goodUrl, 'Expires=60', 'Expires=59'), MISMATCH],
  ['a life in another spelling', changeQuery(goodUrl, 'Expires=60', 'Expires=060'), MISMATCH],
  ['no host', removeHeader(goodUrl, 'host'), MISMATCH],
  ['another port', setHeader(goodUrl, 'host', 'example.test:4081'), MISMATCH],
  ['no port', setHeader(goodUrl, 'host', 'example.test'), MISMATCH],
  ['the host in capitals', setHeader(goodUrl, 'host', 'EXAMPLE.test:4080'), MISMATCH],
  ['a second host', addHeader(goodUrl, 'Host', 'attacker.test'), MISMATCH],
  ['the path in capitals', changePath(goodUrl, 'production', 'Production'), MISMATCH],
  ['a slash at the end of the path', { ...goodUrl, path: `${goodUrl.path}/` }, MISMATCH],
  ['more path', { ...goodUrl, path: `${goodUrl.path}/@connections/x` }, MISMATCH],
  ['the path cut short', { ...goodUrl, path: goodUrl.path.slice(0, -1) }, MISMATCH],
  ['no path', { ...goodUrl, path: '' }, MISMATCH],
  ['a parent segment', { ...goodUrl, path: `${goodUrl.path}/..` }, MISMATCH],
  ['an escaped letter in the path', changePath(goodUrl, 'production', 'p%72oduction'), MISMATCH],
  ['the method HEAD', { ...goodUrl, method: 'HEAD' }, MISMATCH],
  ['the method in lower case', { ...goodUrl, method: 'get' }, MISMATCH],
  ['the token without its value', changeQuery(goodUrl, 'token=abc', 'token='), MISMATCH],
  ['the token twice', { ...goodUrl, query: `${goodUrl.query}&token=abc` }, MISMATCH],
  ['the token in capitals', changeQuery(goodUrl, 'token=abc', 'Token=abc'), MISMATCH],
  ['no token', changeQuery(goodUrl, 'token=abc&', ''), MISMATCH],
  ['a plus in the token', changeQuery(goodUrl, 'token=abc', 'token=abc+'), MISMATCH],
  ['a nameless parameter', { ...goodUrl, query: `${goodUrl.query}&=` }, MISMATCH],
  ['a parameter without a value', { ...goodUrl, query: `${goodUrl.query}&x` }, MISMATCH],
  ['a date of the day before', changeQuery(goodUrl, 'Date=20261122', 'Date=20261121'), EXPIRED],
  ['a date with dashes', changeQuery(goodUrl, 'Date=20261122T', 'Date=2026-11-22T'), BAD_DATE],
  ['a date without its zone', changeQuery(goodUrl, 'T120000Z', 'T120000'), BAD_DATE],
  ['a day that does not exist', changeQuery(goodUrl, 'Date=20261122', 'Date=20261131'), BAD_DATE],
  ['the date twice', { ...goodUrl, query: `${goodUrl.query}&X-Amz-Date=x` }, QUERY_LACKS],
  [
    'the credential twice',
    { ...goodUrl, query: `${goodUrl.query}&X-Amz-Credential=x` },
    QUERY_LACKS,
  ],
  ['the life twice', { ...goodUrl, query: `${goodUrl.query}&X-Amz-Expires=9` }, QUERY_LACKS],
  [
    'the life twice, once in escapes',
    { ...goodUrl, query: `${goodUrl.query}&X%2DAmz%2DExpires=9` },
    QUERY_LACKS,
  ],
  [
    'the list of headers twice',
    { ...goodUrl, query: `${goodUrl.query}&X-Amz-SignedHeaders=a` },
    QUERY_LACKS,
  ],
  ['another access key', changeQuery(goodUrl, 'AKIAPOSTERNBACKEND01', 'AKIAUNKNOWN'), UNRECOGNIZED],
  ['a disabled access key', changeQuery(goodUrl, 'BACKEND01', 'DISABLED3'), UNRECOGNIZED],
  [
    'the key of somebody else',
    changeQuery(goodUrl, 'AKIAPOSTERNBACKEND01', 'ASIAPOSTERNBACKEND02'),
    MISMATCH,
  ],
  ['another day in the scope', changeQuery(goodUrl, '%2F20261122', '%2F20261121'), SCOPE_DATE],
  ['another service', changeQuery(goodUrl, 'execute-api', 's3'), SCOPE],
  ['another end of the scope', changeQuery(goodUrl, 'aws4_request', 'aws4'), SCOPE],
  ['a scope of four parts', changeQuery(goodUrl, '%2Fus-east-1', ''), FIVE],
  ['a scope of six parts', changeQuery(goodUrl, 'aws4_request', 'aws4_request%2F'), FIVE],
  ['no region', changeQuery(goodUrl, 'us-east-1', ''), SCOPE],
  ['another algorithm', changeQuery(goodUrl, 'AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA1'), ALGORITHM],
  [
    'the algorithm of many regions',
    changeQuery(goodUrl, 'AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256'),
    ALGORITHM,
  ],
  [
    'the algorithm in lower case',
    changeQuery(goodUrl, 'X-Amz-Algorithm', 'x-amz-algorithm'),
    MISSING,
  ],
  ['more signed headers', changeQuery(goodUrl, 'Headers=host', 'Headers=host%3Bx-note'), MISMATCH],
  [
    'signed headers in capitals',
    changeQuery(goodUrl, 'Headers=host', 'Headers=Host'),
    HOST_UNSIGNED,
  ],
  [
    'an empty signature',
    changeQuery(goodUrl, /X-Amz-Signature=[^&]+/, 'X-Amz-Signature='),
    QUERY_LACKS,
  ],
  ['a signature cut short', changeQuery(goodUrl, /(Signature=[^&]+)[^&]/, '$1'), MISMATCH],
  ['a longer signature', changeQuery(goodUrl, /Signature=[^&]+/, (text) => `${text}0`), MISMATCH],
  ['a signature in capitals', changeQuery(goodUrl, /Signature=[^&]+/, capitals), MISMATCH],
  [
    'a signature of zeros',
    changeQuery(goodUrl, /X-Amz-Signature=[^&]+/, `X-Amz-Signature=${'0'.repeat(64)}`),
    MISMATCH,
  ],
  [
    'a session token that was not signed',
    { ...goodUrl, query: `${goodUrl.query}&X-Amz-Security-Token=x` },
    MISMATCH,
  ],
  ['a session token in a header', addHeader(goodUrl, 'X-Amz-Security-Token', 'x'), UNRECOGNIZED],
  [
    'a hash of a body that is not there',
    { ...goodUrl, query: `${goodUrl.query}&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD` },
    MISMATCH,
  ],
  ['the query cut short', { ...goodUrl, query: goodUrl.query.slice(0, -70) }, QUERY_LACKS],
  ['the signature alone', { ...goodUrl, query: goodUrl.query.split('&').at(-1)! }, MISSING],
  ['no query', { ...goodUrl, query: '' }, MISSING],
];

test('the tables have more than sixty changes each', () => {
  expect(presignedRows.length + moreRows.length).toBeGreaterThan(60);
});

test.each(moreRows)('refused on its way: %s', (_, request, refusal) => {
  expect(outcome(verify(request, { now: NOW }))).toContain(refusal);
});

test('its parameters may come in any order, and escaped in any way: that is what is signed', () => {
  const pairs = goodUrl.query.split('&').reverse();
  for (const query of [pairs.join('&'), goodUrl.query.replace('token=abc', 'tok%65n=%61bc')]) {
    expect(outcome(verify({ ...goodUrl, query }, { now: NOW }))).toBe('verified in us-east-1');
  }
});

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

function capitals(text: string): string {
  return text.replace(/[0-9a-f]{64}/, (signature) => signature.toUpperCase());
}

/** A character whose lowest byte is that of the digit it replaces. */
function lookAlike(text: string): string {
  return encodeURIComponent(String.fromCharCode(0x100 + text.charCodeAt(text.length - 1)));
}
