import type { Connection } from '../connections/connection.ts';
import type { StageExtensions } from '../resources/stage-extensions.ts';

/**
 * A two-way route's answer: the integration's body as one message, whatever its status, an empty body
 * as an empty message. `false` when it is longer than a message may be and nothing was sent.
 */
export function sendReply(
  connection: Connection,
  { messageBytesMax, suppressEmptyReplies }: StageExtensions,
  body: Buffer,
): boolean {
  if (body.length > messageBytesMax) return false;
  if (body.length > 0 || !suppressEmptyReplies) connection.send(body);
  return true;
}
