/**
 * Lambda REQUEST authorizers: asked once per `$connect`, never cached. What they say of the client
 * stays with the connection.
 */
import type { LambdaInvoker } from '../backends/lambda/lambda-call.ts';
import { LambdaError } from '../backends/lambda/lambda-error.ts';
import { authorizerEvent } from '../events/authorizer-event.ts';
import type { GatewayEvent } from '../events/gateway-event.ts';
import type { CompiledAuthorizer } from '../resources/compiled-authorizer.ts';
import { errorMessages } from '../wire/error-frame.ts';
import { type Authorization, unauthorized } from './authorization.ts';
import { type AuthorizerRequest, readAuthorizerResponse } from './authorizer-response.ts';

/** AWS documents no limit for WebSocket APIs; this is that of any integration. */
const TIMEOUT_MILLIS = 29_000;

export async function askLambdaAuthorizer(
  lambda: LambdaInvoker,
  authorizer: CompiledAuthorizer,
  event: GatewayEvent,
  request: AuthorizerRequest,
): Promise<Authorization> {
  const missing = authorizer.identitySources.find((source) => !source.isPresent(event.scope));
  if (missing) {
    return unauthorized(401, errorMessages.unauthorized, `${missing.text} is missing or empty`);
  }
  try {
    const { payload, functionError } = await lambda.invoke({
      ...authorizer.function,
      payload: authorizerEvent(event, request.methodArn),
      timeoutMillis: TIMEOUT_MILLIS,
      invocationType: 'RequestResponse',
      traceId: event.traceId,
    });
    if (functionError === undefined) return readAuthorizerResponse(payload, request);
    const message = thrownMessage(payload);
    return message === 'Unauthorized'
      ? unauthorized(401, errorMessages.unauthorized, 'the authorizer threw Unauthorized')
      : unauthorized(500, errorMessages.internal, `the authorizer failed: ${message}`);
  } catch (error) {
    if (!(error instanceof LambdaError)) throw error;
    return unauthorized(500, errorMessages.internal, `the authorizer: ${error.message}`);
  }
}

function thrownMessage(payload: Buffer): string {
  try {
    return String((JSON.parse(payload.toString()) as { errorMessage?: unknown }).errorMessage);
  } catch {
    return '';
  }
}
