import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { describe, expect, test } from 'vitest';
import { presignUrl, signRequest } from '../../src/iam/sign.ts';
import type { SignedRequest } from '../../src/iam/sigv4.ts';
import { longTermKey, outcome, temporaryKey, verify } from './support/keys.ts';
import { splitTarget } from './support/recorder.ts';

const NOW = Date.UTC(2026, 10, 22, 23, 59, 59, 999);

const cases: [name: string, method: string, target: string, headers: string[], body: string][] = [
  ['a push', 'POST', '/production/@connections/L0SM9cOFvIHw%3D', [], '{"type":"hello"}'],
  ['an encoded @', 'GET', '/production/%40connections/a%2Fb', [], ''],
  ['no path', 'GET', '/', [], ''],
  ['needless slashes and dots', 'GET', '/a//b/./../c/', [], ''],
  ['a query', 'GET', '/v2/apis?maxResults=5&nextToken=a%2Bb%20c&a=&a=2&a=10', [], ''],
  [
    'a Lambda invocation',
    'POST',
    '/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A1%3Afunction%3Af/invocations',
    ['Content-Type', 'application/json', 'X-Amz-Invocation-Type', 'RequestResponse'],
    '{"ü":1}',
  ],
  [
    'headers that are not signed',
    'POST',
    '/',
    ['User-Agent', 'x', 'Connection', 'keep-alive', 'X-Amzn-Trace-Id', 'Root=1', 'A', ' b  c '],
    '',
  ],
  ['a given hash of the body', 'PUT', '/', ['X-Amz-Content-Sha256', 'UNSIGNED-PAYLOAD'], 'x'],
];

describe.each([
  ['long-term', longTermKey],
  ['temporary', temporaryKey],
])('with %s credentials', (_, credentials) => {
  const options = { credentials, region: 'us-east-1', service: 'execute-api', now: NOW };
  const smithy = new SignatureV4({ ...options, sha256: Sha256, applyChecksum: false });

  test.each(cases)('%s is signed as AWS signs it', async (_name, method, target, given, body) => {
    const request = unsigned(method, target, given, body);
    const added = signRequest(request, options);
    const theirs = await smithy.sign(toSmithy(request), { signingDate: new Date(NOW) });
    expect(added.Authorization).toBe(theirs.headers.authorization);
    expect(added['X-Amz-Date']).toBe(theirs.headers['x-amz-date']);
    expect(added['X-Amz-Security-Token']).toBe(theirs.headers['x-amz-security-token']);
    const complete = [...request.rawHeaders, ...Object.entries(added).flat()];
    const verification = verify({ ...request, rawHeaders: complete }, { now: NOW });
    expect(outcome(verification)).toBe('verified in us-east-1');
  });

  test.each(['/production', '/', '/production?token=a%2Bb&empty=&b=2&b=1', '/ü?q= '])(
    'the URL %s is presigned as AWS presigns it, and accepted',
    async (target) => {
      const url = presignUrl(`wss://example.test:4080${target}`, {
        ...options,
        expiresSeconds: 604_800,
      });
      const { host, pathname, search } = new URL(url);
      const request = {
        ...unsigned('GET', pathname + new URL(target, 'wss://x').search, [], ''),
        rawHeaders: ['host', host],
      };
      const theirs = await smithy.presign(toSmithy(request), {
        signingDate: new Date(NOW),
        expiresIn: 604_800,
      });
      const signature = new URLSearchParams(search).get('X-Amz-Signature');
      expect(signature).toBe(theirs.query!['X-Amz-Signature']);
      const sent = { ...request, query: search.slice(1) };
      expect(outcome(verify(sent, { now: NOW }))).toBe('verified in us-east-1');
    },
  );
});

test('a request without Host is not signed', () => {
  const request = { ...unsigned('GET', '/', [], ''), rawHeaders: [] };
  const options = { credentials: longTermKey, region: 'r', service: 's', now: NOW };
  expect(() => signRequest(request, options)).toThrow('rawHeaders must hold Host');
});

function unsigned(method: string, target: string, headers: string[], body: string): SignedRequest {
  const [path, query] = splitTarget(target);
  const rawHeaders = ['Host', 'example.test:4080', ...headers];
  return { method, path, query, rawHeaders, body: Buffer.from(body) };
}

function toSmithy({ method, path, query, rawHeaders, body }: SignedRequest) {
  const headers: Record<string, string> = {};
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers[rawHeaders[index]!.toLowerCase()] = rawHeaders[index + 1]!;
  }
  const bag: Record<string, string[]> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    bag[name] = [...(bag[name] ?? []), value];
  }
  const hostname = 'example.test';
  return { method, protocol: 'https:', hostname, path, query: bag, headers, body };
}
