import type { AnyMessages, Client } from './client.ts';
import { type ClientOptions, resolveOptions } from './options.ts';
import { ReconnectingClient } from './reconnecting-client.ts';

/**
 * Connects at once, and again whenever the connection ends, until `close()`.
 *
 * Listeners added before the next `await` miss nothing: events begin once the calling code has
 * run. `Messages` maps each `type` your backend pushes to the shape of its message.
 *
 * @throws TypeError when an option is out of range, or there is no WebSocket class to use.
 */
export function connect<Messages extends object = AnyMessages>(
  options: ClientOptions,
): Client<Messages> {
  const client = new ReconnectingClient(resolveOptions(options));
  client.start();
  return client;
}
