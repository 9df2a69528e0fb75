import { expect, test } from 'vitest';
import { signRequest } from '../../gateway/src/iam/sign.ts';
import { signatureHeaders } from '../src/gateway/sigv4.ts';

/** The page signs as the gateway verifies: its own signer, held against AWS's in its tests, is the oracle. */
const key = {
  accessKeyId: 'AKIACONSOLE00000001',
  secretAccessKey: 'a secret/with+signs',
  region: 'eu-central-1',
};
const now = new Date('2026-11-28T04:05:06.789Z');

test.each([
  ['GET', '/@api/connections?search=a%20b&apiId=x&stage=%C3%A9', ''],
  ['GET', '/@api/connections?search=a+b', ''],
  ['POST', `/@api/connections/${encodeURIComponent('L0SM9cOFvHcCIhw==')}/messages`, 'häuslich'],
  ['GET', "/v2/apis/a!'()*", ''],
  ['GET', '/@api/version', ''],
])('%s %s', async (method, path, body) => {
  const url = new URL(path, 'http://127.0.0.1:4080');
  const headers = await signatureHeaders({ method, url, body }, key, now);
  const expected = signRequest(
    {
      method,
      path: url.pathname,
      query: url.search.slice(1),
      rawHeaders: ['host', url.host],
      body: Buffer.from(body),
    },
    { credentials: key, region: key.region, service: 'apigateway', now: now.getTime() },
  );
  expect(headers).toEqual(expected);
});

test('temporary credentials send and sign their token', async () => {
  const url = new URL('http://127.0.0.1:4080/@api/version');
  const headers = await signatureHeaders(
    { method: 'GET', url, body: '' },
    { ...key, sessionToken: 'token' },
    now,
  );
  expect(headers['X-Amz-Security-Token']).toBe('token');
  expect(headers.Authorization).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token');
});
