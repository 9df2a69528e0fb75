import type { Cancel, Clock } from '../../../ambient/clock.ts';
import type { Log } from '../../../telemetry/log.ts';
import type { LambdaLimits } from '../limits.ts';
import type { Invocation } from './invocation.ts';

/** A function whose runtime this gateway feeds: one it starts itself, or one that attaches. */
export interface LocalFunction {
  start(): Promise<void>;
  /** Takes a call on; settles it sooner or later. */
  run(invocation: Invocation): void;
  /** Forgets a call that has not begun; one that has begun goes on. */
  withdraw(invocation: Invocation): void;
  /** The next call runs the code as it is now. */
  invalidate(): void;
  /** Calls under way are cut off. Safe to call twice. */
  stop(): Promise<void>;
}

/** What a local function needs from outside. */
export interface LocalSurroundings {
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: LambdaLimits;
  readonly output: FunctionOutput;
}

/** Receives what a function prints. Before the first event there is no request id. */
export type FunctionOutput = (
  functionName: string,
  requestId: string | undefined,
  line: string,
) => void;

export const nothingToCancel: Cancel = () => {};
