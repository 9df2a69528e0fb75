/** Remembers which calls have come. Several processes behind one address need one they share. */
export interface NonceMemory {
  /**
   * Whether this is the first time; from then on it is not, until `forgottenAt` (epoch
   * milliseconds). With Redis: `SET nonce 1 NX PXAT forgottenAt`.
   */
  isNew(nonce: string, forgottenAt: number): boolean | Promise<boolean>;
}

export interface NonceMemoryOptions {
  /** Beyond it the oldest are forgotten early. Default 100,000: about 15 MB. */
  readonly noncesMax?: number | undefined;
  /** Epoch milliseconds. Default: the system's clock. */
  readonly now?: (() => number) | undefined;
}

const NONCES_MAX = 100_000;

/** For one process; its end forgets. */
export function nonceMemory({
  noncesMax = NONCES_MAX,
  now = Date.now,
}: NonceMemoryOptions = {}): NonceMemory {
  if (!Number.isInteger(noncesMax) || noncesMax < 1) {
    throw new TypeError(`noncesMax ${noncesMax} must be a whole number of at least 1`);
  }
  // In the order of arrival, which is nearly that of being forgotten.
  const forgottenAtByNonce = new Map<string, number>();
  return {
    isNew(nonce, forgottenAt) {
      if (forgottenAtByNonce.has(nonce)) return false;
      for (const [oldest, at] of forgottenAtByNonce) {
        if (at > now() && forgottenAtByNonce.size < noncesMax) break;
        forgottenAtByNonce.delete(oldest);
      }
      forgottenAtByNonce.set(nonce, forgottenAt);
      return true;
    },
  };
}
