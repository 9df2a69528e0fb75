/** A TCP connection to a plain http backend. */
import { connect, type LookupFunction, type Socket } from 'node:net';
import type { Connect } from '../guarded-connect.ts';
import { connectionTimes } from './connection-times.ts';

/** Of silence, after which the kernel asks whether the backend is still there. */
const KEEP_ALIVE_DELAY_MILLIS = 60_000;

/** Connects with a look-up for names. */
export function plainConnect(lookup: LookupFunction): Connect {
  return ({ hostname: host, port }, done) => {
    const socket = connect({
      host,
      port: Number(port),
      lookup,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_DELAY_MILLIS,
    });
    const failed = (error: Error) => done(error, null);
    socket.setTimeout(connectionTimes.connectMillis, () => socket.destroy(new ConnectTimeout()));
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.off('error', failed);
      done(null, socket as Socket);
    });
  };
}

class ConnectTimeout extends Error {
  readonly code = 'ETIMEDOUT';

  constructor() {
    super(`no connection within ${connectionTimes.connectMillis / 1000} seconds`);
  }
}
