/**
 * Who may come in: asked once, before the `$connect` integration, and never again for the life of the
 * connection (developer guide, "Controlling and managing access to a WebSocket API").
 */
import { type Authorization, unauthorized } from '../authorizers/authorization.ts';
import type { AuthorizerRequest } from '../authorizers/authorizer-response.ts';
import { authorizeByIam, type IamAuthorizer } from '../authorizers/iam-authorizer.ts';
import {
  type AuthorizerBackends,
  askRequestAuthorizer,
} from '../authorizers/request-authorizer.ts';
import type { ConnectionFacts } from '../connections/connection.ts';
import type { SignedRequest } from '../iam/sigv4.ts';
import type { IntegrationEvent } from '../integrations/integration.ts';
import type { CompiledAuthorization } from '../resources/compiled-authorization.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import type { UsagePlans } from '../throttling/usage-plans.ts';
import { errorMessages } from '../wire/error-frame.ts';
import type { DataPlane } from './data-plane.ts';
import { buildEvent, type EventParts } from './event.ts';
import type { HandshakeRequest } from './handshake-request.ts';
import { exceptionRefusal, forbidden, gatewayRefusal, type Refusal } from './refusal.ts';

/** What authorizers are asked with. */
export interface Admission {
  readonly backends: AuthorizerBackends;
  readonly iam: IamAuthorizer;
  readonly usagePlans: UsagePlans;
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

/** What a handshake shows of who sends it, taken from the request as it came. */
export interface Credentials {
  /** The handshake as a signature covers it. */
  readonly signed: SignedRequest;
  readonly apiKey: string | undefined;
}

export async function admit(
  plane: DataPlane,
  stage: CompiledStage,
  facts: ConnectionFacts,
  handshake: Handshake,
  { signed, apiKey }: Credentials,
): Promise<Admitted | Refusal> {
  const route = stage.connectRoute;
  const isOpen = !route || (route.authorization.kind === 'none' && !route.apiKeyRequired);
  if (isOpen) return { kind: 'admitted', facts };
  const event = buildEvent(plane, stage, facts, {
    eventType: 'CONNECT',
    routeKey: '$connect',
    wantsBody: true,
    handshake,
  });
  const startedAt = plane.clock.now();
  const decision = await decide(plane, route.authorization, event, signed);
  const { requestId, connectionId } = event.scope.context;
  const ids = { connectionId, requestId };
  if (decision.kind === 'unauthorized') {
    if (decision.exception) return exceptionRefusal(decision.exception, requestId);
    return gatewayRefusal(ids, decision.status, decision.message, decision.reason);
  }
  const { authorizer, identity, usageIdentifierKey } = decision;
  const authorizerMillis = plane.clock.now() - startedAt;
  let keyIdentity: Partial<ConnectionFacts['identity']> = {};
  if (route.apiKeyRequired) {
    const isFromAuthorizer = stage.apiKeySource === 'authorizer';
    const value = isFromAuthorizer ? usageIdentifierKey : apiKey;
    const key = await plane.admission.usagePlans.admit(value, stage);
    if (key.kind === 'forbidden') return forbidden(requestId, key.reason);
    if (key.kind !== 'admitted') {
      const { tooManyRequests, limitExceeded } = errorMessages;
      const message = key.kind === 'throttled' ? tooManyRequests : limitExceeded;
      return gatewayRefusal(ids, 429, message, key.reason);
    }
    keyIdentity = { apiKey: key.apiKey, apiKeyId: key.apiKeyId };
  }
  return {
    kind: 'admitted',
    facts: {
      ...facts,
      ...(authorizer && { authorizer }),
      identity: { ...facts.identity, ...identity, ...keyIdentity },
    },
    ...(authorizer && { authorizerMillis }),
  };
}

async function decide(
  { admission }: DataPlane,
  authorization: CompiledAuthorization,
  event: IntegrationEvent,
  signed: SignedRequest,
): Promise<Authorization> {
  const { accountId, region, iam, backends } = admission;
  const { apiId, stage, identity } = event.scope.context;
  const request: AuthorizerRequest = {
    methodArn: `arn:aws:execute-api:${region}:${accountId}:${apiId}/${stage}/$connect`,
    sourceIp: identity.sourceIp,
  };
  switch (authorization.kind) {
    case 'none':
      return { kind: 'authorized' };
    case 'iam':
      return authorizeByIam(iam, signed, request);
    case 'custom':
      return askRequestAuthorizer(backends, authorization.authorizer, event, request);
    case 'broken':
      return unauthorized(500, errorMessages.internal, authorization.reason);
  }
}

/**
 * The API key of a handshake. HTTP does not mind how the header is spelled. A stage may take the key from
 * the query as well: nobody else then gets to see it there, neither a backend nor a log.
 */
export function takeApiKey(
  handshake: HandshakeRequest,
  { extensions, apiKeySource, connectRoute }: CompiledStage,
): string | undefined {
  if (apiKeySource === 'authorizer') return undefined;
  const { apiKeyQueryParameter } = extensions;
  const inQuery = apiKeyQueryParameter === '' ? undefined : handshake.hide(apiKeyQueryParameter);
  if (!connectRoute?.apiKeyRequired) return undefined;
  const header = [...handshake.headers].find(([name]) => name.toLowerCase() === 'x-api-key');
  return header?.[1].at(-1) ?? inQuery;
}
