/** What is known of one function: where its code is, or where it runs. */
export interface FunctionSpec {
  /** `file.function`, such as `index.handler` or `handlers/chat.handler`. */
  readonly handler?: string;
  /** Begins with `nodejs`, `python` or `provided`. Default: told by the handler's file. */
  readonly runtime?: string;
  /** The folder of the code; relative to the folder the invoker was given. */
  readonly code?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Seconds, 1 to 900. Default 3. */
  readonly timeout?: number;
  /** MB. Told to the function and otherwise not used. Default 128. */
  readonly memorySize?: number;
  /** A Lambda endpoint of its own, in place of the default one. */
  readonly endpoint?: string;
  /** What starts a `provided` runtime. Default `./bootstrap` in the folder of the code. */
  readonly command?: readonly string[];
  /** Where a `provided` runtime that is started by other means finds the Runtime API. */
  readonly port?: number;
}

export const functionDefaults = { timeoutSeconds: 3, memoryMegabytes: 128 } as const;

/** Where a function runs: behind an endpoint, in a runtime that attaches, or in our own processes. */
export type FunctionPlace = 'endpoint' | 'attached' | 'spawned';

export function placeOf(spec: FunctionSpec): FunctionPlace {
  if (spec.endpoint !== undefined) return 'endpoint';
  return spec.port === undefined ? 'spawned' : 'attached';
}

/** How long the function itself may take. */
export function timeoutMillisOf(spec: FunctionSpec): number {
  return (spec.timeout ?? functionDefaults.timeoutSeconds) * 1000;
}
