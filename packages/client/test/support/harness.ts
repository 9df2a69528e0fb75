import { afterEach, beforeEach } from 'vitest';
import { WebSocket } from 'ws';
import {
  type Client,
  type ClientOptions,
  type ClientState,
  connect,
  type ErrorSource,
  type StateDetail,
} from '../../src/index.ts';
import { ManualTimers } from './manual-timers.ts';
import { Queue } from './queue.ts';
import { ScriptedServer, type ServerConnection } from './scripted-server.ts';

/** A client and everything it has told so far. */
export interface Watched {
  readonly client: Client;
  readonly states: Queue<readonly [ClientState, StateDetail]>;
  readonly errors: Queue<readonly [unknown, ErrorSource]>;
}

export interface Harness {
  readonly server: ScriptedServer;
  readonly timers: ManualTimers;
  /** A client of the server, on the manual timers and without jitter. */
  connect(options?: Partial<ClientOptions>): Watched;
  /** The same once it is open, with the server's end of the connection. */
  connectAndOpen(options?: Partial<ClientOptions>): Promise<Opened>;
}

export interface Opened extends Watched {
  readonly connection: ServerConnection;
}

/** For each test of the file: a server, a clock, and clients that are closed afterwards. */
export function useHarness(): Harness {
  let server: ScriptedServer;
  let timers: ManualTimers;
  let clients: Client[] = [];

  beforeEach(async () => {
    server = await ScriptedServer.start();
    timers = new ManualTimers();
  });
  afterEach(async () => {
    for (const client of clients) client.close();
    clients = [];
    await server.stop();
  });

  return {
    get server() {
      return server;
    },
    get timers() {
      return timers;
    },
    connect(options = {}) {
      const watched = watch({ url: server.url, WebSocket, timers, random: () => 0, ...options });
      clients.push(watched.client);
      return watched;
    },
    async connectAndOpen(options) {
      const watched = this.connect(options);
      await stateReached(watched, 'open');
      return { ...watched, connection: await server.connections.next() };
    },
  };
}

/** Waits until the client has entered this state, and answers what came with it. */
export async function stateReached(
  { states }: Pick<Watched, 'states'>,
  wanted: ClientState,
): Promise<StateDetail> {
  for (;;) {
    const [state, detail] = await states.next();
    if (state === wanted) return detail;
  }
}

function watch(options: ClientOptions): Watched {
  const client = connect(options);
  const states: Watched['states'] = new Queue();
  const errors: Watched['errors'] = new Queue();
  client.onStateChange((state, detail) => states.push([state, detail]));
  client.onError((error, source) => errors.push([error, source]));
  return { client, states, errors };
}
