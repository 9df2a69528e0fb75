import { statfsSync } from 'node:fs';
import { DiskFull } from '../engine-unavailable.ts';

/** Below this nothing new is taken in. */
const NEW_BYTES = 32 * 1024 * 1024;
/** Below this nothing is written at all: LMDB copies the pages it changes, also to remove something. */
const ANY_BYTES = 8 * 1024 * 1024;
/** A burst of writes asks once. */
const KEPT_MILLIS = 5;

/**
 * A write that meets a full disk half-way is more than LMDB's binding can bear: the process ends, or waits
 * for ever. So the room is looked at before each transaction, which is refused in time.
 */
export class DiskRoom {
  readonly #path: string;
  #askedAt = Number.NEGATIVE_INFINITY;
  #free = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Throws `DiskFull` where there is no room for something new. */
  assertForNew(): void {
    this.#assert(NEW_BYTES);
  }

  /** Throws `DiskFull` where there is no room to change or remove what is there. */
  assertForChange(): void {
    this.#assert(ANY_BYTES);
  }

  #assert(bytes: number): void {
    const now = performance.now();
    if (now - this.#askedAt > KEPT_MILLIS) {
      const { bavail, bsize } = statfsSync(this.#path);
      this.#free = bavail * bsize;
      this.#askedAt = now;
    }
    if (this.#free >= bytes) return;
    const megabytes = (count: number) => Math.floor(count / (1024 * 1024));
    throw new DiskFull(
      `the disk of ${this.#path} has ${megabytes(this.#free)} MB free, ` +
        `and this needs ${megabytes(bytes)}: make room there`,
    );
  }
}
