/** What bounds a Lambda function. The first four are AWS's (Lambda quotas), the others ours. */
export const lambdaLimits = {
  /** A payload may have 6 MB; the answer a little more. */
  requestBytesMax: 6_291_456,
  responseBytesMax: 6_291_556,
  timeoutSecondsMax: 900,
  /** From the start of a process until it asks for its first event. */
  initMillis: 10_000,
  /** Processes of one function; further calls wait their turn. */
  instancesPerFunctionMax: 10,
  /** Calls of one function that wait; further ones are throttled. */
  waitingCallsPerFunctionMax: 1_000,
  /** A process that had nothing to do for this long is ended. */
  idleMillis: 600_000,
  /** Longer lines of output are cut into several. */
  outputLineCharactersMax: 16_384,
  /** What one call prints beyond this is dropped, and that is said. */
  outputCharactersPerCallMax: 1_048_576,
  /** Folders of one function that are watched for changes. */
  watchedFoldersMax: 1_000,
} as const;

export type LambdaLimits = { readonly [Name in keyof typeof lambdaLimits]: number };
