import { createHmac, hash } from 'node:crypto';
import { sha256 } from './digest.ts';
import { ALGORITHM, TERMINATOR } from './sigv4.ts';

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
const keys = new Map<string, SigningKey>();

/** A key from an earlier signature, if it is still remembered. */
export function rememberedKey(
  secretAccessKey: string,
  scope: SigningScope,
): SigningKey | undefined {
  return keys.get(cacheKey(secretAccessKey, scope));
}

/**
 * Keeps a key for later. Call it for signatures that were found good: somebody who merely knows
 * an access key id must not be able to push useful keys out by naming ever new regions.
 */
export function rememberKey(secretAccessKey: string, scope: SigningScope, key: SigningKey): void {
  const name = cacheKey(secretAccessKey, scope);
  if (keys.has(name)) return;
  if (keys.size >= KEYS_MAX) keys.delete(keys.keys().next().value!);
  keys.set(name, key);
}

/** How many keys are remembered at the moment. */
export function rememberedKeyCount(): number {
  return keys.size;
}

/** Four steps of HMAC-SHA256: date, region, service, and the word that ends every scope. */
export function deriveKey(secretAccessKey: string, scope: SigningScope): SigningKey {
  let key: Buffer = Buffer.from(`AWS4${secretAccessKey}`);
  for (const word of [scope.date, scope.region, scope.service, TERMINATOR]) {
    key = createHmac('sha256', key).update(word).digest();
  }
  return new SigningKey(key, scope);
}

/** None of the first three words can hold a slash, so no two scopes share a name. */
function cacheKey(secretAccessKey: string, scope: SigningScope): string {
  return `${scope.date}/${scope.region}/${scope.service}/${secretAccessKey}`;
}

/** Of SHA-256: HMAC hashes the text behind one block made of the key, and that hash behind another. */
const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
const HASH_DIGITS = 64;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;
/** `YYYYMMDDTHHMMSSZ` */
const DATE_CHARACTERS = 16;
const DATE_AT = BLOCK_BYTES + ALGORITHM.length + 1;

/**
 * Signs with one key in one scope. Only the date and the hash of the canonical request differ from text
 * to text, so they are written into what is ready; and RFC 2104's two hashes are two calls that make
 * no object, which takes half the time of Node.js's `createHmac`.
 */
export class SigningKey {
  readonly #inner: Buffer;
  readonly #outer: Buffer;
  readonly #hashAt: number;
  /** That stands in it: requests of one second say the same. */
  #date = '';

  /** `key` has 32 bytes. */
  constructor(key: Buffer, { date, region, service }: SigningScope) {
    const where = `${date}/${region}/${service}/${TERMINATOR}`;
    const text = `${ALGORITHM}\n${' '.repeat(DATE_CHARACTERS)}\n${where}\n`;
    const head = Buffer.concat([padded(key, INNER_PAD), Buffer.from(text)]);
    this.#inner = Buffer.concat([head, Buffer.alloc(HASH_DIGITS)]);
    this.#hashAt = head.length;
    this.#outer = Buffer.concat([padded(key, OUTER_PAD), Buffer.alloc(HASH_BYTES)]);
  }

  /** `date` is `YYYYMMDDTHHMMSSZ`. The signature is 64 lower-case hexadecimal digits. */
  sign(date: string, canonicalRequest: string | Uint8Array): string {
    const inner = this.#inner;
    const outer = this.#outer;
    if (date !== this.#date) inner.write(date, DATE_AT, 'latin1');
    this.#date = date;
    inner.write(sha256(canonicalRequest), this.#hashAt, 'latin1');
    outer.write(hash('sha256', inner, 'binary'), BLOCK_BYTES, 'latin1');
    return hash('sha256', outer, 'hex');
  }
}

function padded(key: Buffer, pad: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES, pad);
  for (const [at, byte] of key.entries()) block[at] = byte ^ pad;
  return block;
}
