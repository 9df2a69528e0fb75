import type { Change, Page, ResourceStore, Stored } from '../engine.ts';
import type { DataFolder } from './data-folder.ts';

type Listener = (keys: readonly string[]) => void;

/** Follows every byte of UTF-8 text, so `prefix` + this is the first key after the prefix. */
const AFTER_ALL = Buffer.from([0xff]);
const VERSION = 'version';

/** Documents in LMDB. Commits of one turn of the event loop share one flush to disk. */
export class EmbeddedResourceStore implements ResourceStore {
  readonly #listeners = new Set<Listener>();
  readonly #commits = new Set<Promise<boolean>>();
  #folder: DataFolder | undefined;

  open(folder: DataFolder): void {
    this.#folder = folder;
  }

  /** Waits for the commits under way; later calls reject. */
  async close(): Promise<void> {
    this.#folder = undefined;
    await Promise.allSettled(this.#commits);
  }

  async get(key: string): Promise<Stored | undefined> {
    const stored = this.#opened().documents.get(Buffer.from(key));
    return stored && { key, value: stored.value, version: stored.version };
  }

  async list(prefix: string, page: Page = {}): Promise<Stored[]> {
    const { after, limit } = page;
    if (limit !== undefined && limit <= 0) return [];
    const first = Buffer.from(prefix);
    const last = after === undefined ? undefined : Buffer.from(after);
    const start = last && Buffer.compare(last, first) > 0 ? last : first;
    const entries = this.#opened().documents.getRange({
      ...(start.length > 0 && { start }),
      end: Buffer.concat([first, AFTER_ALL]),
      exclusiveStart: start === last,
      ...(limit !== undefined && { limit }),
    });
    return Array.from(entries, ({ key, value }) => ({
      key: Buffer.from(key).toString(),
      value: value.value,
      version: value.version,
    }));
  }

  async commit(changes: readonly Change[]): Promise<boolean> {
    const folder = this.#opened();
    assertKeys(changes);
    if (changes.length === 0) return true;
    const commit = folder.documents.childTransaction(() => write(folder, changes));
    this.#commits.add(commit);
    try {
      const isCommitted = await commit;
      if (isCommitted) this.#announce(changes.map((change) => change.key));
      return isCommitted;
    } finally {
      this.#commits.delete(commit);
    }
  }

  /** Commits of this process. */
  watch(listener: Listener): () => void {
    // A wrapper, so that the same function watching twice is two watches.
    const own: Listener = (keys) => listener(keys);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  #opened(): DataFolder {
    if (!this.#folder) throw new Error('The embedded engine is not running: call start() first');
    return this.#folder;
  }

  #announce(keys: readonly string[]): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(keys);
      } catch (error) {
        // The commit stands, whatever a listener makes of it.
        process.emitWarning(error instanceof Error ? error : String(error));
      }
    }
  }
}

/** Runs inside the write transaction, alone. Checks every version before it writes anything. */
function write({ documents, counters }: DataFolder, changes: readonly Change[]): boolean {
  for (const { key, expectedVersion } of changes) {
    if ((documents.get(Buffer.from(key))?.version ?? 0) !== expectedVersion) return false;
  }
  const version = (counters.get(VERSION) ?? 0) + 1;
  counters.put(VERSION, version);
  for (const { key, value } of changes) {
    if (value === undefined) documents.remove(Buffer.from(key));
    else documents.put(Buffer.from(key), { version, value });
  }
  return true;
}

function assertKeys(changes: readonly Change[]): void {
  const keys = new Set(changes.map((change) => change.key));
  if (keys.size !== changes.length) throw new Error('A commit must name each key once');
  if (keys.has('')) throw new Error('A key must not be empty');
}
