/**
 * Who may come in: asked once, before the `$connect` integration, and never again for the life of the
 * connection (developer guide, "Controlling and managing access to a WebSocket API").
 */
import { type Authorization, unauthorized } from '../authorizers/authorization.ts';
import type { AuthorizerRequest } from '../authorizers/authorizer-response.ts';
import { authorizeByIam, type IamAuthorizer } from '../authorizers/iam-authorizer.ts';
import { askLambdaAuthorizer } from '../authorizers/lambda-authorizer.ts';
import type { LambdaInvoker } from '../backends/lambda/lambda-call.ts';
import type { ConnectionFacts } from '../connections/connection.ts';
import type { SignedRequest } from '../iam/sigv4.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import { errorMessages } from '../wire/error-frame.ts';
import type { DataPlane } from './data-plane.ts';
import { buildEvent, type EventParts } from './event.ts';
import { exceptionRefusal, gatewayRefusal, type Refusal } from './refusal.ts';

/** What authorizers are asked with. */
export interface Admission {
  readonly lambda: LambdaInvoker;
  readonly iam: IamAuthorizer;
  readonly accountId: string;
  readonly region: string;
}

export type Admitted = {
  readonly kind: 'admitted';
  /** With what the authorizer said of the client. */
  readonly facts: ConnectionFacts;
  /** How long the authorizer took; the `$connect` event alone shows it. */
  readonly authorizerMillis?: number;
};

type Handshake = NonNullable<EventParts['handshake']>;

/** `signed` is the handshake as a signature covers it. */
export async function admit(
  plane: DataPlane,
  stage: CompiledStage,
  facts: ConnectionFacts,
  handshake: Handshake,
  signed: SignedRequest,
): Promise<Admitted | Refusal> {
  const authorization = stage.connectRoute?.authorization ?? { kind: 'none' };
  if (authorization.kind === 'none') return { kind: 'admitted', facts };
  const { accountId, region, iam, lambda } = plane.admission;
  const startedAt = plane.clock.now();
  const event = buildEvent(plane, stage, facts, {
    eventType: 'CONNECT',
    routeKey: '$connect',
    wantsBody: true,
    handshake,
  });
  const request: AuthorizerRequest = {
    methodArn: `arn:aws:execute-api:${region}:${accountId}:${stage.apiId}/${stage.stageName}/$connect`,
    sourceIp: facts.identity.sourceIp,
  };
  const decide = async (): Promise<Authorization> => {
    switch (authorization.kind) {
      case 'iam':
        return authorizeByIam(iam, signed, request);
      case 'lambda':
        return askLambdaAuthorizer(lambda, authorization.authorizer, event, request);
      case 'broken':
        return unauthorized(500, errorMessages.internal, authorization.reason);
    }
  };
  const decision = await decide();
  if (decision.kind === 'unauthorized') {
    const { requestId, connectionId } = event.scope.context;
    if (decision.exception) return exceptionRefusal(decision.exception, requestId);
    const ids = { connectionId, requestId };
    return gatewayRefusal(ids, decision.status, decision.message, decision.reason);
  }
  const { authorizer, identity } = decision;
  return {
    kind: 'admitted',
    facts: {
      ...facts,
      ...(authorizer && { authorizer }),
      ...(identity && { identity: { ...facts.identity, ...identity } }),
    },
    ...(authorizer && { authorizerMillis: plane.clock.now() - startedAt }),
  };
}
