/**
 * Tells Postern's calls from everybody else's by the header `X-Postern-Signature`, which Postern sends
 * where its setting `backendSigningKeyFile` is on. Amazon API Gateway sends nothing of the kind.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { NonceMemory } from './nonce-memory.ts';

/** A call as it came over the wire. */
export interface SignedCall {
  readonly method: string;
  /** Path and query as the gateway sent them, a mount path included: Express has `originalUrl`. */
  readonly url: string;
  /** Names in any case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Byte for byte as it came; nothing where there is none. */
  readonly body?: string | Uint8Array | undefined;
}

export interface SignatureOptions {
  /** Any of them may have signed: the next one beside the present one while they are changed. */
  readonly keys: readonly string[];
  /** How far the gateway's clock may be from ours. Default 300. */
  readonly toleranceSeconds?: number | undefined;
  /** Refuses a call that came before. Default: none, so a captured call works until it is too old. */
  readonly nonces?: NonceMemory | undefined;
  /** Epoch milliseconds. Default: now. */
  readonly now?: number | undefined;
}

export type SignatureVerdict =
  /** `connectionId` is the gateway's word for whom the call is about: signed, unlike other headers. */
  | { readonly kind: 'valid'; readonly connectionId: string }
  | { readonly kind: 'invalid'; readonly reason: SignatureProblem };

const signatureProblems = ['missing', 'malformed', 'expired', 'mismatch', 'replayed'] as const;
export type SignatureProblem = (typeof signatureProblems)[number];

export const SIGNATURE_HEADER = 'x-postern-signature';
const VERSION = 'postern-v1';
const TOLERANCE_SECONDS = 300;
const KEYS_MAX = 10;
const FIELDS = /^t=(\d{1,12}),n=([A-Za-z0-9_-]{22}),c=([A-Za-z0-9+/_=-]{1,128}),v1=([0-9a-f]{64})$/;

/** @throws TypeError for options that cannot work, such as no key at all. */
export async function verifySignature(
  call: SignedCall,
  options: SignatureOptions,
): Promise<SignatureVerdict> {
  const { nonces, toleranceSeconds = TOLERANCE_SECONDS, now = Date.now() } = options;
  const keys = checkedKeys(options.keys);
  const header = headerOf(call);
  if (header === undefined) return { kind: 'invalid', reason: 'missing' };
  const [, t, nonce, connectionId, signature] = FIELDS.exec(header) ?? [];
  if (t === undefined || nonce === undefined || !connectionId || signature === undefined) {
    return { kind: 'invalid', reason: 'malformed' };
  }
  const text = [VERSION, t, nonce, connectionId, call.method, call.url, digest(call.body)].join(
    '\n',
  );
  // Every key is tried, and compared in constant time: how long it takes says nothing.
  const matches = keys.filter((key) => isSignature(key, text, signature)).length;
  if (matches === 0) return { kind: 'invalid', reason: 'mismatch' };
  // The clock is looked at last, so that only whoever holds a key learns of it.
  const ageSeconds = Math.abs(now / 1000 - Number(t));
  if (ageSeconds > toleranceSeconds) return { kind: 'invalid', reason: 'expired' };
  const forgottenAt = (Number(t) + toleranceSeconds + 1) * 1000;
  if (nonces && !(await nonces.isNew(nonce, forgottenAt))) {
    return { kind: 'invalid', reason: 'replayed' };
  }
  return { kind: 'valid', connectionId };
}

function checkedKeys(keys: readonly string[]): readonly string[] {
  const usable = Array.isArray(keys) && keys.length > 0 && keys.length <= KEYS_MAX;
  if (usable && keys.every((key) => typeof key === 'string' && key.length >= 32)) return keys;
  throw new TypeError(`keys must be 1 to ${KEYS_MAX} texts of at least 32 characters`);
}

/** A header that is there twice was not sent by the gateway. */
function headerOf({ headers }: SignedCall): string | undefined {
  for (const [name, value] of Object.entries(headers)) {
    if (name.toLowerCase() !== SIGNATURE_HEADER || value === undefined) continue;
    return typeof value === 'string' ? value : value.join(', ');
  }
  return undefined;
}

function digest(body: string | Uint8Array | undefined): string {
  return createHash('sha256')
    .update(body ?? '')
    .digest('hex');
}

function isSignature(key: string, text: string, signature: string): boolean {
  const expected = createHmac('sha256', key).update(text).digest();
  return timingSafeEqual(expected, Buffer.from(signature, 'hex'));
}
