import type { Route, RouteParts } from './call.ts';
import { connectionIdOf } from './connection-id.ts';
import { json, type RequestDetails } from './request.ts';

/** `$disconnect`: the connection is over, and so is its record. The gateway ignores the answer. */
export function disconnectRoute<User extends string>(parts: RouteParts<User>): Route {
  const { options, settings, registry, log } = parts;
  return async (call) => {
    const connectionId = connectionIdOf(call, settings.connectionIdHeader);
    const record = await registry.store.find(connectionId);
    await registry.store.remove(connectionId);
    const userId = record?.user_id as User | undefined;
    log({ level: 'info', event: 'disconnected', connectionId, userId });
    await options.onDisconnect?.({ connectionId, userId, ...closeOf(call.details) });
    return json(200, { message: 'Disconnected' });
  };
}

/** Close code and reason, from the headers the user may map them to. */
function closeOf({ headers }: RequestDetails) {
  const code = Number.parseInt(headers.disconnectstatuscode ?? '', 10);
  return {
    code: Number.isNaN(code) ? undefined : code,
    reason: headers.disconnectreason,
  };
}
