import { describeError } from '../log.ts';
import { type Call, Refusal, type Route, type RouteParts } from './call.ts';
import { connectRoute } from './connect-route.ts';
import { debugRoutes } from './debug-routes.ts';
import { disconnectRoute } from './disconnect-route.ts';
import { messageRoute } from './message-route.ts';
import { type BackendRequest, type BackendResponse, detailsOf, json, pathOf } from './request.ts';
import { signedOnly } from './signed-only.ts';

/** One entry of the table of paths. A path that ends in `/*` takes one more part. */
export interface RouteEntry {
  readonly method: string;
  readonly path: string;
  readonly run: Route;
}

export function routeTable<User extends string>(parts: RouteParts<User>): readonly RouteEntry[] {
  const { options, settings } = parts;
  const { paths, debugBasePath: base } = settings;
  const fromGateway = (route: Route): Route => {
    const signed = options.signing ? signedOnly(route, parts, options.signing) : route;
    return async (call) => {
      if (options.isGateway && (await options.isGateway(call.details)) !== true) {
        return json(403, { message: 'Forbidden' });
      }
      return signed(call);
    };
  };
  const table: RouteEntry[] = [
    { method: 'POST', path: paths.connect, run: fromGateway(connectRoute(parts)) },
    { method: 'POST', path: paths.disconnect, run: fromGateway(disconnectRoute(parts)) },
    { method: 'POST', path: paths.message, run: fromGateway(messageRoute(parts)) },
  ];
  if (options.debug) {
    const debug = debugRoutes(parts, options.debug);
    table.push(
      { method: 'GET', path: `${base}/ws-connections`, run: debug.listConnections },
      { method: 'DELETE', path: `${base}/ws-connections/stale`, run: debug.deleteStale },
      { method: 'POST', path: `${base}/ws-push-test/*`, run: debug.pushTest },
    );
  }
  return table;
}

/**
 * Answers the request if its path is in the table, else gives undefined and reads nothing. Never
 * rejects: what a route throws becomes a 500 without detail, and is logged here, once.
 */
export async function route<User extends string>(
  table: readonly RouteEntry[],
  request: BackendRequest,
  parts: RouteParts<User>,
): Promise<BackendResponse | undefined> {
  const path = pathOf(request);
  const found = find(table, path);
  if (found === undefined) return undefined;
  const { entry, rest } = found;
  if (entry.method !== request.method) {
    const message = `Method not allowed: ${entry.path} takes ${entry.method}`;
    return json(405, { message }, { allow: entry.method });
  }
  const secrets: (string | undefined)[] = [];
  const call: Call = {
    rest,
    request,
    details: detailsOf(request),
    body: request.body,
    keepSecret: (text) => secrets.push(text),
  };
  try {
    return await entry.run(call);
  } catch (error) {
    if (error instanceof Refusal) return error.response;
    const event = `${entry.method} ${entry.path} failed`;
    parts.log({ level: 'error', event, error: describeError(error, secrets) });
    return json(500, { message: 'Internal server error' });
  }
}

function find(table: readonly RouteEntry[], path: string) {
  for (const entry of table) {
    if (entry.path === path) return { entry, rest: '' };
    if (!entry.path.endsWith('/*')) continue;
    const prefix = entry.path.slice(0, -1);
    const rest = path.slice(prefix.length);
    if (path.startsWith(prefix) && rest !== '' && !rest.includes('/')) return { entry, rest };
  }
  return undefined;
}
