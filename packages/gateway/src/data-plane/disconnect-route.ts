/**
 * After a connection has ended, for whatever reason, `$disconnect` tells the backend. What is answered
 * changes nothing for the client: the management API already says 410.
 */
import type { ConnectionFacts } from '../connections/connection.ts';
import type { IntegrationFacts } from '../monitoring/facts.ts';
import type { CompiledIntegration } from '../resources/compiled-integration.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import type { LogEvent } from '../telemetry/log.ts';
import type { Trail } from '../telemetry/trail.ts';
import type { Close } from '../wire/close-codes.ts';
import type { RequestContext } from '../wire/request-context.ts';
import type { RuleName } from '../wire/rules.ts';
import type { DataPlane } from './data-plane.ts';
import { buildEvent, disconnectContext, eventIds } from './event.ts';
import { integrationFacts } from './integration-facts.ts';

export interface DisconnectAttempt {
  readonly facts: ConnectionFacts;
  readonly close: Close;
  /** Why the connection ended. */
  readonly rule: RuleName;
  /** Serves when the stage itself is no longer there. */
  readonly retiredStage?: CompiledStage | undefined;
  /** Attempts before this one, as far as they are known or possible. */
  readonly retry: number;
  /** If it fails, nobody tries again: it becomes a dead letter. */
  readonly isLast: boolean;
}

/** Nobody to be told is as good as told. */
export type Told =
  | { readonly kind: 'told' }
  /** `isFinal`: no further attempt could end otherwise. */
  | { readonly kind: 'failed'; readonly reason: string; readonly isFinal: boolean };

export function runDisconnectRoute(
  plane: DataPlane,
  attempt: DisconnectAttempt,
): Told | Promise<Told> {
  const { facts, close, retiredStage, isLast } = attempt;
  const { apiId, stageName, connectionId } = facts;
  const { recorder } = plane;
  const startedAt = plane.clock.now();
  const stage = plane.stages.find(apiId, stageName) ?? retiredStage;
  const integration = stage?.disconnectRoute?.integration;
  const isFollowed = recorder.isFollowing || stage?.monitoring.isTraced === true;
  const names = { kind: 'disconnect', apiId, stage: stageName, connectionId } as const;
  const trail = isFollowed ? recorder.trail(names, stage) : undefined;
  trail?.hide(facts.identity.apiKey);
  trail?.mark('close', { status: close.code, note: close.reason });
  if (stage && integration) return tell(plane, attempt, stage, integration, { startedAt, trail });
  const told: Told = stage ? TOLD : failed('the stage is no longer there', true);
  const isGivenUp = told.kind === 'failed' && isLast;
  recordDisconnect(plane, attempt, told, { startedAt, stage, trail, isGivenUp });
  return told;
}

async function tell(
  plane: DataPlane,
  attempt: DisconnectAttempt,
  stage: CompiledStage,
  integration: CompiledIntegration,
  { startedAt, trail }: Pick<Ran, 'startedAt' | 'trail'>,
): Promise<Told> {
  const { facts, close, retry, isLast } = attempt;
  const event = buildEvent(plane, stage, facts, {
    eventType: 'DISCONNECT',
    routeKey: '$disconnect',
    wantsBody: false,
    close,
    trail,
    ...(retry > 0 && { retry }),
  });
  const calledAt = plane.clock.ticks();
  const outcome = await plane.integrations.run(integration, event);
  const ran = integrationFacts(integration, outcome, plane.clock.ticks() - calledAt);
  let told: Told = TOLD;
  if (outcome.kind === 'failure') told = failed(`the backend was not told: ${outcome.reason}`);
  else if (outcome.status < 200 || outcome.status >= 300) {
    told = failed(`the backend answered ${outcome.status}`);
  }
  const isGivenUp = told.kind === 'failed' && isLast;
  recordDisconnect(plane, attempt, told, {
    startedAt,
    stage,
    context: event.scope.context,
    trail,
    integration: ran,
    retry,
    isGivenUp,
  });
  return told;
}

interface Ran {
  readonly startedAt: number;
  readonly stage?: CompiledStage | undefined;
  /** Of the event that the backend was told. */
  readonly context?: RequestContext | undefined;
  readonly integration?: IntegrationFacts | undefined;
  readonly trail?: Trail | undefined;
  readonly retry?: number;
  readonly isGivenUp?: boolean;
}

/** The end of a connection is one event; a further attempt to tell of it is a record beside it. */
export function recordDisconnect(
  plane: DataPlane,
  { facts, close, rule }: Pick<DisconnectAttempt, 'facts' | 'close' | 'rule'>,
  told: Told,
  { startedAt, stage, context, integration, trail, retry = 0, isGivenUp = false }: Ran,
): void {
  const { recorder, clock } = plane;
  const reason = reasonOf(close.reason, told, retry, isGivenUp);
  const ids = context ?? (stage && eventIds(plane));
  const event: LogEvent = {
    kind: 'disconnect',
    apiId: facts.apiId,
    stage: facts.stageName,
    connectionId: facts.connectionId,
    ...(ids && { requestId: ids.requestId }),
    route: '$disconnect',
    status: close.code,
    millis: clock.now() - startedAt,
    rule,
    ...(retry > 0 && { retry }),
    ...(reason !== '' && { reason }),
  };
  // Most that no backend is told of, nobody reads of either.
  const isRead = stage !== undefined && recorder.reads(event, stage);
  recorder.record({
    event,
    at: startedAt,
    stage,
    context: context ?? (isRead ? disconnectContext(plane, facts, close, event) : undefined),
    integration,
    ...(isGivenUp && { isGivenUp }),
    trail,
  });
}

function reasonOf(closeReason: string, told: Told, retry: number, isGivenUp: boolean): string {
  if (told.kind === 'told' && retry === 0) return closeReason;
  const reasons = [
    closeReason,
    retry > 0 ? `retry ${retry}` : '',
    told.kind === 'failed' ? told.reason : '',
    isGivenUp ? 'it becomes a dead letter' : '',
  ];
  return reasons.filter((text) => text !== '').join('; ');
}

const TOLD: Told = { kind: 'told' };
const failed = (reason: string, isFinal = false): Told => ({ kind: 'failed', reason, isFinal });
