/** How a call of a local function ends, wherever its runtime comes from. */
import type { Cancel } from '../../../ambient/clock.ts';
import { LambdaError } from '../lambda-error.ts';
import type { LambdaLimits } from '../limits.ts';
import { answerTooLarge, timedOut, timedOutLine } from './function-errors.ts';
import type { Invocation } from './invocation.ts';
import type { LocalSurroundings } from './local-function.ts';
import type { RuntimeAnswer } from './runtime-api.ts';

export function settle(
  invocation: Invocation,
  { isError, body }: RuntimeAnswer,
  { responseBytesMax }: Pick<LambdaLimits, 'responseBytesMax'>,
): void {
  if (body === undefined) invocation.fail(answerTooLarge(responseBytesMax));
  else if (isError) invocation.fail(body);
  else invocation.succeed(body);
}

export interface TimeLimit extends Pick<LocalSurroundings, 'clock' | 'output'> {
  readonly functionName: string;
  readonly timeoutMillis: number;
}

/** Gives the call the function's own time; one that is overdue is answered, and said to be. */
export function limitTime(
  invocation: Invocation,
  { clock, functionName, output, timeoutMillis }: TimeLimit,
  onOverdue: () => void,
): Cancel {
  const { requestId } = invocation;
  return clock.after(timeoutMillis, () => {
    output(functionName, requestId, timedOutLine(requestId, timeoutMillis, clock.now()));
    invocation.fail(timedOut(requestId, timeoutMillis));
    onOverdue();
  });
}

export interface Queue {
  readonly functionName: string;
  readonly limits: Pick<LambdaLimits, 'waitingCallsPerFunctionMax'>;
}

/** Why one call more than `waiting` cannot even wait; undefined when it can. */
export function refusalToWait(
  waiting: number,
  { functionName, limits: { waitingCallsPerFunctionMax: max } }: Queue,
): LambdaError | undefined {
  if (waiting < max) return undefined;
  return new LambdaError('throttled', `${max} calls of ${functionName} are waiting`);
}

export function stopping(functionName: string): LambdaError {
  return new LambdaError('unreachable', `${functionName} is being stopped`);
}
