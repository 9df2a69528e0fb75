/** The HTTP answer to a handshake that does not become a connection, and how it is written. */
import { STATUS_CODES, validateHeaderValue } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Excess } from '../throttling/excess.ts';
import { type ErrorFrameIds, errorFrame, errorMessages } from '../wire/error-frame.ts';
import { messageMember, ServiceException } from '../wire/exceptions.ts';
import { httpDate } from '../wire/http-date.ts';
import type { RuleName } from '../wire/rules.ts';

export interface Refusal {
  readonly kind: 'refused';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** For the operator's log. */
  readonly reason: string;
  readonly rule: RuleName;
  /** What the client is told in words, where the gateway itself refuses. */
  readonly message?: string | null;
}

/** For the operator's log, where a bug is to blame; the bug itself is logged beside it, once. */
export const gatewayFault = {
  rule: 'internal-error',
  reason: 'a fault of the gateway itself',
} as const;

/** A refusal that AWS leaves to its HTTP front: a status, its name as the message. */
export function plainRefusal(
  status: number,
  rule: RuleName,
  reason: string,
  headers: Record<string, string> = {},
): Refusal {
  return {
    kind: 'refused',
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ message: STATUS_CODES[status] }),
    reason,
    rule,
  };
}

/** A refusal in the form of the management API: an exception's name in a header. */
export function exceptionRefusal(exception: ServiceException, requestId: string): Refusal {
  return {
    kind: 'refused',
    status: exception.status,
    headers: {
      'content-type': 'application/json',
      'x-amzn-requestid': requestId,
      'x-amzn-errortype': exception.name,
    },
    body: JSON.stringify({ [messageMember(exception)]: exception.message }),
    reason: exception.message,
    rule: exception.rule,
    message: exception.message,
  };
}

/** A refusal of the gateway itself on the way to `$connect`: the three members of an error frame. */
export function gatewayRefusal(
  { connectionId, requestId }: ErrorFrameIds,
  status: number,
  message: string | null,
  { rule, reason }: Pick<Refusal, 'rule' | 'reason'>,
): Refusal {
  return {
    kind: 'refused',
    status,
    headers: { 'content-type': 'application/json', 'x-amz-apigw-id': requestId },
    body: errorFrame(message, { connectionId, requestId }),
    reason,
    rule,
    message,
  };
}

/** The client is to come again later. */
export function throttled(ids: ErrorFrameIds, excess: Excess): Refusal {
  return gatewayRefusal(ids, 429, errorMessages.tooManyRequests, excess);
}

/** What a handshake is told that names no stage it may reach, or has no API key for it. */
export function forbidden(requestId: string, rule: RuleName, reason: string): Refusal {
  const exception = new ServiceException('ForbiddenException', errorMessages.forbidden, {}, rule);
  return { ...exceptionRefusal(exception, requestId), reason };
}

/** How long a refused client may take to read its answer and hang up. */
const LINGER_MILLIS = 1000;

/**
 * Answers a handshake that is refused. `reuse`, where it is given, takes the TCP connection back for
 * further requests, as recorded from AWS; otherwise it ends.
 */
export function writeRefusal(
  socket: Duplex,
  refusal: Refusal,
  nowMillis: number,
  reuse?: () => void,
): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = Buffer.from(refusal.body);
  const lines = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? 'Refused'}`,
    `date: ${httpDate(nowMillis)}`,
    ...Object.entries(refusal.headers)
      .filter(([name, value]) => isHeaderValue(name, value))
      .map(([name, value]) => `${name}: ${value}`),
    `content-length: ${body.length}`,
    `connection: ${reuse ? 'keep-alive' : 'close'}`,
    '\r\n',
  ];
  const answer = Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), body]);
  if (reuse) {
    socket.write(answer, (error) => {
      if (!error && !socket.destroyed) reuse();
    });
    return;
  }
  // Unread bytes would turn the end into a reset, and the client would never see the answer.
  socket.resume();
  socket.once('end', () => socket.destroy());
  setTimeout(() => socket.destroy(), LINGER_MILLIS).unref();
  socket.end(answer);
}

/** Whether a value that a backend chose can stand in a header, and not end it. */
export function isHeaderValue(name: string, value: string): boolean {
  try {
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}
