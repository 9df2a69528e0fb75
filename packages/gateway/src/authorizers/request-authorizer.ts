/**
 * REQUEST authorizers: asked once per `$connect`, never cached. What they say of the client stays with
 * the connection. Behind one stands a Lambda function or, which AWS does not have, an HTTP endpoint.
 */
import type { HttpCaller } from '../backends/http-caller.ts';
import type { LambdaInvoker } from '../backends/lambda/lambda-call.ts';
import type { GatewayEvent } from '../events/gateway-event.ts';
import type { CompiledAuthorizer } from '../resources/compiled-authorizer.ts';
import type { StageCertificate } from '../resources/compiled-stage.ts';
import { errorMessages } from '../wire/error-frame.ts';
import { type Authorization, unauthorized } from './authorization.ts';
import type { AuthorizerRequest } from './authorizer-response.ts';
import { askHttpAuthorizer } from './http-authorizer.ts';
import { askLambdaAuthorizer } from './lambda-authorizer.ts';

/** What authorizers are reached through. */
export interface AuthorizerBackends {
  readonly lambda: LambdaInvoker;
  readonly http: Pick<HttpCaller, 'call'>;
}

export type AuthorizerEvent = GatewayEvent & {
  /** By which an https endpoint recognizes the gateway. */
  readonly clientCertificate?: StageCertificate | undefined;
};

export async function askRequestAuthorizer(
  { lambda, http }: AuthorizerBackends,
  { target, identitySources }: CompiledAuthorizer,
  event: AuthorizerEvent,
  request: AuthorizerRequest,
): Promise<Authorization> {
  const missing = identitySources.find((source) => !source.isPresent(event.scope));
  if (missing) {
    const reason = `${missing.text} is missing or empty`;
    return unauthorized(401, errorMessages.unauthorized, 'identity-source-missing', reason);
  }
  event.trail?.beginCall('authorizer');
  const decision = await (target.kind === 'lambda'
    ? askLambdaAuthorizer(lambda, target.function, event, request)
    : askHttpAuthorizer(http, target.uri, event, request));
  const { status, reason } = decision.kind === 'authorized' ? noProblem : decision;
  event.trail?.endCall(status, reason);
  return decision;
}

const noProblem = { status: 200, reason: undefined };
