import { randomFillSync } from 'node:crypto';

/** Randomness, injected so that a test can make ids predictable. Fills and returns `length` bytes. */
export interface Random {
  bytes(length: number): Uint8Array;
  /** The same as text; without it, `randomText` makes it of `bytes`. */
  text?(length: number, encoding: RandomEncoding): string;
}

export type RandomEncoding = 'hex' | 'base64url';

const POOL_BYTES = 4096;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/** Where the next so many bytes of the pool begin. */
function draw(length: number): number {
  if (used + length > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const at = used;
  used += length;
  return at;
}

/** Cryptographic randomness, drawn from the system in blocks: one system call for some 300 ids. */
export const systemRandom: Random = {
  bytes(length) {
    const at = draw(length);
    return Buffer.from(pool.subarray(at, at + length));
  },
  text(length, encoding) {
    const at = draw(length);
    return pool.toString(encoding, at, at + length);
  },
};

/** So many random bytes in letters and digits. */
export function randomText(random: Random, length: number, encoding: RandomEncoding): string {
  return random.text
    ? random.text(length, encoding)
    : Buffer.from(random.bytes(length)).toString(encoding);
}
