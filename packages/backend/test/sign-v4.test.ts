import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { signV4 } from '../src/push/sign-v4.ts';

const text = fc.string({ minLength: 1, maxLength: 40 });
const segment = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }).map(encodeURIComponent);
const instant = fc.date({
  min: new Date('2000-01-01T00:00:00Z'),
  max: new Date('2099-12-31T23:59:59Z'),
  noInvalidDate: true,
});

const cases = fc.record({
  method: fc.constantFrom('POST', 'GET', 'DELETE'),
  // Dot segments are resolved by whoever makes the URL, before anything is signed.
  segments: fc.array(
    segment.filter((it) => it !== '.' && it !== '..'),
    { minLength: 1, maxLength: 4 },
  ),
  body: fc.uint8Array({ maxLength: 200 }),
  accessKeyId: fc.stringMatching(/^[A-Z0-9]{4,20}$/),
  secretAccessKey: text,
  sessionToken: fc.option(fc.stringMatching(/^[\w/+=]{1,60}$/), { nil: undefined }),
  region: fc.constantFrom('us-east-1', 'eu-west-3', 'ap-southeast-2'),
  instant,
});

test("the signature is the one of Amazon's own signer, whatever is signed", async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ method, segments, body, region, instant, ...secrets }) => {
      const path = `/${segments.join('/')}`;
      const headers = { host: 'abc.execute-api.example.com', 'content-type': 'application/json' };
      const ours = signV4(
        { method, path, headers, body },
        { credentials: secrets, region, service: 'execute-api', nowMillis: instant.getTime() },
      );
      const signer = new SignatureV4({
        credentials: withoutUndefined(secrets),
        region,
        service: 'execute-api',
        sha256: Sha256,
      });
      const theirs = await signer.sign(
        { method, protocol: 'https:', hostname: headers.host, path, headers, body },
        { signingDate: instant },
      );
      expect(ours).toEqual(theirs.headers);
    }),
    { numRuns: 300 },
  );
});

test('the path is encoded once more over its form on the wire', () => {
  const request = { method: 'POST', headers: { host: 'h' }, body: new Uint8Array(0) };
  const scope = {
    credentials: { accessKeyId: 'A', secretAccessKey: 'S' },
    region: 'us-east-1',
    service: 'execute-api',
    nowMillis: 0,
  };
  const plain = signV4({ ...request, path: '/dev/@connections/x%3D' }, scope);
  const encoded = signV4({ ...request, path: '/dev/%40connections/x%3D' }, scope);
  expect(plain.authorization).not.toBe(encoded.authorization);
});

function withoutUndefined<T extends { sessionToken: string | undefined }>(secrets: T) {
  const { sessionToken, ...rest } = secrets;
  return sessionToken === undefined ? rest : { ...rest, sessionToken };
}
