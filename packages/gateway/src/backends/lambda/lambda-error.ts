/**
 * Why a function was not called, or gave no answer. An error inside the function is no such failure:
 * it is an answer with `functionError`.
 */
export const lambdaFailures = [
  /** No answer within the caller's `timeoutMillis`. */
  'timeout',
  /** No such function, version or alias. */
  'notFound',
  'accessDenied',
  /** Too many calls at once. */
  'throttled',
  /** The endpoint, or the runtime that should attach, is not there. */
  'unreachable',
  /** The endpoint answered, but not as Lambda does. */
  'garbled',
  /** The payload is larger than Lambda takes. */
  'tooLarge',
  /** The endpoint refused the call for another reason. */
  'refused',
] as const;

export type LambdaFailure = (typeof lambdaFailures)[number];

/** `message` is for the operator's log, never for a client. */
export class LambdaError extends Error {
  readonly failure: LambdaFailure;

  constructor(failure: LambdaFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}
