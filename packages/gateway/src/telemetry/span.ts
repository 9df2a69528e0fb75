import type { LogEvent } from './log.ts';

/** One event as a distributed trace sees it. Exists only where the operator has loaded a tracing SDK. */
export interface EventSpan {
  /** A backend is about to be called. Headers, name and value in turn, that carry the trace on. */
  beginCall(name: string): readonly string[];
  /** It has answered, or has not. */
  endCall(status: number | undefined, failure: string | undefined): void;
  /** The event is over. */
  end(event: LogEvent): void;
}

/** Headers in which a caller may say what its request is a part of. */
export type Carrier = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface Tracer {
  begin(
    event: Pick<LogEvent, 'kind' | 'apiId' | 'stage' | 'connectionId'>,
    from?: Carrier,
  ): EventSpan;
}
