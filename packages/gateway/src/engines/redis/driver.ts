/**
 * What of `@redis/client` is used, the same for one server, sentinels and a cluster. The package is
 * loaded only here, and only when somebody has chosen this engine.
 */
import type { RedisAddress } from './address.ts';

export type Argument = string | Buffer;

export interface Driver {
  /** Rejects with what the first attempt met; afterwards the driver connects again by itself. */
  connect(): Promise<void>;
  /** `key` says which server of a cluster it goes to. Replies with text are strings. */
  send(key: string, command: readonly Argument[]): Promise<unknown>;
  /** Also after every reconnection. */
  subscribe(channel: string, listener: (message: Buffer) => void): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
  /** Resolves with how many were listening, where the server knows that: not in a cluster. */
  publish(channel: string, message: Buffer): Promise<number | undefined>;
  /** An answer of the server that says no, in place of none. */
  isErrorReply(error: unknown): error is Error;
  close(): Promise<void>;
}

export interface DriverOptions {
  readonly address: RedisAddress;
  /** A connection was lost, or could not be made again. */
  failed(error: Error): void;
}

type Package = typeof import('@redis/client');

const CONNECT_MILLIS = 3000;
/** A server that says nothing for so long is hung up on: pings come more often. */
const SILENCE_MILLIS = 5000;
const PING_MILLIS = 1500;
const RECONNECT_MILLIS_MAX = 500;
/**
 * The package would make a signal for each command, to end those that are not written in time, which costs
 * more than the command. Whoever asks has a deadline already (`redis-server.ts`), and a connection that
 * takes no bytes falls silent, which ends everything that waits for it.
 */
const COMMAND_OPTIONS = { timeout: 0 };

export async function loadDriver(options: DriverOptions): Promise<Driver> {
  const redis = await loadPackage();
  switch (options.address.kind) {
    case 'single':
      return singleDriver(redis, options);
    case 'sentinel':
      return sentinelDriver(redis, options);
    case 'cluster':
      return clusterDriver(redis, options);
  }
}

async function loadPackage(): Promise<Package> {
  try {
    return await import('@redis/client');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Error(
      'The engine redis needs the package @redis/client. Install it beside postern: ' +
        'npm install @redis/client',
      { cause: error },
    );
  }
}

/** What every connection has in common, whichever server it leads to. */
function connectionOptions({ username, password, tls }: RedisAddress, hasConnected: () => boolean) {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    // Whoever asks while there is no connection is told so, and not made to wait.
    disableOfflineQueue: true,
    pingInterval: PING_MILLIS,
    socket: {
      ...(tls && { tls: true as const }),
      connectTimeout: CONNECT_MILLIS,
      socketTimeout: SILENCE_MILLIS,
      reconnectStrategy: (retries: number, cause: Error) =>
        hasConnected() ? Math.min(RECONNECT_MILLIS_MAX, 25 * 2 ** Math.min(retries, 5)) : cause,
    },
  };
}

function singleDriver(redis: Package, { address, failed }: DriverOptions): Driver {
  let hasConnected = false;
  const { socket, ...options } = connectionOptions(address, () => hasConnected);
  const [{ host, port }] = address.hosts as [RedisAddress['hosts'][number]];
  const client = redis.createClient({
    ...options,
    RESP: 3,
    commandOptions: COMMAND_OPTIONS,
    database: address.database,
    socket: { ...socket, host, port } as never,
  });
  // A connection of its own: a flood of messages holds up no command.
  const subscriber = client.duplicate();
  for (const one of [client, subscriber]) one.on('error', failed);
  return {
    async connect() {
      try {
        await Promise.all([client.connect(), subscriber.connect()]);
      } catch (error) {
        for (const one of [client, subscriber]) if (one.isOpen) one.destroy();
        throw error;
      }
      hasConnected = true;
    },
    send: (_, command) => client.sendCommand(command),
    subscribe: (channel, listener) => subscriber.subscribe(channel, listener, true),
    unsubscribe: (channel) => subscriber.unsubscribe(channel),
    publish: async (channel, message) =>
      Number(await client.sendCommand(['PUBLISH', channel, message])),
    isErrorReply: (error): error is Error => error instanceof redis.ErrorReply,
    async close() {
      for (const one of [client, subscriber]) if (one.isOpen) one.destroy();
    },
  };
}

function sentinelDriver(redis: Package, { address, failed }: DriverOptions): Driver {
  let hasConnected = false;
  const { socket, ...options } = connectionOptions(address, () => hasConnected);
  const sentinel = redis.createSentinel({
    name: address.master!,
    sentinelRootNodes: [...address.hosts],
    RESP: 3,
    commandOptions: COMMAND_OPTIONS,
    nodeClientOptions: { ...options, database: address.database, socket: socket as never },
    sentinelClientOptions: { socket: socket as never },
    scanInterval: 1000,
    passthroughClientErrorEvents: true,
  });
  sentinel.on('error', failed);
  return {
    async connect() {
      await sentinel.connect();
      hasConnected = true;
    },
    send: (_, command) => sentinel.sendCommand(false, [...command]),
    async subscribe(channel, listener) {
      await sentinel.subscribe(channel, listener, true);
    },
    async unsubscribe(channel) {
      await sentinel.unsubscribe(channel);
    },
    publish: async (channel, message) =>
      Number(await sentinel.sendCommand(false, ['PUBLISH', channel, message])),
    isErrorReply: (error): error is Error => error instanceof redis.ErrorReply,
    async close() {
      if (sentinel.isOpen) await sentinel.destroy();
    },
  };
}

/** Channels of a cluster are sharded where its servers can (Redis 7): else every server hears all. */
function clusterDriver(redis: Package, { address, failed }: DriverOptions): Driver {
  let hasConnected = false;
  let isSharded = true;
  const { socket, ...options } = connectionOptions(address, () => hasConnected);
  const cluster = redis.createCluster({
    rootNodes: address.hosts.map(({ host, port }) => ({ socket: { host, port } })),
    RESP: 3,
    commandOptions: COMMAND_OPTIONS,
    defaults: { ...options, socket: socket as never },
  });
  cluster.on('error', failed);
  const send = (key: string | undefined, command: readonly Argument[]) =>
    cluster.sendCommand(key, false, [...command]);
  return {
    async connect() {
      await cluster.connect();
      const found: unknown = await send(undefined, ['COMMAND', 'INFO', 'SPUBLISH']);
      isSharded = Array.isArray(found) && Array.isArray(found[0]);
      hasConnected = true;
    },
    send,
    subscribe: (channel, listener) =>
      isSharded
        ? cluster.sSubscribe(channel, listener, true)
        : cluster.subscribe(channel, listener, true),
    unsubscribe: (channel) =>
      isSharded ? cluster.sUnsubscribe(channel) : cluster.unsubscribe(channel),
    async publish(channel, message) {
      await send(channel, [isSharded ? 'SPUBLISH' : 'PUBLISH', channel, message]);
      return undefined;
    },
    isErrorReply: (error): error is Error => error instanceof redis.ErrorReply,
    async close() {
      if (cluster.isOpen) cluster.destroy();
    },
  };
}
