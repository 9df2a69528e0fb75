/**
 * Which connections are owed a `$disconnect`. An entry is written before its client is let in and
 * removed when the backend has been told: whoever dies in between leaves it behind, and another node
 * takes it over. The engine does not look into what an entry says.
 */
export interface ConnectionDirectory {
  /**
   * Stores an entry as this node's. Resolves when the end of this process, however sudden, cannot lose
   * it any more; what a failing machine loses is the engine's matter (`embedded`: what the disk had
   * not been given yet, a fraction of a second; `redis`: what its server loses). Rejects when it
   * cannot be stored, with `EngineUnavailable` when that is for now. Many at once share a write.
   */
  add(connectionId: string, value: unknown): Promise<DirectoryEntry>;
  /**
   * Writes what is known now. `false`, with nothing written, when another node has taken the entry over:
   * whatever follows is that node's. An entry that the store itself has lost is there again. Not to be
   * called after `remove`. Durable as `add` is.
   */
  update(entry: DirectoryEntry): Promise<boolean>;
  /** Removes an entry. `false` when it is no longer there. Durable as `add` is. */
  remove(entry: EntryKey): Promise<boolean>;
  /**
   * Takes over up to `limit` entries of nodes that are no members any more, those that ended before this
   * one started included. Each entry goes to exactly one node. Empty when there are none.
   */
  claim(limit: number): Promise<DirectoryEntry[]>;
  /**
   * Entries that are this node's without its knowing: the answer of a `claim` or a `revive` never arrived.
   * Whoever is refused by `claim` asks afterwards.
   */
  unknown(isKnown: (connectionId: string) => boolean): Promise<DirectoryEntry[]>;
  /** What could not be told to its backend, for somebody to look at. */
  readonly deadLetters: DeadLetters;
}

export interface EntryKey {
  /** Incarnation of the node whose entry it is. */
  readonly owner: string;
  readonly connectionId: string;
}

export interface DirectoryEntry extends EntryKey {
  /** JSON: what goes in comes out equal. */
  readonly value: unknown;
}

/** Entries that were given up, oldest first. They are no node's, and outlive all of them. */
export interface DeadLetters {
  /**
   * Makes a dead letter of an entry, both or neither. `false` when the entry is no longer there. Beyond
   * `max` letters the oldest are dropped; resolves with how many under `dropped`.
   */
  bury(entry: DirectoryEntry, now: number, max: number): Promise<Burial>;
  /** Letters after the one of this id, in the order they were buried. */
  list(page: { readonly after?: string; readonly limit: number }): Promise<DeadLetter[]>;
  /** `undefined` when there is none of this id. */
  get(id: string): Promise<DeadLetter | undefined>;
  /** Makes it an entry of this node again, exactly once. `undefined` when there is none of this id. */
  revive(id: string): Promise<DirectoryEntry | undefined>;
  /** `false` when there is none of this id. */
  drop(id: string): Promise<boolean>;
  count(): Promise<number>;
}

export type Burial = { readonly buried: boolean; readonly dropped: number };

export interface DeadLetter {
  /** Grows with time; letters, digits, `-`, `_` and `=`. */
  readonly id: string;
  readonly connectionId: string;
  readonly value: unknown;
}

/** The id of a letter buried at that epoch in milliseconds: in the order of time, then of ids. */
export function deadLetterId(connectionId: string, now: number): string {
  return `${String(now).padStart(14, '0')}-${connectionId}`;
}

export function connectionIdOfLetter(id: string): string {
  return id.slice(id.indexOf('-') + 1);
}
