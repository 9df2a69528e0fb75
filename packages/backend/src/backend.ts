import { systemAmbient } from './ambient.ts';
import type { ConnectionRecord, Page } from './connections/connection-store.ts';
import { memoryStore } from './connections/memory-store.ts';
import { Registry } from './connections/registry.ts';
import { Replacements } from './connections/replacements.ts';
import { limits } from './limits.ts';
import { consoleLog } from './log.ts';
import type { BackendOptions } from './options.ts';
import { credentialReader } from './push/credentials.ts';
import { type Endpoint, parseEndpoint } from './push/endpoint.ts';
import { type FanOutSummary, Pushes, type PushSummary } from './push/pushes.ts';
import { sdkManagementApi } from './push/sdk-management-api.ts';
import { SignedManagementApi } from './push/signed-management-api.ts';
import type { RouteParts } from './routes/call.ts';
import type { BackendRequest, BackendResponse } from './routes/request.ts';
import { route, routeTable } from './routes/router.ts';
import { resolveSettings } from './settings.ts';

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
  /**
   * The same to every connection of the stage. On Postern in one call, which reaches connections
   * without a record too. Amazon API Gateway has no such call: there, and with a `client`, each
   * connection on record is pushed to, some at a time. Throws what would fail for everybody.
   */
  pushToAll(payload: unknown): Promise<FanOutSummary>;
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
  // Without NoInfer an `authenticate` that gives 'ada' would make a backend for ada alone.
  options: BackendOptions<NoInfer<User>>,
): Backend<User> {
  const settings = resolveSettings(options);
  const ambient = options.ambient ?? systemAmbient;
  const log = options.log ?? consoleLog;
  const store = options.store ?? memoryStore();
  const registry = new Registry(store, settings.oneConnectionPerUser, ambient);
  const management = options.client
    ? sdkManagementApi(options.client)
    : new SignedManagementApi({
        endpoint: endpointReader(options.endpoint),
        region: options.region,
        credentials: credentialReader(options.credentials, ambient.now),
        timeoutMillis: settings.pushTimeoutMillis,
        attemptsMax: settings.pushAttemptsMax,
        ambient,
      });
  const concurrency = settings.pushConcurrency;
  const pushes = new Pushes({ management, registry, concurrency, ambient, log });
  const replacements = new Replacements(store, pushes, settings.closeReplaced, log);
  const parts: RouteParts<User> = { options, settings, registry, replacements, pushes, log };
  const table = routeTable(parts);

  return {
    routes: table.map(({ method, path }) => ({ method, path })),
    handle: (request) => route(table, request, parts),
    pushToConnection: (connectionId, payload) => pushes.toConnection(connectionId, payload),
    pushToUser: (userId, payload) => pushes.toUser(userId, payload),
    pushToUsers: (userIds, payload) => pushes.toUsers(userIds, payload),
    pushToAll: (payload) => pushes.toAll(payload),
    disconnect: (connectionId) => pushes.disconnect(connectionId),
    connections: ({ after, limit = limits.pageRecordsMax } = {}) =>
      store.list({ after, limit: Math.max(1, Math.min(limit, limits.pageRecordsMax)) }),
    sweepStale: () => pushes.sweepStale(),
    async close() {
      await replacements.settled();
      management.close();
    },
  };
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
