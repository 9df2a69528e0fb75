import { describeError, type Log } from '../log.ts';
import type { Pushes } from '../push/pushes.ts';
import type { ConnectionRecord, ConnectionStore } from './connection-store.ts';

/** What happens to connections that a newer one of the same user took the place of. */
export class Replacements {
  readonly #store: ConnectionStore;
  readonly #pushes: Pushes;
  readonly #closesSockets: boolean;
  readonly #log: Log;
  readonly #closing = new Set<Promise<unknown>>();

  constructor(store: ConnectionStore, pushes: Pushes, closesSockets: boolean, log: Log) {
    this.#store = store;
    this.#pushes = pushes;
    this.#closesSockets = closesSockets;
    this.#log = log;
  }

  /** Removes the records. Sockets close in the background: the new handshake need not wait. */
  async drop(replaced: readonly ConnectionRecord[]): Promise<void> {
    for (const { connection_id: connectionId, user_id: userId } of replaced) {
      await this.#store.remove(connectionId);
      if (!this.#closesSockets) continue;
      const closing = this.#pushes.disconnect(connectionId).catch((reason) => {
        const event = 'replaced connection could not be closed';
        const error = describeError(reason, []);
        this.#log({ level: 'warn', event, connectionId, userId, error });
      });
      this.#closing.add(closing);
      closing.finally(() => this.#closing.delete(closing));
    }
  }

  /** Resolves when every socket that is being closed has been dealt with. */
  async settled(): Promise<void> {
    await Promise.all(this.#closing);
  }
}
