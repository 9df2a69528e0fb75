/**
 * Who may come in: asked once, before the `$connect` integration, and never again for the life of the
 * connection (developer guide, "Controlling and managing access to a WebSocket API").
 */
import {
  type Authorization,
  type Unauthorized,
  unauthorized,
} from '../authorizers/authorization.ts';
import type { AuthorizerRequest } from '../authorizers/authorizer-response.ts';
import { authorizeByIam, type IamAuthorizer } from '../authorizers/iam-authorizer.ts';
import type { JwtAuthorizer } from '../authorizers/jwt-authorizer.ts';
import {
  type AuthorizerBackends,
  askRequestAuthorizer,
} from '../authorizers/request-authorizer.ts';
import type { ConnectionFacts } from '../connections/connection.ts';
import { timeConditions } from '../iam/request-context.ts';
import { signedRequest } from '../iam/signed-request.ts';
import type { IntegrationEvent } from '../integrations/integration.ts';
import type { CompiledAuthorization } from '../resources/compiled-authorization.ts';
import type { CompiledJwt } from '../resources/compiled-jwt.ts';
import type { CompiledRoute, CompiledStage } from '../resources/compiled-stage.ts';
import type { UsagePlans } from '../throttling/usage-plans.ts';
import { errorMessages } from '../wire/error-frame.ts';
import { callerConditions } from './caller-conditions.ts';
import type { DataPlane } from './data-plane.ts';
import { buildEvent } from './event.ts';
import type { HandshakeRequest } from './handshake-request.ts';
import type { Opening } from './opening.ts';
import { exceptionRefusal, forbidden, gatewayRefusal, type Refusal } from './refusal.ts';

const NO_BODY = Buffer.alloc(0);

/** What authorizers are asked with. */
export interface Admission {
  readonly backends: AuthorizerBackends;
  readonly iam: IamAuthorizer;
  readonly jwt: JwtAuthorizer;
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
  /** The sub-protocol the client expects where its backend chooses none. */
  readonly protocol?: string;
};

/**
 * The client's token where the stage asks for one, then what the route asks for, then its API key.
 * Never asked again for the same handshake: it may count as a use of an API key.
 */
export function admit(
  plane: DataPlane,
  opening: Opening,
): Admitted | Refusal | Promise<Admitted | Refusal> {
  const { stage, asked } = opening;
  if (stage.jwt) return admitToken(plane, opening, stage.jwt);
  const route = stage.connectRoute;
  const isOpen = !route || (route.authorization.kind === 'none' && !route.apiKeyRequired);
  return isOpen ? { kind: 'admitted', facts: asked } : admitToRoute(plane, opening, route, asked);
}

async function admitToken(
  plane: DataPlane,
  opening: Opening,
  jwt: CompiledJwt,
): Promise<Admitted | Refusal> {
  const { stage, handshake, trail, asked: facts } = opening;
  const since = trail?.begin();
  const decision = await plane.admission.jwt.authorize(jwt, handshake);
  trail?.mark('token', shown('token', decision), since);
  if (decision.kind === 'unauthorized') return refused(decision, opening, facts);
  const { authorizer, authorizedUntil, protocol } = decision;
  const known = {
    ...facts,
    ...(authorizer && { authorizer }),
    ...(authorizedUntil !== undefined && { authorizedUntil }),
  };
  const route = stage.connectRoute;
  const admitted: Admitted | Refusal = route
    ? await admitToRoute(plane, opening, route, known)
    : { kind: 'admitted', facts: known };
  if (admitted.kind === 'refused' || protocol === undefined) return admitted;
  return { ...admitted, protocol };
}

async function admitToRoute(
  plane: DataPlane,
  opening: Opening,
  route: CompiledRoute,
  facts: ConnectionFacts,
): Promise<Admitted | Refusal> {
  const { stage, handshake, ids, trail, told } = opening;
  const { connectionId } = facts;
  if (route.authorization.kind === 'none' && !route.apiKeyRequired) {
    return { kind: 'admitted', facts };
  }
  const event = buildEvent(plane, stage, facts, {
    eventType: 'CONNECT',
    routeKey: '$connect',
    wantsBody: true,
    ids,
    handshake,
    trail,
  });
  told.context = event.scope.context;
  const startedAt = plane.clock.now();
  const since = trail?.begin();
  const decision = await decide(plane, route.authorization, event, opening);
  const authorizerMillis = plane.clock.now() - startedAt;
  const { kind } = route.authorization;
  if (kind !== 'none') {
    told.authorizer = {
      kind: kind === 'iam' ? 'iam' : 'lambda',
      millis: authorizerMillis,
      ...(decision.kind === 'unauthorized'
        ? { status: decision.status, error: decision.reason }
        : { status: 200 }),
    };
  }
  trail?.mark('authorizer', shown(kind, decision), since);
  if (decision.kind === 'unauthorized') return refused(decision, opening, facts);
  const { authorizer, identity, usageIdentifierKey } = decision;
  let keyIdentity: Partial<ConnectionFacts['identity']> = {};
  if (route.apiKeyRequired) {
    const isFromAuthorizer = stage.apiKeySource === 'authorizer';
    const value = isFromAuthorizer ? usageIdentifierKey : opening.apiKey;
    const keySince = trail?.begin();
    const key = await plane.admission.usagePlans.admit(value, stage);
    const note = key.kind === 'admitted' ? `API key ${key.apiKeyId}` : key.reason;
    trail?.mark('API key', { note }, keySince);
    if (key.kind === 'forbidden') return forbidden(ids.requestId, key.rule, key.reason);
    if (key.kind !== 'admitted') {
      const { tooManyRequests, limitExceeded } = errorMessages;
      const message = key.kind === 'throttled' ? tooManyRequests : limitExceeded;
      const { requestId } = ids;
      return gatewayRefusal({ connectionId, requestId }, 429, message, key);
    }
    trail?.hide(key.apiKey);
    keyIdentity = { apiKey: key.apiKey, apiKeyId: key.apiKeyId };
  }
  return {
    kind: 'admitted',
    facts: {
      ...facts,
      ...(authorizer && { authorizer: { ...facts.authorizer, ...authorizer } }),
      identity: { ...facts.identity, ...identity, ...keyIdentity },
    },
    ...(authorizer && { authorizerMillis }),
  };
}

function refused(
  decision: Unauthorized,
  { ids }: Opening,
  { connectionId }: ConnectionFacts,
): Refusal {
  const { exception, status, message } = decision;
  const { requestId } = ids;
  if (exception) return exceptionRefusal(exception, requestId);
  return gatewayRefusal({ connectionId, requestId }, status, message, decision);
}

async function decide(
  { admission, clock, clientAddress }: DataPlane,
  authorization: CompiledAuthorization,
  event: IntegrationEvent,
  { request: handshake }: Opening,
): Promise<Authorization> {
  const { accountId, region, iam, backends } = admission;
  const { apiId, stage } = event.scope.context;
  const request: AuthorizerRequest = {
    methodArn: `arn:aws:execute-api:${region}:${accountId}:${apiId}/${stage}/$connect`,
    conditions: () => ({
      ...callerConditions(handshake, clientAddress),
      ...timeConditions(clock.now()),
    }),
  };
  switch (authorization.kind) {
    case 'none':
      return { kind: 'authorized' };
    case 'iam':
      return authorizeByIam(iam, signedRequest(handshake, NO_BODY), request);
    case 'custom':
      return askRequestAuthorizer(backends, authorization.authorizer, event, request);
    case 'broken':
      return unauthorized(
        500,
        errorMessages.internal,
        'authorizer-misconfigured',
        authorization.reason,
      );
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

function shown(kind: CompiledAuthorization['kind'] | 'token', decision: Authorization) {
  if (decision.kind === 'unauthorized') return { status: decision.status, note: decision.reason };
  const { principalId } = decision.authorizer ?? {};
  const { userArn } = decision.identity ?? {};
  if (kind === 'none') return { note: 'nobody is asked' };
  return { note: `let in${principalId ? ` as ${principalId}` : userArn ? ` as ${userArn}` : ''}` };
}
