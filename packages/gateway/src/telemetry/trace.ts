/**
 * One event from its frame to its end, as the console and `postern tail` show it. A record exists for
 * every connect, message, push, fan-out, get, delete, disconnect and control-plane change; its steps only where
 * somebody looked while it ran.
 */
import type { LogEvent } from './log.ts';

/** In the order in which they happen. Not every event has each of them. */
const stepNames = [
  'handshake',
  'frame',
  'request',
  'route selection',
  'token',
  'authorizer',
  'API key',
  'validation',
  'mapped request',
  'backend response',
  'response mapping',
  'reply',
  'push',
  'close',
] as const;

export type StepName = (typeof stepNames)[number];

export interface TraceStep {
  readonly name: StepName;
  /** Milliseconds with fractions from the beginning of the event. */
  readonly startMillis: number;
  readonly durationMillis: number;
  readonly method?: string;
  readonly url?: string;
  /** HTTP status, or a close code. */
  readonly status?: number;
  /** Name and value, in order; values that authenticate somebody are `…`. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** The beginning of it, without secrets; bytes that are no text as base64. */
  readonly body?: string;
  /** Length of the whole body. */
  readonly bytes?: number;
  /** In words: which route was selected, what a model misses. */
  readonly note?: string;
}

export interface TraceRecord extends LogEvent {
  /** Ascending, unique in this process. */
  readonly id: number;
  /** Epoch milliseconds of the beginning. */
  readonly at: number;
  /** `false`: nobody looked while it ran, so `steps` is empty. */
  readonly isDetailed: boolean;
  readonly steps: readonly TraceStep[];
  /** What AWS would have written to the execution log at INFO with data trace. */
  readonly lines: readonly string[];
}
