import type { Clock } from '../../../ambient/clock.ts';
import type { Log } from '../../../telemetry/log.ts';
import type { LambdaAnswer, LambdaCall } from '../lambda-call.ts';
import { LambdaError } from '../lambda-error.ts';
import { type Delivery, Invocation } from './invocation.ts';
import type { LocalFunction } from './local-function.ts';

export interface CallOptions {
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * One call, as its caller sees it: waited for no longer than `timeoutMillis`, or not waited for at all.
 * Unlike Lambda, an `Event` that fails is not tried again.
 */
export function callLocalFunction(
  local: LocalFunction,
  call: LambdaCall,
  delivery: Delivery,
  { clock, log }: CallOptions,
): Promise<LambdaAnswer> {
  const invocation = new Invocation(delivery);
  const { requestId } = delivery;
  if (call.invocationType === 'Event') {
    invocation.answer.then(
      ({ functionError }) =>
        functionError && log.warn(`${call.functionName} failed`, { requestId }),
      (error: Error) => log.warn(error.message, { requestId }),
    );
    local.run(invocation);
    return Promise.resolve({ payload: Buffer.alloc(0), requestId, status: 202 });
  }
  const cancelTimer = clock.after(call.timeoutMillis, () => {
    local.withdraw(invocation);
    const message = `${call.functionName} gave no answer within ${call.timeoutMillis} ms`;
    invocation.reject(new LambdaError('timeout', message));
  });
  local.run(invocation);
  return invocation.answer.finally(cancelTimer);
}
