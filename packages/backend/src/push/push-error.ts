/** What the push of a message, or another management call, failed with. */
export class PushError extends Error {
  /** AWS's exception name, or `ConnectionError` or `TimeoutError` where no answer came. */
  override readonly name: string;
  /** HTTP status of the answer; undefined where none came. */
  readonly status: number | undefined;
  /** What to check, where the kind of failure tells. It also ends the message. */
  readonly hint: string | undefined;
  /** Whether the call carried a signature. */
  readonly isSigned: boolean;

  constructor(failure: Failure, options?: { cause?: unknown }) {
    const hint = hintFor(failure);
    super(hint === undefined ? failure.message : `${failure.message} (${hint})`, options);
    this.name = failure.name;
    this.status = failure.status;
    this.hint = hint;
    this.isSigned = failure.isSigned ?? false;
  }
}

export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly status?: number | undefined;
  /** Whether the call carried a signature. */
  readonly isSigned?: boolean | undefined;
}

/** The connection is closed, was never opened, or is still inside its handshake. */
export function isGone(error: unknown): boolean {
  return error instanceof PushError && error.name === 'GoneException';
}

/** The call was signed, and is none: so Amazon API Gateway answers what it does not have. */
export function isUnknownOperation(error: unknown): boolean {
  const isNone = error instanceof PushError && error.name === 'MissingAuthenticationTokenException';
  return isNone && error.isSigned;
}

/** Failures that concern every push alike: permission, and the payload itself. */
export function concernsEveryPush(error: unknown): boolean {
  return error instanceof PushError && (error.status === 403 || error.status === 413);
}

const hints: Readonly<Record<string, string>> = {
  AccessDeniedException:
    'check execute-api:ManageConnections in the IAM policy, on the resource' +
    ' arn:aws:execute-api:<REGION>:<AWS_ACCOUNT_ID>:<API_ID>/<STAGE>/<POST|GET|DELETE>/@connections/*',
  ForbiddenException: 'check the stage at the end of endpoint',
  InvalidSignatureException: "check the secret access key, the region and this machine's clock",
  UnrecognizedClientException: 'check the access key id and the session token',
  ExpiredTokenException: 'the session token has expired: fetch new credentials',
  BadRequestException: 'check the connectionId: the gateway never issued one like it',
  PayloadTooLargeException: 'a push carries at most 131072 bytes',
  LimitExceededException: 'the gateway throttles this caller or connection: push less often',
  TooManyRequestsException: 'the gateway throttles this caller: push less often',
  ConnectionError: 'check endpoint, and that the gateway runs',
  TimeoutError: 'check that nothing between here and endpoint swallows the connection',
};

function hintFor({ name, isSigned }: Failure): string | undefined {
  if (name === 'MissingAuthenticationTokenException') {
    return isSigned
      ? 'check endpoint: it ends with the stage alone'
      : 'no credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY,' +
          ' or give the option credentials';
  }
  return hints[name];
}
