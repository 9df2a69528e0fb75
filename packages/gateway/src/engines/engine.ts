/**
 * Where shared state lives. An engine gives the gateway a place that survives a restart and that
 * every node of a cluster sees alike. The guarantees are written at each method; one contract suite
 * (`test/engines/engine.contract.ts`) holds every engine to them.
 */
import type { ConnectionDirectory } from './connection-directory.ts';

export type {
  ConnectionDirectory,
  DeadLetter,
  DeadLetters,
  DirectoryEntry,
} from './connection-directory.ts';

export interface Engine {
  /** Shown in logs and health answers, such as `embedded`. */
  readonly name: string;
  readonly resources: ResourceStore;
  /** Which connections are owed a `$disconnect`. */
  readonly connections: ConnectionDirectory;
  /** Opens what must be opened. Rejects with a sentence that says what to do when it cannot. */
  start(): Promise<void>;
  /** Flushes and closes. Safe to call twice, and on an engine that never started. */
  stop(): Promise<void>;
}

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
 * Documents by key, in key order. Keys are short ASCII paths such as `api/a1b2c3d4e5`.
 * Values are JSON: what goes in comes out equal, including keys such as `__proto__`.
 */
export interface ResourceStore {
  get(key: string): Promise<Stored | undefined>;
  /** Documents whose key starts with `prefix`, in byte order of the key. */
  list(prefix: string, page?: Page): Promise<Stored[]>;
  /**
   * All changes or none. Resolves `true` when they are durable (they survive `kill -9` from then on)
   * and visible to every later `get`; `false`, with nothing written, when any `expectedVersion`
   * no longer holds.
   */
  commit(changes: readonly Change[]): Promise<boolean>;
  /**
   * Calls `listener` with the keys of each commit, own and foreign, after it became visible.
   * At least once, in commit order for one key. Returns a function that ends the watch.
   */
  watch(listener: (keys: readonly string[]) => void): () => void;
}
