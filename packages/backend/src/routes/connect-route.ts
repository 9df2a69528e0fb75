import { authenticate } from './authenticate.ts';
import type { Call, Route, RouteParts } from './call.ts';
import { connectionIdOf } from './connection-id.ts';
import { type BackendResponse, json } from './request.ts';

/** `$connect`: who is it, then a record of the connection. Anything but 2xx refuses the socket. */
export function connectRoute<User extends string>(parts: RouteParts<User>): Route {
  const { options, settings, registry, replacements, log } = parts;

  async function accept(connectionId: string, userId: User, call: Call): Promise<BackendResponse> {
    const replaced = await registry.add(connectionId, userId);
    try {
      const answer = await options.onConnect?.({ connectionId, userId, request: call.details });
      await replacements.drop(replaced);
      log({ level: 'info', event: 'connected', connectionId, userId });
      return json(200, { message: 'Connected' }, subprotocolHeader(answer));
    } catch (error) {
      // A refused handshake never gets a $disconnect that would clear the record away.
      await registry.store.remove(connectionId);
      throw error;
    }
  }

  return async (call) => {
    const connectionId = connectionIdOf(call, settings.connectionIdHeader);
    const token = call.details.query[settings.tokenName];
    call.keepSecret(token);
    const userId = await authenticate(options, token, call.details);
    if (userId === undefined) {
      const event = `connect refused: ${token === undefined ? 'no token' : 'token not accepted'}`;
      log({ level: 'warn', event, connectionId });
      const reason = token === undefined ? 'no token was given' : 'the token was not accepted';
      return json(401, { message: `Unauthorized: ${reason}` });
    }
    return registry.whileConnecting(connectionId, () => accept(connectionId, userId, call));
  };
}

function subprotocolHeader(answer: unknown): Record<string, string> {
  if (typeof answer !== 'object' || answer === null || !('subprotocol' in answer)) return {};
  const { subprotocol } = answer;
  return typeof subprotocol === 'string' ? { 'sec-websocket-protocol': subprotocol } : {};
}
