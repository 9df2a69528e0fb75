import { requestId, uuid } from '../ambient/ids.ts';
import type { Random } from '../ambient/random.ts';
import type { ServiceException } from '../wire/exceptions.ts';
import type { HttpReply } from '../wire/http-reply.ts';

/** `body` as JSON; an answer without one is empty. */
export function success(random: Random, status: number, body: unknown): HttpReply {
  return answer(random, status, body === undefined ? '' : JSON.stringify(body));
}

/** The SDKs read the type of an exception from the header, its message from the body. */
export function failure(random: Random, exception: ServiceException): HttpReply {
  const body = JSON.stringify({ message: exception.message, ...exception.members });
  return answer(random, exception.status, body, { 'x-amzn-ErrorType': exception.name });
}

function answer(
  random: Random,
  status: number,
  body: string,
  headers: Record<string, string> = {},
): HttpReply {
  return {
    status,
    headers: {
      'content-type': 'application/json',
      'x-amzn-RequestId': uuid(random),
      'x-amz-apigw-id': requestId(random),
      ...headers,
    },
    body,
  };
}
