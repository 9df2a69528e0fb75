import { EngineUnavailable } from '../engine-unavailable.ts';
import type { Change, CommitListener, Page, ResourceStore, Stored } from '../resource-store.ts';
import { changesKept, type DataFolder } from './data-folder.ts';

/** Follows every byte of UTF-8 text, so `prefix` + this is the first key after the prefix. */
const AFTER_ALL = Buffer.from([0xff]);
const VERSION = 'version';

/**
 * Documents in LMDB. Commits of one turn of the event loop share one flush to disk. Every commit, of
 * whichever process, stands in a log of changes by version: listeners are told from that log, so that
 * none is missed, and the order is that of the commits.
 */
export class EmbeddedResourceStore implements ResourceStore {
  readonly #listeners = new Set<CommitListener>();
  readonly #commits = new Set<Promise<boolean>>();
  #folder: DataFolder | undefined;
  /** Version of the newest commit that listeners were told of. */
  #told = 0;
  /** Tells other processes that there is something new, and waits until they have seen it, for a while. */
  #announce: () => Promise<void> = async () => {};

  open(folder: DataFolder, announce: () => Promise<void>): void {
    this.#folder = folder;
    this.#announce = announce;
    this.#told = folder.numbers.get(VERSION) ?? 0;
  }

  /** Waits for the commits under way; later calls reject. */
  async close(): Promise<void> {
    this.#folder = undefined;
    await Promise.allSettled(this.#commits);
  }

  async get(key: string): Promise<Stored | undefined> {
    const stored = this.#refreshed().documents.get(Buffer.from(key));
    return stored && { key, value: stored.value, version: stored.version };
  }

  async list(prefix: string, page: Page = {}): Promise<Stored[]> {
    const { after, limit } = page;
    if (limit !== undefined && limit <= 0) return [];
    const first = Buffer.from(prefix);
    const last = after === undefined ? undefined : Buffer.from(after);
    const start = last && Buffer.compare(last, first) > 0 ? last : first;
    const entries = this.#refreshed().documents.getRange({
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
    if (changes.some(({ value }) => value !== undefined)) folder.room.assertForNew();
    else folder.room.assertForChange();
    const commit = folder.documents.childTransaction(() => write(folder, changes));
    this.#commits.add(commit);
    try {
      const isCommitted = await commit;
      if (isCommitted) {
        // Also for those who wait for nobody: the engine may have been closed meanwhile.
        void this.#tell(folder);
        await this.#announce();
      }
      return isCommitted;
    } finally {
      this.#commits.delete(commit);
    }
  }

  watch(listener: CommitListener): () => void {
    // A wrapper, so that the same function watching twice is two watches.
    const own: CommitListener = (keys) => listener(keys);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** Tells listeners of every commit they have not heard of. Resolves when they have dealt with it. */
  async catchUp(): Promise<void> {
    if (this.#folder) await this.#tell(this.#folder);
  }

  async #tell(folder: DataFolder): Promise<void> {
    folder.refresh();
    const version = folder.numbers.get(VERSION) ?? 0;
    const first = this.#told + 1;
    if (version < first) return;
    this.#told = version;
    const entries = [...folder.changes.getRange({ start: first, end: version + 1 })];
    // Away for so long that the log no longer reaches back.
    const isWhole = entries[0]?.key === first;
    const commits = isWhole ? entries.map(({ value }) => value) : (['all'] as const);
    await Promise.all(commits.flatMap((keys) => this.#tellListeners(keys)));
  }

  #tellListeners(keys: readonly string[] | 'all'): Promise<void>[] {
    return [...this.#listeners].map(async (listener) => {
      try {
        await listener(keys);
      } catch (error) {
        // The commit stands, whatever a listener makes of it.
        process.emitWarning(error instanceof Error ? error : String(error));
      }
    });
  }

  /** What another process has committed by now is to be seen. */
  #refreshed(): DataFolder {
    const folder = this.#opened();
    folder.refresh();
    return folder;
  }

  #opened(): DataFolder {
    if (!this.#folder) throw new EngineUnavailable('The embedded engine is not running');
    return this.#folder;
  }
}

/** Runs inside the write transaction, alone. Checks every version before it writes anything. */
function write({ documents, numbers, changes: log }: DataFolder, changes: readonly Change[]) {
  for (const { key, expectedVersion } of changes) {
    if ((documents.get(Buffer.from(key))?.version ?? 0) !== expectedVersion) return false;
  }
  const version = (numbers.get(VERSION) ?? 0) + 1;
  numbers.put(VERSION, version);
  log.put(
    version,
    changes.map(({ key }) => key),
  );
  log.remove(version - changesKept);
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
