import { systemAmbient } from './ambient.ts';
import type { ConnectionRecord, Page } from './connections/connection-store.ts';
import { memoryStore } from './connections/memory-store.ts';
import { Registry } from './connections/registry.ts';
import { limits } from './limits.ts';
import { consoleLog, describeError } from './log.ts';
import type { BackendOptions, BackendPaths } from './options.ts';
import { credentialReader } from './push/credentials.ts';
import { type Endpoint, parseEndpoint } from './push/endpoint.ts';
import type { ManagementApi } from './push/management-api.ts';
import { Pushes, type PushSummary } from './push/pushes.ts';
import { sdkManagementApi } from './push/sdk-management-api.ts';
import { SignedManagementApi } from './push/signed-management-api.ts';
import type { RouteParts } from './routes/call.ts';
import type { BackendRequest, BackendResponse } from './routes/request.ts';
import { route, routeTable } from './routes/router.ts';

/** The backend half of WebSocket push: see {@link createBackend}. */
export interface Backend<User extends string = string> {
  /** Methods and paths answered by `handle`; one that ends in `/*` takes one more part. */
  readonly routes: readonly { readonly method: string; readonly path: string }[];
  /** Answers a request, or gives undefined, its body unread, when the path is not among `routes`. */
  handle(request: BackendRequest): Promise<BackendResponse | undefined>;

  /**
   * Sends one message. Text and bytes go as they are, anything else as JSON. False when the
   * connection is gone; its record is deleted then. Other failures throw a {@link PushError}.
   */
  pushToConnection(connectionId: string, payload: unknown): Promise<boolean>;
  /** The same to every connection of the user. True when at least one was reached. */
  pushToUser(userId: User, payload: unknown): Promise<boolean>;
  /**
   * The same to many users, some at a time, each once. A failure that concerns every push
   * (403, 413) throws at once; the others are listed in the summary.
   */
  pushToUsers(userIds: Iterable<User>, payload: unknown): Promise<PushSummary>;
  /** Closes the connection with 1000 and deletes its record. False when it was gone already. */
  disconnect(connectionId: string): Promise<boolean>;

  /** Records in the order of their connection ids, at most 1000 at a time. */
  connections(page?: Partial<Page>): Promise<readonly ConnectionRecord[]>;
  /** Asks the gateway about every record, deletes those that are gone and gives their number. */
  sweepStale(): Promise<number>;
  /** Waits for work in the background and lets go of sockets. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Makes the backend of a WebSocket API on Postern or Amazon API Gateway: it answers the three
 * routes' POSTs, remembers who is connected, and pushes.
 * @throws TypeError for options that cannot work, with what to write instead.
 */
export function createBackend<User extends string = string>(
  options: BackendOptions<User>,
): Backend<User> {
  const ambient = options.ambient ?? systemAmbient;
  const log = options.log ?? consoleLog;
  const store = options.store ?? memoryStore();
  const registry = new Registry(store, options.oneConnectionPerUser ?? false, ambient);
  const management = managementApi(options);
  const concurrency = options.pushConcurrency ?? limits.pushConcurrency;
  const pushes = new Pushes({ management, registry, concurrency, ambient, log });
  const background = new Set<Promise<unknown>>();

  const parts: RouteParts<User> = {
    options,
    paths: pathsOf(options.paths),
    tokenName: options.tokenName ?? 'token',
    registry,
    pushes,
    log,
    async dropReplaced(replaced) {
      for (const { connection_id: connectionId, user_id: userId } of replaced) {
        await store.remove(connectionId);
        if (!options.closeReplaced) continue;
        // Not awaited: the new connection's handshake need not wait for the old one's end.
        const closing = pushes.disconnect(connectionId).catch((reason) => {
          const event = 'replaced connection could not be closed';
          log({ level: 'warn', event, connectionId, userId, error: describeError(reason, []) });
        });
        background.add(closing);
        closing.finally(() => background.delete(closing));
      }
    },
  };
  const table = routeTable(parts);

  return {
    routes: table.map(({ method, path }) => ({ method, path })),
    handle: (request) => route(table, request, parts),
    pushToConnection: (connectionId, payload) => pushes.toConnection(connectionId, payload),
    pushToUser: (userId, payload) => pushes.toUser(userId, payload),
    pushToUsers: (userIds, payload) => pushes.toUsers(userIds, payload),
    disconnect: (connectionId) => pushes.disconnect(connectionId),
    connections: ({ after, limit = limits.pageRecordsMax } = {}) =>
      store.list({ after, limit: Math.min(limit, limits.pageRecordsMax) }),
    sweepStale: () => pushes.sweepStale(),
    async close() {
      await Promise.all(background);
      management.close();
    },
  };
}

function pathsOf(given: Partial<BackendPaths> = {}): BackendPaths {
  const paths = {
    connect: given.connect ?? '/ws/connect',
    disconnect: given.disconnect ?? '/ws/disconnect',
    message: given.message ?? '/ws/message',
  };
  for (const [name, path] of Object.entries(paths)) {
    if (/^\/[^?*#]*$/.test(path)) continue;
    throw new TypeError(`paths.${name} "${path}" must begin with / and hold no ?, * or #`);
  }
  return paths;
}

function managementApi<User extends string>(options: BackendOptions<User>): ManagementApi {
  if (options.client) return sdkManagementApi(options.client);
  const ambient = options.ambient ?? systemAmbient;
  return new SignedManagementApi({
    endpoint: endpointReader(options.endpoint),
    region: options.region,
    credentials: credentialReader(options.credentials, ambient.now),
    timeoutMillis: options.pushTimeoutMillis ?? limits.pushTimeoutMillis,
    attemptsMax: options.pushAttemptsMax ?? limits.pushAttemptsMax,
    ambient,
  });
}

/** A fixed endpoint is checked here and now; a function's, whenever it gives another text. */
function endpointReader(option: string | (() => string) | undefined): () => Endpoint {
  if (typeof option !== 'function') {
    const endpoint = parseEndpoint(option);
    return () => endpoint;
  }
  let text: string | undefined;
  let endpoint: Endpoint | undefined;
  return () => {
    const current = option();
    if (endpoint === undefined || current !== text) {
      endpoint = parseEndpoint(current);
      text = current;
    }
    return endpoint;
  };
}
