import { join } from 'node:path';
import { type Database, IF_EXISTS, open, type RootDatabase } from 'lmdb';
import {
  type Burial,
  type ConnectionDirectory,
  connectionIdOfLetter,
  type DeadLetter,
  type DeadLetters,
  type DirectoryEntry,
  deadLetterId,
  type EntryKey,
} from '../connection-directory.ts';
import { EngineUnavailable } from '../engine-unavailable.ts';
import { CONNECTIONS_FILE, type DataFolder, keepPrivate } from './data-folder.ts';
import type { DiskRoom } from './disk-room.ts';
import { WriteBatches } from './write-batches.ts';

/** Who this node is, and who else is alive. */
export interface Membership {
  self(): string;
  isMember(incarnation: string): boolean;
}

/** Conditional writes compare nothing but presence; LMDB wants a version for them all the same. */
const ANY = 1;
/** Sorts behind every connection id, and before the next owner. */
const AFTER_ALL = '~';

interface Files {
  readonly room: DiskRoom;
  readonly root: RootDatabase;
  /** By `owner/connectionId`, so that what a node left behind stands together. */
  readonly entries: Database<unknown, string>;
  readonly letters: Database<unknown, string>;
}

/**
 * Entries in an LMDB file of their own: connections come and go by the thousand, and the documents
 * beside them must not wait. A write resolves when it is in the file as every process of this machine
 * sees it; the flush to the disk follows at once (`overlappingSync`). So `kill -9` loses nothing, and a
 * power cut what was not flushed yet, never the file. Writes of a moment are one transaction.
 */
export class EmbeddedConnectionDirectory implements ConnectionDirectory {
  readonly deadLetters: DeadLetters;
  readonly #membership: Membership;
  readonly #writes = new Set<Promise<unknown>>();
  readonly #batches = new WriteBatches();
  #files: Files | undefined;

  constructor(membership: Membership) {
    this.#membership = membership;
    this.deadLetters = new EmbeddedDeadLetters(
      membership,
      (write) => this.#write(write),
      () => this.#opened(),
    );
  }

  open({ path, durable, room }: DataFolder): void {
    const root = open({
      path: join(path, CONNECTIONS_FILE),
      noSubdir: true,
      overlappingSync: durable,
      noSync: !durable,
    });
    keepPrivate(path, CONNECTIONS_FILE);
    this.#files = {
      room,
      root,
      entries: root.openDB('entries', { encoding: 'json', useVersions: true }),
      letters: root.openDB('dead-letters', { encoding: 'json' }),
    };
  }

  /** Waits for the writes under way; later calls reject. */
  async close(): Promise<void> {
    const files = this.#files;
    this.#files = undefined;
    this.#batches.flush();
    await Promise.allSettled(this.#writes);
    await files?.root.close();
  }

  async add(connectionId: string, value: unknown): Promise<DirectoryEntry> {
    const entry = { owner: this.#membership.self(), connectionId, value };
    await this.#write(({ entries, room }) => {
      room.assertForNew();
      return entries.put(keyOf(entry), value, ANY);
    });
    return entry;
  }

  update(entry: DirectoryEntry): Promise<boolean> {
    return this.#write(({ entries }) => entries.put(keyOf(entry), entry.value, ANY, IF_EXISTS));
  }

  remove(entry: EntryKey): Promise<boolean> {
    return this.#write(({ entries }) => entries.remove(keyOf(entry), IF_EXISTS));
  }

  /** Looks before it locks: mostly nobody has left anything behind. */
  async claim(limit: number): Promise<DirectoryEntry[]> {
    const self = this.#membership.self();
    if (!this.#isAnythingLeft()) return [];
    return this.#write(({ entries }) =>
      entries.transaction(() => {
        const claimed: DirectoryEntry[] = [];
        for (const owner of this.#gone(entries)) {
          const room = limit - claimed.length;
          if (room <= 0) break;
          const range = { start: `${owner}/`, end: `${owner}/${AFTER_ALL}`, limit: room };
          for (const { key, value } of [...entries.getRange(range)]) {
            const entry = { owner: self, connectionId: key.slice(owner.length + 1), value };
            entries.remove(key);
            entries.put(keyOf(entry), value, ANY);
            claimed.push(entry);
          }
        }
        return claimed;
      }),
    );
  }

  async unknown(isKnown: (connectionId: string) => boolean): Promise<DirectoryEntry[]> {
    const owner = this.#membership.self();
    const range = { start: `${owner}/`, end: `${owner}/${AFTER_ALL}` };
    const own = [...this.#opened().entries.getRange(range)].map(({ key, value }) => {
      return { owner, connectionId: key.slice(owner.length + 1), value };
    });
    return own.filter(({ connectionId }) => !isKnown(connectionId));
  }

  #isAnythingLeft(): boolean {
    const { entries } = this.#opened();
    return !this.#gone(entries).next().done;
  }

  /** Owners of entries that are no members: one seek per owner. */
  *#gone(entries: Files['entries']): Generator<string> {
    let start = '';
    for (;;) {
      const [key] = entries.getKeys({ start, limit: 1 });
      if (key === undefined) return;
      const owner = key.slice(0, key.indexOf('/'));
      if (!this.#membership.isMember(owner)) yield owner;
      start = `${owner}/${AFTER_ALL}`;
    }
  }

  #opened(): Files {
    if (!this.#files) throw new EngineUnavailable('The embedded engine is not running');
    return this.#files;
  }

  async #write<T>(write: (files: Files) => Promise<T>): Promise<T> {
    const files = this.#opened();
    files.room.assertForChange();
    const done = this.#batches.join(() => write(files));
    this.#writes.add(done);
    try {
      return await done;
    } finally {
      this.#writes.delete(done);
    }
  }
}

type Write = <T>(write: (files: Files) => Promise<T>) => Promise<T>;

class EmbeddedDeadLetters implements DeadLetters {
  readonly #membership: Membership;
  readonly #write: Write;
  readonly #opened: () => Files;

  constructor(membership: Membership, write: Write, opened: () => Files) {
    this.#membership = membership;
    this.#write = write;
    this.#opened = opened;
  }

  bury(entry: DirectoryEntry, now: number, max: number): Promise<Burial> {
    return this.#write(({ root, entries, letters }) =>
      root.transaction(() => {
        const key = keyOf(entry);
        if (!entries.doesExist(key)) return { buried: false, dropped: 0 };
        entries.remove(key);
        const surplus = Math.max(0, countOf(letters) + 1 - max);
        const oldest = surplus > 0 ? [...letters.getKeys({ limit: surplus })] : [];
        for (const id of oldest) letters.remove(id);
        letters.put(deadLetterId(entry.connectionId, now), entry.value);
        return { buried: true, dropped: oldest.length };
      }),
    );
  }

  list({ after = '', limit }: { after?: string; limit: number }): Promise<DeadLetter[]> {
    return this.#read(({ letters }) => {
      const range = letters.getRange({ start: after, exclusiveStart: true, limit });
      return [...range].map(({ key, value }) => letterOf(key, value));
    });
  }

  get(id: string): Promise<DeadLetter | undefined> {
    return this.#read(({ letters }) => {
      const value = letters.get(id);
      return value === undefined ? undefined : letterOf(id, value);
    });
  }

  revive(id: string): Promise<DirectoryEntry | undefined> {
    return this.#write(({ root, entries, letters }) =>
      root.transaction(() => {
        const value = letters.get(id);
        if (value === undefined) return undefined;
        const connectionId = connectionIdOfLetter(id);
        const entry = { owner: this.#membership.self(), connectionId, value };
        letters.remove(id);
        entries.put(keyOf(entry), value, ANY);
        return entry;
      }),
    );
  }

  drop(id: string): Promise<boolean> {
    return this.#write(({ root, letters }) =>
      root.transaction(() => {
        if (!letters.doesExist(id)) return false;
        letters.remove(id);
        return true;
      }),
    );
  }

  async #read<T>(read: (files: Files) => T): Promise<T> {
    return read(this.#opened());
  }

  count(): Promise<number> {
    return this.#read(({ letters }) => countOf(letters));
  }
}

const countOf = (letters: Files['letters']) =>
  (letters.getStats() as { entryCount: number }).entryCount;

const keyOf = ({ owner, connectionId }: EntryKey) => `${owner}/${connectionId}`;

const letterOf = (id: string, value: unknown): DeadLetter => ({
  id,
  connectionId: connectionIdOfLetter(id),
  value,
});
