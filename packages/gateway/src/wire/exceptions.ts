/**
 * Every exception a caller of the gateway's HTTP doors can receive, with its status.
 * Names and statuses are AWS's: the SDKs read the name from the `x-amzn-ErrorType` header
 * and build their typed exceptions from it.
 */
export const exceptionStatus = {
  BadRequestException: 400,
  UnauthorizedException: 401,
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

/** An expected failure: part of the contract, answered as AWS answers it, never logged as a bug. */
export class ServiceException extends Error {
  override readonly name: ExceptionName;
  /** HTTP status that belongs to the name. */
  readonly status: number;
  /** Further members of the JSON body, such as `resourceType` of a NotFoundException. */
  readonly members: Readonly<Record<string, string>>;

  constructor(name: ExceptionName, message: string, members: Record<string, string> = {}) {
    super(message);
    this.name = name;
    this.status = exceptionStatus[name];
    this.members = members;
  }
}
