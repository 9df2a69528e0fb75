import type { Ambient } from '../ambient.ts';
import { limits } from '../limits.ts';
import { type ConnectionRecord, type ConnectionStore, connectedAt } from './connection-store.ts';
import { keyLock } from './key-lock.ts';

/** Puts connections on record, and tells when a 410 means that one is over. */
export class Registry {
  readonly store: ConnectionStore;
  readonly #oneConnectionPerUser: boolean;
  readonly #ambient: Ambient;
  readonly #lock = keyLock();
  readonly #connecting = new Set<string>();

  constructor(store: ConnectionStore, oneConnectionPerUser: boolean, ambient: Ambient) {
    this.store = store;
    this.#oneConnectionPerUser = oneConnectionPerUser;
    this.#ambient = ambient;
  }

  /**
   * Saves a record that begins now. Gives the user's records it replaces, which the caller removes
   * once the connection stands; none where a user may have several. Calls for one user wait for
   * each other, so of connections that race in this process the last one stays.
   */
  add(connectionId: string, userId: string): Promise<readonly ConnectionRecord[]> {
    const record = {
      user_id: userId,
      connection_id: connectionId,
      connected_at: connectedAt(this.#ambient.now()),
    };
    return this.#lock(userId, async () => {
      const others = this.#oneConnectionPerUser ? await this.store.findByUser(userId) : [];
      await this.store.save(record);
      return others.filter((other) => other.connection_id !== connectionId);
    });
  }

  /** Runs the work of a handshake, during which the gateway answers 410 for the connection. */
  async whileConnecting<T>(connectionId: string, work: () => Promise<T>): Promise<T> {
    this.#connecting.add(connectionId);
    try {
      return await work();
    } finally {
      this.#connecting.delete(connectionId);
    }
  }

  isConnecting(connectionId: string): boolean {
    return this.#connecting.has(connectionId);
  }

  /** Whether the handshake may still be on its way, perhaps in another process. */
  isYoung(record: ConnectionRecord): boolean {
    const ageMillis = this.#ambient.now() - Date.parse(record.connected_at);
    return Math.abs(ageMillis) < limits.connectGraceMillis;
  }
}
