import type { LambdaAnswer, LambdaCall, LambdaInvoker } from '../backends/lambda/lambda-call.ts';
import type { Trail } from '../telemetry/trail.ts';

/** Calls a function, with the call and its answer on the trail where there is one. */
export async function invoke(
  lambda: LambdaInvoker,
  trail: Trail | undefined,
  call: LambdaCall,
): Promise<LambdaAnswer> {
  if (!trail) return lambda.invoke(call);
  const { functionName, qualifier, payload } = call;
  const name = qualifier === undefined ? functionName : `${functionName}:${qualifier}`;
  trail.mark('mapped request', { method: 'invoke', note: `function ${name}`, body: payload });
  const since = trail.begin();
  trail.beginCall(`invoke ${functionName}`);
  try {
    const answer = await lambda.invoke({ ...call, ...trail.callTrace });
    const { status, payload: body, functionError, requestId } = answer;
    const note = `request ${requestId}${functionError === undefined ? '' : `: ${functionError}`}`;
    trail.mark('backend response', { status, body, note }, since);
    trail.endCall(status, functionError);
    return answer;
  } catch (error) {
    const { message } = error as Error;
    trail.mark('backend response', { note: message }, since);
    trail.endCall(undefined, message);
    throw error;
  }
}
