/** A resource store that counts what is asked of it, for the metrics of whichever engine is behind it. */
import type { Change, CommitListener, Page, ResourceStore } from './engine.ts';

export interface StoreCounts {
  reads: number;
  commits: number;
  /** Commits that came too late: somebody else had written. */
  conflicts: number;
  /** Reads and commits that rejected. */
  failures: number;
  commitMillis: number;
}

export class CountedStore implements ResourceStore {
  readonly counts: StoreCounts = {
    reads: 0,
    commits: 0,
    conflicts: 0,
    failures: 0,
    commitMillis: 0,
  };
  readonly #store: ResourceStore;
  readonly #ticks: () => number;

  /** `ticks`: milliseconds of a clock that is never set back. */
  constructor(store: ResourceStore, ticks: () => number) {
    this.#store = store;
    this.#ticks = ticks;
  }

  get(key: string) {
    this.counts.reads += 1;
    return this.#counted(this.#store.get(key));
  }

  list(prefix: string, page?: Page) {
    this.counts.reads += 1;
    return this.#counted(this.#store.list(prefix, page));
  }

  async commit(changes: readonly Change[]): Promise<boolean> {
    const since = this.#ticks();
    this.counts.commits += 1;
    const isDone = await this.#counted(this.#store.commit(changes));
    this.counts.commitMillis += this.#ticks() - since;
    if (!isDone) this.counts.conflicts += 1;
    return isDone;
  }

  watch(listener: CommitListener): () => void {
    return this.#store.watch(listener);
  }

  async #counted<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      this.counts.failures += 1;
      throw error;
    }
  }
}
