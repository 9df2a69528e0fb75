import { createHash, createHmac } from 'node:crypto';
import type { SignedRequest } from '../../../src/iam/sigv4.ts';
import { longTermKey } from './keys.ts';

/** A signer that shares no code with ours and signs what it is told, sensible or not. */
export interface HandSigning {
  /** `YYYYMMDDTHHMMSSZ` */
  readonly date: string;
  readonly region?: string;
  /** The headers sent, beside Authorization and X-Amz-Date. */
  readonly rawHeaders: readonly string[];
  /** The lines signed, beside the last one, which is x-amz-date. Bytes, one per character. */
  readonly canonicalHeaders: readonly string[];
  readonly signedHeaders: string;
  readonly body?: string;
  /** What is signed as the hash of the body; by default its hash. */
  readonly payloadHash?: string;
}

export function signByHand(signing: HandSigning): SignedRequest {
  const { date, region = 'us-east-1', body = '', signedHeaders } = signing;
  const lines = [...signing.canonicalHeaders, `x-amz-date:${date}`, ''];
  const payload = signing.payloadHash ?? sha256(Buffer.from(body));
  const canonical = ['POST', '/production', '', ...lines, signedHeaders, payload].join('\n');
  const scope = `${date.slice(0, 8)}/${region}/execute-api/aws4_request`;
  const hash = sha256(Buffer.from(canonical, 'latin1'));
  const text = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash}`;
  let key = Buffer.from(`AWS4${longTermKey.secretAccessKey}`);
  for (const word of scope.split('/')) key = hmac(key, word);
  const authorization =
    `AWS4-HMAC-SHA256 Credential=${longTermKey.accessKeyId}/${scope}, ` +
    `SignedHeaders=${signedHeaders}, Signature=${hmac(key, text).toString('hex')}`;
  return {
    method: 'POST',
    path: '/production',
    query: '',
    rawHeaders: [...signing.rawHeaders, 'X-Amz-Date', date, 'Authorization', authorization],
    body: Buffer.from(body),
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function hmac(key: Uint8Array, text: string) {
  return createHmac('sha256', key).update(text).digest();
}
