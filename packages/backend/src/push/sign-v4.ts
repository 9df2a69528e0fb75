/**
 * AWS Signature Version 4 for requests without a query string, which is all the management API
 * needs. Rules: "Create a signed AWS API request", IAM user guide. For every service but S3 the
 * path that was sent, already encoded, is encoded once more: `x%3D` signs as `x%253D`.
 */
import { createHash, createHmac } from 'node:crypto';
import type { Credentials } from './credentials.ts';

export interface RequestToSign {
  readonly method: string;
  /** Path exactly as it goes on the wire. */
  readonly path: string;
  /** Lower-case names; `host` must be among them. Every one of them is signed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface SigningScope {
  readonly credentials: Credentials;
  readonly region: string;
  readonly service: string;
  /** Epoch milliseconds. The receiver allows five minutes of difference. */
  readonly nowMillis: number;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** The request's headers with `x-amz-date`, `x-amz-content-sha256` and `authorization` added. */
export function signV4(request: RequestToSign, scope: SigningScope): Record<string, string> {
  const { credentials, region, service } = scope;
  const timestamp = new Date(scope.nowMillis).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const date = timestamp.slice(0, 8);
  const bodyHash = sha256(request.body);
  const headers: Record<string, string> = {
    ...request.headers,
    'x-amz-date': timestamp,
    'x-amz-content-sha256': bodyHash,
  };
  if (credentials.sessionToken) headers['x-amz-security-token'] = credentials.sessionToken;

  const names = Object.keys(headers).sort();
  const signedHeaders = names.join(';');
  const canonicalRequest = [
    request.method,
    canonicalPath(request.path),
    '',
    ...names.map((name) => `${name}:${headers[name]!.trim().replace(/\s+/g, ' ')}`),
    '',
    signedHeaders,
    bodyHash,
  ].join('\n');

  const credentialScope = `${date}/${region}/${service}/aws4_request`;
  const text = [ALGORITHM, timestamp, credentialScope, sha256(canonicalRequest)].join('\n');
  const key = signingKey(credentials.secretAccessKey, date, region, service);
  const signature = createHmac('sha256', key).update(text).digest('hex');
  headers.authorization =
    `${ALGORITHM} Credential=${credentials.accessKeyId}/${credentialScope}, ` +
    `SignedHeaders=${signedHeaders}, Signature=${signature}`;
  return headers;
}

function canonicalPath(path: string): string {
  return path
    .split('/')
    .map((segment) => encodeURIComponent(segment).replace(/[!'()*]/g, percentEncode))
    .join('/');
}

function percentEncode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

let cached: { readonly scope: string; readonly secret: string; readonly key: Buffer } | undefined;

/** Four hashes that change once a day: the last key is kept. */
function signingKey(secret: string, date: string, region: string, service: string): Buffer {
  const scope = `${date}/${region}/${service}`;
  if (cached?.scope === scope && cached.secret === secret) return cached.key;
  let key = Buffer.from(`AWS4${secret}`);
  for (const part of [date, region, service, 'aws4_request']) {
    key = createHmac('sha256', key).update(part).digest();
  }
  cached = { scope, secret, key };
  return key;
}
