import type { Connection, ConnectionListener } from '../connections/connection.ts';
import type { DirectoryEntry } from '../engines/connection-directory.ts';
import type { Seat } from '../throttling/address-limits.ts';
import type { Close } from '../wire/close-codes.ts';
import type { DataPlane } from './data-plane.ts';
import { runMessageRoute } from './message-route.ts';

/** What an open connection has its backend told: its messages, and that it is over. */
export class OpenConnection implements ConnectionListener {
  readonly #plane: DataPlane;
  readonly #seat: Seat;
  readonly #entry: DirectoryEntry | undefined;

  constructor(plane: DataPlane, seat: Seat, entry: DirectoryEntry | undefined) {
    this.#plane = plane;
    this.#seat = seat;
    this.#entry = entry;
  }

  message(connection: Connection, bytes: Buffer, isBinary: boolean): void {
    const plane = this.#plane;
    const message = { connection, bytes, isBinary };
    connection.beginMessage(bytes.length);
    plane.work.begin();
    const over = () => {
      connection.endMessage(bytes.length);
      plane.work.end();
    };
    if (!connection.keepsOrder) return void runMessageRoute(plane, message, over);
    const run = () => new Promise<void>((done) => runMessageRoute(plane, message, done));
    void connection.run(run).then(over);
  }

  closed(connection: Connection, close: Close): void {
    const { hub, work, outbox } = this.#plane;
    this.#seat.release();
    hub.remove(connection);
    const { facts, closeRule: rule, retiredStage } = connection;
    const ended = { facts, close, rule, entry: this.#entry, retiredStage };
    if (connection.keepsOrder) {
      const done = connection.run(async () => outbox.end(ended));
      work.run('A $disconnect', done);
      return;
    }
    try {
      const done = outbox.end(ended);
      if (done) work.run('A $disconnect', done);
    } catch (bug) {
      work.failed('A $disconnect', bug);
    }
  }
}
