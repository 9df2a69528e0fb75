/** Builds what an integration is told about one event of a connection. */
import { requestId, traceId } from '../ambient/ids.ts';
import type { ConnectionFacts } from '../connections/connection.ts';
import type { GatewayEvent } from '../events/gateway-event.ts';
import type { IntegrationEvent } from '../integrations/integration.ts';
import { emptyBody } from '../mapping/scope.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import type { Trail } from '../telemetry/trail.ts';
import type { Close } from '../wire/close-codes.ts';
import { clfTime, type EventType, type RequestContext } from '../wire/request-context.ts';
import type { DataPlane } from './data-plane.ts';

type Authorizer = NonNullable<ConnectionFacts['authorizer']>;

/** What names one event wherever it is told of. */
export interface EventIds {
  readonly requestId: string;
  /** Value of `X-Amzn-Trace-Id`. */
  readonly traceId: string;
}

export interface EventParts {
  readonly eventType: Exclude<EventType, 'MESSAGE'>;
  readonly routeKey: string;
  readonly wantsBody: boolean;
  /** Made up when left out. */
  readonly ids?: EventIds;
  readonly trail?: Trail | undefined;
  readonly close?: Close;
  /** How long the authorizer took. */
  readonly authorizerMillis?: number;
  readonly handshake?: GatewayEvent['handshake'];
  readonly retry?: number;
}

/**
 * A connection begins, or has ended. `stage` is the one in force now: an open connection follows new
 * deployments and stage variables.
 */
export function buildEvent(
  plane: DataPlane,
  stage: CompiledStage,
  facts: ConnectionFacts,
  parts: EventParts,
): IntegrationEvent {
  const context = buildContext(plane, facts, parts);
  return {
    scope: {
      context,
      connection: facts,
      stageVariables: stage.stageVariables,
      body: emptyBody,
      ...(parts.handshake && { handshake: parts.handshake }),
      ...(parts.retry !== undefined && { retry: parts.retry }),
    },
    traceId:
      parts.trail?.root ?? parts.ids?.traceId ?? traceId(plane.random, context.requestTimeEpoch),
    trail: parts.trail,
    ...(parts.handshake && { handshake: parts.handshake }),
    wantsBody: parts.wantsBody,
    clientCertificate: stage.clientCertificate,
  };
}

export function eventIds(parts: Pick<DataPlane, 'random' | 'clock'>): EventIds {
  return new DrawnIds(parts);
}

/** Few events that no backend is told of need a trace id: it is drawn when it is first asked for. */
class DrawnIds implements EventIds {
  readonly requestId: string;
  readonly #parts: Pick<DataPlane, 'random' | 'clock'>;
  #traceId: string | undefined;

  constructor(parts: Pick<DataPlane, 'random' | 'clock'>) {
    this.#parts = parts;
    this.requestId = requestId(parts.random);
  }

  get traceId(): string {
    const { random, clock } = this.#parts;
    this.#traceId ??= traceId(random, clock.now());
    return this.#traceId;
  }
}

/** Of a handshake that no backend was told of, for whoever reads its logs. */
export function connectContext(
  plane: DataPlane,
  facts: ConnectionFacts,
  ids: EventIds,
  authorizerMillis?: number,
): RequestContext {
  return buildContext(plane, facts, {
    eventType: 'CONNECT',
    routeKey: '$connect',
    wantsBody: false,
    ids,
    ...(authorizerMillis !== undefined && { authorizerMillis }),
  });
}

/** Of the end of a connection that no backend was told of. */
export function disconnectContext(
  { clock }: Pick<DataPlane, 'clock'>,
  facts: ConnectionFacts,
  close: Close,
  { requestId = '' }: { readonly requestId?: string | undefined },
): RequestContext {
  const at = clock.now();
  return contextOf(facts, {
    eventType: 'DISCONNECT',
    routeKey: '$disconnect',
    requestId,
    at,
    close,
  });
}

function buildContext(plane: DataPlane, facts: ConnectionFacts, parts: EventParts): RequestContext {
  return contextOf(facts, {
    ...parts,
    requestId: parts.ids?.requestId ?? requestId(plane.random),
    at: plane.clock.now(),
  });
}

export interface ContextParts extends Pick<EventParts, 'routeKey' | 'close' | 'authorizerMillis'> {
  readonly eventType: EventType;
  readonly requestId: string;
  readonly messageId?: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** What is known of an event of this connection. The order is that of the recorded events. */
export function contextOf(
  facts: ConnectionFacts,
  { eventType, routeKey, requestId, messageId, at, close, authorizerMillis }: ContextParts,
): RequestContext {
  return {
    routeKey,
    ...(close && { disconnectStatusCode: close.code }),
    ...(facts.authorizer && { authorizer: authorizerOf(facts.authorizer, authorizerMillis) }),
    ...(messageId !== undefined && { messageId }),
    eventType,
    extendedRequestId: requestId,
    requestTime: clfTime(at),
    messageDirection: 'IN',
    ...(close && { disconnectReason: close.reason }),
    stage: facts.stageName,
    connectedAt: facts.connectedAt,
    requestTimeEpoch: at,
    identity: facts.identity,
    requestId,
    domainName: facts.domainName,
    connectionId: facts.connectionId,
    apiId: facts.apiId,
  };
}

/** The latency is told once, to `$connect`; the rest belongs to the connection. */
function authorizerOf(authorizer: Authorizer, millis: number | undefined): Authorizer {
  return millis === undefined ? authorizer : { ...authorizer, integrationLatency: millis };
}
