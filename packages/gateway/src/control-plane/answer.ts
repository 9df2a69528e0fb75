import { requestId } from '../ambient/ids.ts';
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

/** Version 4, random (RFC 9562). */
function uuid(random: Random): string {
  const bytes = Buffer.from(random.bytes(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
