import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/**
 * The key a signature is made with is derived from the secret in four steps, and is the same for
 * everyone who signs on one day for one region and service: worth keeping.
 */
export interface SigningScope {
  /** `YYYYMMDD` */
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

const KEYS_MAX = 1000;
const keys = new Map<string, KeyObject>();

/** A key from an earlier signature, if it is still remembered. */
export function rememberedKey(secretAccessKey: string, scope: SigningScope): KeyObject | undefined {
  return keys.get(cacheKey(secretAccessKey, scope));
}

/**
 * Keeps a key for later. Call it for signatures that were found good: somebody who merely knows
 * an access key id must not be able to push useful keys out by naming ever new regions.
 */
export function rememberKey(secretAccessKey: string, scope: SigningScope, key: KeyObject): void {
  if (keys.size >= KEYS_MAX) keys.delete(keys.keys().next().value!);
  keys.set(cacheKey(secretAccessKey, scope), key);
}

/** How many keys are remembered at the moment. */
export function rememberedKeyCount(): number {
  return keys.size;
}

/** Four steps of HMAC-SHA256: date, region, service, and the word that ends every scope. */
export function deriveKey(secretAccessKey: string, scope: SigningScope): KeyObject {
  let key: Buffer = Buffer.from(`AWS4${secretAccessKey}`);
  for (const word of [scope.date, scope.region, scope.service, 'aws4_request']) {
    key = createHmac('sha256', key).update(word).digest();
  }
  return createSecretKey(key);
}

/** None of the first three words can hold a slash, so no two scopes share a name. */
function cacheKey(secretAccessKey: string, scope: SigningScope): string {
  return `${scope.date}/${scope.region}/${scope.service}/${secretAccessKey}`;
}
