/** What answers look like on the wire. */
import type { ServiceException } from '../wire/exceptions.ts';
import type { HttpReply } from '../wire/http-reply.ts';
import { Busy, type Served } from './outcome.ts';

/** By which an answer can be asked after. */
export interface ReplyIds {
  /** For `x-amzn-RequestId`: on AWS too it is another than the API's own. */
  readonly amazonId: string;
  readonly requestId: string;
  readonly traceId: string;
}

export function replyOf({ status, body }: Served, ids: ReplyIds): HttpReply {
  return new Reply(status, body, ids);
}

/** Its headers are asked for in one form or the other. */
class Reply implements HttpReply {
  readonly status: number;
  readonly body: string;
  readonly #ids: ReplyIds;

  constructor(status: number, body: string, ids: ReplyIds) {
    this.status = status;
    this.body = body;
    this.#ids = ids;
  }

  get headers(): HttpReply['headers'] {
    const { amazonId, requestId, traceId } = this.#ids;
    return {
      'content-type': 'application/json',
      'x-amzn-RequestId': amazonId,
      'x-amz-apigw-id': requestId,
      'X-Amzn-Trace-Id': traceId,
    };
  }

  get lines(): string {
    const { amazonId, requestId, traceId } = this.#ids;
    return (
      `\r\ncontent-type: application/json\r\nx-amzn-RequestId: ${amazonId}` +
      `\r\nx-amz-apigw-id: ${requestId}\r\nX-Amzn-Trace-Id: ${traceId}`
    );
  }
}

/** Two of the refusals are recorded to differ from the rest. */
export function replyToRefused(error: ServiceException, ids: ReplyIds): HttpReply {
  const { status } = error;
  if (error.name === 'PayloadTooLargeException') return { status, headers: {}, body: '' };
  const headers = {
    'content-type': 'application/json',
    'x-amzn-RequestId': ids.amazonId,
    'x-amz-apigw-id': ids.requestId,
    'x-amzn-ErrorType': error.name,
  };
  if (error.name === 'GoneException') {
    return { status, headers: { ...headers, 'X-Amzn-Trace-Id': ids.traceId }, body: '' };
  }
  const key = error.name === 'AccessDeniedException' ? 'Message' : 'message';
  const isThrottled = error.name === 'TooManyRequestsException';
  const reason = error instanceof Busy ? error.reason : isThrottled ? 'throttled' : undefined;
  const because = reason === undefined ? {} : { 'x-postern-reason': reason };
  return {
    status,
    headers: { ...headers, ...because },
    body: JSON.stringify({ [key]: error.message }),
  };
}
