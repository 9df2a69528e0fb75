/** A JSON document and the version it was written under. Versions only grow, also across deletes. */
export interface Stored {
  readonly key: string;
  readonly value: unknown;
  readonly version: number;
}

/** One document of a commit. `value: undefined` deletes; `expectedVersion: 0` means "must not exist". */
export interface Change {
  readonly key: string;
  readonly value: unknown;
  readonly expectedVersion: number;
}

export interface Page {
  /** Only keys after this one, in byte order. */
  readonly after?: string;
  readonly limit?: number;
}

/**
 * Told the keys of a commit, or `all`: so much was missed that any key may have changed, or be gone.
 * Resolves once the change is in force, if that takes time.
 */
export type CommitListener = (keys: readonly string[] | 'all') => void | Promise<void>;

/**
 * Documents by key, in key order. Keys are short ASCII paths such as `api/a1b2c3d4e5`.
 * Values are JSON: what goes in comes out equal, including keys such as `__proto__`.
 *
 * All nodes see the same documents. While the engine cannot reach its store, every method rejects with
 * `EngineUnavailable`; after that nobody knows whether a commit under way took place.
 */
export interface ResourceStore {
  get(key: string): Promise<Stored | undefined>;
  /** Documents whose key starts with `prefix`, in byte order of the key. */
  list(prefix: string, page?: Page): Promise<Stored[]>;
  /**
   * All changes or none. Resolves `true` when they are durable (they survive `kill -9` from then on)
   * and visible to every later `get` on every node; `false`, with nothing written, when any
   * `expectedVersion` no longer holds.
   */
  commit(changes: readonly Change[]): Promise<boolean>;
  /**
   * Calls `listener` with the keys of each commit, own and of other nodes, after it became visible:
   * within a second on every node that reaches the store, and as soon as it does again on one that
   * did not. At least once, in commit order for one key. Returns a function that ends the watch.
   */
  watch(listener: CommitListener): () => void;
}
