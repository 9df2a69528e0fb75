/** How integrations and authorizers call a Lambda function, wherever it runs. */
export interface LambdaInvoker {
  /** Rejects with `LambdaError` and nothing else: there is then no answer of the function. */
  invoke(call: LambdaCall): Promise<LambdaAnswer>;
  /** Ends local functions; calls under way are cut off. Safe to call twice. */
  stop(): Promise<void>;
}

export interface LambdaCall {
  /** The name, or the name part of the function's ARN. */
  readonly functionName: string;
  /** A version or an alias. */
  readonly qualifier?: string;
  readonly payload: Uint8Array;
  /** How long the caller waits. A local function that takes longer goes on until its own timeout. */
  readonly timeoutMillis: number;
  /** `Event` is answered with 202 as soon as the call is accepted; nobody sees the result. */
  readonly invocationType: InvocationType;
  /** Made up when left out. Remote endpoints choose their own. */
  readonly requestId?: string;
  /** Value of `X-Amzn-Trace-Id`. Made up for local functions when left out. */
  readonly traceId?: string;
  /** Name, value, name, value: what else carries a trace on. Endpoints alone receive it. */
  readonly traceHeaders?: readonly string[];
  /** For whom the call is made; endpoints are told as Amazon's is. */
  readonly source?: LambdaCallSource;
}

export interface LambdaCallSource {
  readonly apiId: string;
  /** Below the API in its execute-api ARN, such as `production/$default`. */
  readonly path: string;
  /** Of the event. */
  readonly requestId: string;
}

export type InvocationType = 'RequestResponse' | 'Event';

export interface LambdaAnswer {
  /** What the function returned, or the description of its error; empty for an `Event`. */
  readonly payload: Buffer;
  /** `Unhandled` when the function threw, ran out of time or died. */
  readonly functionError?: string;
  readonly requestId: string;
  /** 200, or 202 for an `Event`. */
  readonly status: number;
}
