/**
 * `$default` and custom routes. A message is a heartbeat when it is `{"action": "ping"}` or holds
 * nothing but a token; heartbeats are answered here. A token in any message of an unknown
 * connection registers the connection again. Every other message goes to `onMessage`.
 */

import { encodePayload } from '../push/payload.ts';
import { authenticate } from './authenticate.ts';
import type { Call, Route, RouteParts } from './call.ts';
import { textOf } from './call.ts';
import { connectionIdOf } from './connection-id.ts';
import { type BackendResponse, json } from './request.ts';

export function messageRoute<User extends string>(parts: RouteParts<User>): Route {
  const { options, settings, registry, replacements, log } = parts;
  const { tokenName } = settings;

  async function register(connectionId: string, token: string, call: Call) {
    const userId = await authenticate(options, token, call.details);
    if (userId === undefined) {
      log({ level: 'warn', event: 'registration refused: token not accepted', connectionId });
      return undefined;
    }
    await replacements.drop(await registry.add(connectionId, userId));
    log({ level: 'info', event: 'registered again', connectionId, userId });
    return userId;
  }

  return async (call) => {
    const connectionId = connectionIdOf(call, settings.connectionIdHeader);
    const text = await textOf(call);
    const message = parseJson(text);
    const token = stringMember(message, tokenName);
    call.keepSecret(token);
    const record = await registry.store.find(connectionId);
    let userId = record?.user_id as User | undefined;
    if (userId === undefined && token !== undefined) {
      userId = await register(connectionId, token, call);
    }
    if (isHeartbeat(message, tokenName)) return answerHeartbeat(userId, token, tokenName);
    return reply(await options.onMessage?.({ connectionId, userId, message, text }));
  };
}

/** Frames by these types are what the guide's client expects, or passes over. */
function answerHeartbeat(
  userId: string | undefined,
  token: string | undefined,
  tokenName: string,
): BackendResponse {
  if (userId !== undefined) return json(200, { type: 'heartbeat' });
  if (token !== undefined) return json(401, { type: 'unauthorized', message: 'Unauthorized' });
  const message = `Unknown connection: send {"${tokenName}": "…"} to register it again`;
  return json(401, { type: 'unregistered', message });
}

/** The frame a two-way route sends back; on a one-way route the gateway drops it. */
function reply(value: unknown): BackendResponse {
  if (value === undefined || value === null) return { status: 200, headers: {}, body: '' };
  const isRaw = typeof value === 'string' || value instanceof Uint8Array;
  const contentType = isRaw ? 'text/plain; charset=utf-8' : 'application/json';
  return { status: 200, headers: { 'content-type': contentType }, body: encodePayload(value) };
}

function isHeartbeat(message: unknown, tokenName: string): boolean {
  if (typeof message !== 'object' || message === null) return false;
  if (stringMember(message, 'action') === 'ping') return true;
  return stringMember(message, tokenName) !== undefined && Object.keys(message).length === 1;
}

function stringMember(message: unknown, name: string): string | undefined {
  if (typeof message !== 'object' || message === null || !Object.hasOwn(message, name)) {
    return undefined;
  }
  const value = (message as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
