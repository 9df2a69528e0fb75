import type { Connection, SendResult } from '../connections/connection.ts';
import type { StageExtensions } from '../resources/stage-extensions.ts';

/**
 * A two-way route's answer: the integration's body as one message, whatever its status, an empty body
 * as an empty message. `tooLong` when it is longer than a message may be and nothing was sent.
 */
export function sendReply(
  connection: Connection,
  { messageBytesMax, suppressEmptyReplies }: StageExtensions,
  body: Buffer,
): SendResult | 'tooLong' {
  if (body.length > messageBytesMax) return 'tooLong';
  return body.length > 0 || !suppressEmptyReplies ? connection.send(body) : 'sent';
}
