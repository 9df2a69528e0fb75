import { systemAmbient } from '../ambient.ts';
import type { SigningOptions } from '../options.ts';
import { nonceMemory } from '../signature/nonce-memory.ts';
import { verifySignature } from '../signature/verify-signature.ts';
import { bytesOf, type Route, type RouteParts } from './call.ts';
import { json } from './request.ts';

/** The route for calls that a gateway with one of the keys has signed; 403 for all others. */
export function signedOnly<User extends string>(
  route: Route,
  { options, settings, log }: RouteParts<User>,
  signing: SigningOptions,
): Route {
  const { now } = options.ambient ?? systemAmbient;
  const { keys, toleranceSeconds, nonces = nonceMemory({ now }) } = signing;
  const refused = (reason: string) => {
    log({ level: 'warn', event: `a call was refused, its signature is ${reason}` });
    return json(403, { message: 'Forbidden' });
  };
  return async (call) => {
    const { request, details } = call;
    const body = await bytesOf(call);
    const { method, headers, url, originalUrl = url } = request;
    const verdict = await verifySignature(
      { method, url: originalUrl, headers, body },
      { keys: typeof keys === 'function' ? keys() : keys, toleranceSeconds, nonces, now: now() },
    );
    if (verdict.kind === 'invalid') return refused(verdict.reason);
    // The mapped header is not signed, and it is what the route goes by.
    const mapped = details.headers[settings.connectionIdHeader.toLowerCase()];
    if (mapped !== undefined && mapped !== verdict.connectionId) return refused('mismatch');
    return route({ ...call, body });
  };
}
