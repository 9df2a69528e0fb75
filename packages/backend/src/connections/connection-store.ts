/** One open connection, as the integration guide stores it. */
export interface ConnectionRecord {
  readonly user_id: string;
  readonly connection_id: string;
  /** UTC, ISO 8601 without milliseconds: `2026-02-06T10:30:45Z`. */
  readonly connected_at: string;
}

/** A window on all records, in the order of their connection ids. */
export interface Page {
  /** Only records whose connection id sorts after this one. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/**
 * Where the backend remembers who is connected. Every process of a backend must see the same
 * store: use {@link memoryStore} for one process, {@link sqlStore} or your own for several.
 *
 * Guarantees an implementation gives: a call that resolved is visible to every later call, and
 * one that could not be carried out rejects.
 */
export interface ConnectionStore {
  /** Adds the record, or replaces the one with the same connection id. */
  save(record: ConnectionRecord): Promise<void>;
  find(connectionId: string): Promise<ConnectionRecord | undefined>;
  /** Every connection of the user, the oldest first. */
  findByUser(userId: string): Promise<readonly ConnectionRecord[]>;
  list(page: Page): Promise<readonly ConnectionRecord[]>;
  /** Forgets the connection. An unknown one is not an error. */
  remove(connectionId: string): Promise<void>;
}

/** The guide's form of a moment. `epochMillis` counts from 1970. */
export function connectedAt(epochMillis: number): string {
  return `${new Date(epochMillis).toISOString().slice(0, 19)}Z`;
}
