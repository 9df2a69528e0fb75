import { chmodSync, existsSync } from 'node:fs';
import { mkdtemp, open as openFileHandle, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { getSystemErrorName } from 'node:util';
import { type Database, open, type RootDatabase } from 'lmdb';
import { makeFolder } from '../../ambient/make-folder.ts';
import { DiskRoom } from './disk-room.ts';

/** One open LMDB environment, which other processes of this machine may have open as well. */
export interface DataFolder {
  readonly path: string;
  /** Whether it is to survive; otherwise nothing is flushed. */
  readonly durable: boolean;
  /** To be asked before each write. */
  readonly room: DiskRoom;
  readonly documents: Database<StoredDocument, Buffer>;
  /** By version: the keys of the commit that made it. The newest `changesKept` are there. */
  readonly changes: Database<readonly string[], number>;
  /** A few numbers about the store itself. */
  readonly numbers: Database<number, string>;
  readonly counts: Database<StoredCount, string>;
  /** Incarnation of each process that has the folder open, or died while it had. */
  readonly members: Database<StoredMember, string>;
  /** Tokens, which may be lost with the machine: nothing of them waits for the disk. */
  buckets(): Database<StoredBucket, string>;
  /** Reads from now on see what other processes have committed by now. */
  refresh(): void;
  close(): Promise<void>;
}

export const changesKept = 10_000;

/** The envelope a document is written in. JSON text, so any key survives, `__proto__` included. */
export interface StoredDocument {
  readonly version: number;
  readonly value: unknown;
}

export interface StoredCount {
  readonly count: number;
  /** Epoch milliseconds; absent for one that stays. */
  readonly expiresAt?: number;
}

export interface StoredMember {
  /** Where it listens: the path of a local socket. */
  readonly address: string;
}

export interface StoredBucket {
  readonly tokens: number;
  /** Epoch milliseconds. */
  readonly filledAt: number;
}

const FILE_NAME = 'postern.mdb';
/** See `connection-directory.ts`. */
export const CONNECTIONS_FILE = 'connections.mdb';
const BUCKETS_FILE_NAME = 'buckets.mdb';
/** API keys and private keys are in it: nobody but its owner reads it. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** Grows when the layout of the file changes in a way older releases cannot read. */
const FORMAT = 1;
const LMDB_MAGIC = 0xbeefc0de;
const LMDB_MAGIC_OFFSET = 24;

/**
 * Opens `folder`, making it when it is missing.
 * Rejects with a sentence that names the folder, the cause and the way out.
 */
export async function openDataFolder(
  folder: string,
  { durable }: { readonly durable: boolean },
): Promise<DataFolder> {
  const path = resolve(folder);
  try {
    makeFolder(path, FOLDER_MODE);
    await assertStoreOrAbsent(path, FILE_NAME);
    await assertStoreOrAbsent(path, CONNECTIONS_FILE);
    return openFiles(path, { durable });
  } catch (error) {
    throw new Error(
      `Cannot open the data folder ${path}: ${causeOf(error)}. ` +
        'Choose another with --data, or run with --ephemeral.',
      { cause: error },
    );
  }
}

/** Opens a new temporary folder; closing removes it. Nothing is flushed: nothing is to survive. */
export async function openEphemeralFolder(): Promise<DataFolder> {
  const path = await mkdtemp(join(tmpdir(), 'postern-'));
  const files = openFiles(path, { durable: false });
  return {
    ...files,
    async close() {
      await files.close();
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** LMDB trusts the file it maps: given another one, it takes the process down with it. */
async function assertStoreOrAbsent(folder: string, name: string): Promise<void> {
  const path = join(folder, name);
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size === 0) return;
  const file = await openFileHandle(path, 'r+');
  try {
    const { buffer } = await file.read({ buffer: Buffer.alloc(4), position: LMDB_MAGIC_OFFSET });
    const inThisByteOrder = new Uint32Array(buffer.buffer, buffer.byteOffset, 1)[0];
    if (inThisByteOrder !== LMDB_MAGIC) throw new Error(`its ${name} is not a store of Postern`);
  } finally {
    await file.close();
  }
}

/**
 * `overlappingSync: false` is what makes a resolved write a durable one: LMDB then flushes the pages
 * before it writes the meta page that shows them, so nobody, this process included, can see a
 * commit that a crash could still take back. With it on, a write resolves before its flush.
 */
function openFiles(path: string, { durable }: { durable: boolean }): DataFolder {
  const root = openFile(path, FILE_NAME, { noSync: !durable });
  // Binary keys compare byte by byte, which is the order the interface promises.
  const documents = root.openDB<StoredDocument, Buffer>('resources', {
    encoding: 'json',
    keyEncoding: 'binary',
  });
  const numbers = root.openDB<number, string>('counters', { encoding: 'json' });
  const format = numbers.get('format');
  if (format === undefined) numbers.putSync('format', FORMAT);
  else if (format > FORMAT) {
    void root.close();
    throw new Error('a newer release of Postern wrote it');
  }
  let bucketsRoot: RootDatabase | undefined;
  let buckets: Database<StoredBucket, string> | undefined;
  return {
    path,
    durable,
    room: new DiskRoom(path),
    documents,
    changes: root.openDB<readonly string[], number>('changes', { encoding: 'json' }),
    numbers,
    counts: root.openDB<StoredCount, string>('counts', { encoding: 'json' }),
    members: root.openDB<StoredMember, string>('members', { encoding: 'json' }),
    buckets() {
      bucketsRoot ??= openFile(path, BUCKETS_FILE_NAME, { noSync: true });
      buckets ??= bucketsRoot.openDB<StoredBucket, string>('buckets', { encoding: 'json' });
      return buckets;
    },
    refresh: () => root.resetReadTxn(),
    async close() {
      await Promise.all([root.close(), bucketsRoot?.close()]);
    },
  };
}

function openFile(path: string, name: string, { noSync }: { noSync: boolean }): RootDatabase {
  const root: RootDatabase = open({
    path: join(path, name),
    noSubdir: true,
    overlappingSync: false,
    noSync,
  });
  keepPrivate(path, name);
  return root;
}

/** Of a store in the folder: its file and the lock beside it. */
export function keepPrivate(folder: string, name: string): void {
  for (const path of [join(folder, name), join(folder, `${name}-lock`)]) {
    if (existsSync(path)) chmodSync(path, FILE_MODE);
  }
}

const CAUSES: Readonly<Record<string, string>> = {
  EEXIST: 'it is a file',
  ENOENT: 'no folder can be made there',
  ENOTDIR: 'a part of the path is a file',
  EACCES: 'it is not writable by this user',
  EPERM: 'it is not writable by this user',
  EROFS: 'it is on a read-only file system',
  ENOSPC: 'the disk is full',
};

function causeOf(error: unknown): string {
  const known = CAUSES[codeOf(error)];
  return known ?? (error instanceof Error ? error.message : String(error));
}

/** LMDB gives the system's number where Node gives its name; its own numbers are negative. */
function codeOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'number' && code > 0 ? getSystemErrorName(-code) : String(code);
}
