import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { SignedRequest } from '../../../src/iam/sigv4.ts';
import { longTermKey } from './keys.ts';

/** Good requests by an independent signer, all signed at the same instant. */
export const NOW = Date.UTC(2026, 10, 22, 12, 0, 0);

export async function signed(
  options: { readonly key?: typeof longTermKey } = {},
): Promise<SignedRequest> {
  const body = '{"type":"hello"}';
  const request = await signer(options.key).sign(
    {
      method: 'POST',
      protocol: 'http:',
      hostname: 'example.test',
      path: '/production/@connections/L0SM9cOFvIHw%3D',
      query: { b: '2+2', a: '1' },
      headers: {
        host: 'example.test:4080',
        'content-type': 'application/json',
        'x-note': 'one,two',
      },
      body,
    },
    { signingDate: new Date(NOW) },
  );
  return {
    method: 'POST',
    path: request.path,
    query: 'b=2%2B2&a=1',
    rawHeaders: [...Object.entries(request.headers).flat(), 'x-other', 'not signed'],
    body: Buffer.from(body),
  };
}

export async function presigned(): Promise<SignedRequest> {
  const request = await signer().presign(
    {
      method: 'GET',
      protocol: 'wss:',
      hostname: 'example.test',
      path: '/production',
      query: { token: 'abc' },
      headers: { host: 'example.test:4080' },
    },
    { signingDate: new Date(NOW), expiresIn: 60 },
  );
  const pairs = Object.entries(request.query as Record<string, string>).map(
    ([name, value]) => `${name}=${encodeURIComponent(value)}`,
  );
  return {
    method: 'GET',
    path: request.path,
    query: pairs.join('&'),
    rawHeaders: ['Host', 'example.test:4080'],
    body: Buffer.alloc(0),
  };
}

function signer(key = longTermKey): SignatureV4 {
  return new SignatureV4({
    credentials: key,
    region: 'us-east-1',
    service: 'execute-api',
    sha256: Sha256,
  });
}
