import type { Connection } from '../connections/connection.ts';
import { limits } from '../wire/limits.ts';

/**
 * A two-way route's answer: the integration's body as one message, whatever its status, an empty body
 * as an empty message. `false` when it is longer than a message may be and nothing was sent.
 */
export function sendReply(connection: Connection, body: Buffer): boolean {
  if (body.length > limits.messageBytesMax) return false;
  connection.send(body);
  return true;
}
