/** A Lambda function is asked who may connect. */
import type { LambdaInvoker } from '../backends/lambda/lambda-call.ts';
import { LambdaError } from '../backends/lambda/lambda-error.ts';
import { authorizerEvent } from '../events/authorizer-event.ts';
import type { GatewayEvent } from '../events/gateway-event.ts';
import type { FunctionReference } from '../resources/function-reference.ts';
import {
  AUTHORIZER_TIMEOUT_MILLIS,
  type Authorization,
  authorizerFailed,
  saidUnauthorized,
} from './authorization.ts';
import { type AuthorizerRequest, readAuthorizerResponse } from './authorizer-response.ts';

export async function askLambdaAuthorizer(
  lambda: LambdaInvoker,
  called: FunctionReference,
  event: GatewayEvent,
  request: AuthorizerRequest,
): Promise<Authorization> {
  try {
    const { payload, functionError } = await lambda.invoke({
      ...called,
      payload: authorizerEvent(event, request.methodArn),
      timeoutMillis: AUTHORIZER_TIMEOUT_MILLIS,
      invocationType: 'RequestResponse',
      traceId: event.traceId,
      ...event.trail?.callTrace,
    });
    if (functionError === undefined) return readAuthorizerResponse(payload, request);
    const message = thrownMessage(payload);
    return message === 'Unauthorized'
      ? saidUnauthorized('the authorizer threw Unauthorized')
      : authorizerFailed(`the authorizer failed: ${message}`);
  } catch (error) {
    if (!(error instanceof LambdaError)) throw error;
    return authorizerFailed(`the authorizer: ${error.message}`);
  }
}

function thrownMessage(payload: Buffer): string {
  try {
    return String((JSON.parse(payload.toString()) as { errorMessage?: unknown }).errorMessage);
  } catch {
    return '';
  }
}
