/** What an authorizer says of a handshake. */
import { errorMessages } from '../wire/error-frame.ts';
import type { ServiceException } from '../wire/exceptions.ts';
import type { Identity, RequestContext } from '../wire/request-context.ts';
import type { RuleName } from '../wire/rules.ts';

export type Authorization = Authorized | Unauthorized;

export interface Authorized {
  readonly kind: 'authorized';
  /** `requestContext.authorizer`, for every later event of the connection. */
  readonly authorizer?: NonNullable<RequestContext['authorizer']>;
  /** What IAM knows of the caller. */
  readonly identity?: Partial<Identity>;
  /** The API key value that the authorizer chose for the caller. */
  readonly usageIdentifierKey?: string;
  /** Epoch milliseconds at which what the client showed is no longer valid. */
  readonly authorizedUntil?: number;
  /** The sub-protocol the client expects where the backend chooses none. */
  readonly protocol?: string;
}

export interface Unauthorized {
  readonly kind: 'unauthorized';
  readonly status: 401 | 403 | 500;
  /** `null` where the authorizer's own answer could not be understood, as recorded from AWS. */
  readonly message: string | null;
  /** For the operator's log. */
  readonly reason: string;
  readonly rule: RuleName;
  /** Where AWS answers as its management API does, and not with the three-member body. */
  readonly exception?: ServiceException;
}

/** AWS documents no limit for WebSocket APIs; this is that of any integration. */
export const AUTHORIZER_TIMEOUT_MILLIS = 29_000;

export function unauthorized(
  status: Unauthorized['status'],
  message: string | null,
  rule: RuleName,
  reason: string,
): Unauthorized {
  return { kind: 'unauthorized', status, message, rule, reason };
}

/** The client is to identify itself: 401. */
export const saidUnauthorized = (reason: string): Unauthorized =>
  unauthorized(401, errorMessages.unauthorized, 'authorizer-unauthorized', reason);

/** Whoever was asked failed, or could not be asked. */
export const authorizerFailed = (reason: string): Unauthorized =>
  unauthorized(500, errorMessages.internal, 'authorizer-failed', reason);
