/**
 * After a connection has ended, for whatever reason, `$disconnect` tells the backend. What is answered
 * changes nothing for the client: the management API already says 410.
 */
import type { ConnectionFacts } from '../connections/connection.ts';
import type { IntegrationEvent } from '../integrations/integration.ts';
import type { IntegrationFacts } from '../monitoring/facts.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import type { Trail } from '../telemetry/trail.ts';
import type { Close } from '../wire/close-codes.ts';
import type { RuleName } from '../wire/rules.ts';
import type { DataPlane } from './data-plane.ts';
import { buildEvent } from './event.ts';
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

export async function runDisconnectRoute(
  plane: DataPlane,
  attempt: DisconnectAttempt,
): Promise<Told> {
  const { facts, close, retiredStage, retry, isLast } = attempt;
  const { apiId, stageName, connectionId } = facts;
  const startedAt = plane.clock.now();
  const stage = plane.stages.find(apiId, stageName) ?? retiredStage;
  const integration = stage?.disconnectRoute?.integration;
  const names = { kind: 'disconnect', apiId, stage: stageName, connectionId } as const;
  const trail = plane.recorder.trail(names, stage);
  trail?.hide(facts.identity.apiKey);
  trail?.mark('close', { status: close.code, note: close.reason });
  let told: Told = stage ? { kind: 'told' } : failed('the stage is no longer there', true);
  const event =
    stage &&
    buildEvent(plane, stage, facts, {
      eventType: 'DISCONNECT',
      routeKey: '$disconnect',
      wantsBody: false,
      close,
      trail,
      ...(retry > 0 && { retry }),
    });
  let ran: IntegrationFacts | undefined;
  if (event && integration) {
    const calledAt = plane.clock.ticks();
    const outcome = await plane.integrations.run(integration, event);
    ran = integrationFacts(integration, outcome, plane.clock.ticks() - calledAt);
    if (outcome.kind === 'failure') told = failed(`the backend was not told: ${outcome.reason}`);
    else if (outcome.status < 200 || outcome.status >= 300) {
      told = failed(`the backend answered ${outcome.status}`);
    }
  }
  const isGivenUp = told.kind === 'failed' && isLast;
  recordDisconnect(plane, attempt, told, {
    startedAt,
    stage,
    event,
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
  readonly event?: IntegrationEvent | undefined;
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
  { startedAt, stage, event, integration, trail, retry = 0, isGivenUp = false }: Ran,
): void {
  const reasons = [
    close.reason,
    ...(retry > 0 ? [`retry ${retry}`] : []),
    ...(told.kind === 'failed' ? [told.reason] : []),
    ...(isGivenUp ? ['it becomes a dead letter'] : []),
  ];
  const reason = reasons.filter((text) => text !== '').join('; ');
  plane.recorder.record({
    event: {
      kind: 'disconnect',
      apiId: facts.apiId,
      stage: facts.stageName,
      connectionId: facts.connectionId,
      ...(event && { requestId: event.scope.context.requestId }),
      route: '$disconnect',
      status: close.code,
      millis: plane.clock.now() - startedAt,
      rule,
      ...(retry > 0 && { retry }),
      ...(reason !== '' && { reason }),
    },
    at: startedAt,
    stage,
    context: event?.scope.context,
    integration,
    ...(isGivenUp && { isGivenUp }),
    trail,
  });
}

const failed = (reason: string, isFinal = false): Told => ({ kind: 'failed', reason, isFinal });
