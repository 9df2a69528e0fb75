import type { RuleName } from './rules.ts';

/**
 * Every exception a caller of the gateway's HTTP doors can receive, with its status.
 * Names and statuses are AWS's: the SDKs read the name from the `x-amzn-ErrorType` header
 * and build their typed exceptions from it.
 */
export const exceptionStatus = {
  BadRequestException: 400,
  ForbiddenException: 403,
  AccessDeniedException: 403,
  MissingAuthenticationTokenException: 403,
  IncompleteSignatureException: 403,
  InvalidSignatureException: 403,
  ExpiredTokenException: 403,
  UnrecognizedClientException: 403,
  NotFoundException: 404,
  ConflictException: 409,
  GoneException: 410,
  PayloadTooLargeException: 413,
  UpgradeRequiredException: 426,
  TooManyRequestsException: 429,
  LimitExceededException: 429,
  InternalServerErrorException: 500,
  ServiceUnavailableException: 503,
} as const;

export type ExceptionName = keyof typeof exceptionStatus;

/** The rule behind an exception, where whoever throws it does not know better. */
const usualRule: Readonly<Partial<Record<ExceptionName, RuleName>>> = {
  ForbiddenException: 'stage-not-found',
  AccessDeniedException: 'policy-allows-not',
  MissingAuthenticationTokenException: 'not-signed',
  IncompleteSignatureException: 'signature-incomplete',
  InvalidSignatureException: 'signature-invalid',
  ExpiredTokenException: 'token-expired',
  UnrecognizedClientException: 'access-key-unknown',
  GoneException: 'connection-gone',
  PayloadTooLargeException: 'payload-too-large',
  TooManyRequestsException: 'account-rate-limit',
  LimitExceededException: 'client-reads-too-slowly',
  InternalServerErrorException: 'internal-error',
};

/** An expected failure: part of the contract, answered as AWS answers it, never logged as a bug. */
export class ServiceException extends Error {
  override readonly name: ExceptionName;
  /** HTTP status that belongs to the name. */
  readonly status: number;
  /** Further members of the JSON body, such as `resourceType` of a NotFoundException. */
  readonly members: Readonly<Record<string, string>>;
  readonly #rule: RuleName | undefined;

  constructor(
    name: ExceptionName,
    message: string,
    members: Record<string, string> = {},
    rule?: RuleName,
  ) {
    super(message);
    this.name = name;
    this.#rule = rule;
    this.status = exceptionStatus[name];
    this.members = members;
  }

  /** Why, for the operator. */
  get rule(): RuleName {
    return this.#rule ?? usualRule[this.name] ?? 'control-plane';
  }
}

/** What the JSON body calls the message: IAM's denials spell it with a capital, as recorded from AWS. */
export const messageMember = ({ name }: ServiceException) =>
  name === 'AccessDeniedException' ? 'Message' : 'message';

/** The message in the JSON body of a refusal, however it is spelled. */
export function messageIn(body: unknown): string | undefined {
  const { message, Message } = (body ?? {}) as { message?: string; Message?: string };
  return message ?? Message;
}

/** The same of a body as it was sent; there is none either in what is no JSON. */
export function messageInText(body: string): string | undefined {
  try {
    return messageIn(JSON.parse(body));
  } catch {
    return undefined;
  }
}
