import type { LogEvent } from './log.ts';

/** One event as a distributed trace sees it. Exists only where the operator has loaded a tracing SDK. */
export interface EventSpan {
  /** The trace as AWS writes it, `Root=1-…`; absent where the SDK makes none. */
  readonly root: string | undefined;
  /** A backend is about to be called. */
  beginCall(name: string): CallTrace;
  /** It has answered, or has not. */
  endCall(status: number | undefined, failure: string | undefined): void;
  /** The event is over. */
  end(event: LogEvent): void;
}

/** What carries the trace on with a call. */
export interface CallTrace {
  /** Name, value, name, value: what the SDK's propagator writes, such as `traceparent`. */
  readonly traceHeaders: readonly string[];
  /** Value of `X-Amzn-Trace-Id`, with `Parent` and `Sampled`. Functions are told by it alone. */
  readonly traceId?: string;
}

/** Headers in which a caller may say what its request is a part of. */
export type Carrier = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface Tracer {
  begin(
    event: Pick<LogEvent, 'kind' | 'apiId' | 'stage' | 'connectionId'>,
    from?: Carrier,
  ): EventSpan;
}
