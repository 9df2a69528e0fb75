import { randomFillSync } from 'node:crypto';

/** Randomness, injected so that a test can make ids predictable. Fills and returns `length` bytes. */
export interface Random {
  bytes(length: number): Uint8Array;
}

const POOL_BYTES = 4096;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/** Cryptographic randomness, drawn from the system in blocks: one system call for some 300 ids. */
export const systemRandom: Random = {
  bytes(length) {
    if (used + length > POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    const bytes = Buffer.from(pool.subarray(used, used + length));
    used += length;
    return bytes;
  },
};
