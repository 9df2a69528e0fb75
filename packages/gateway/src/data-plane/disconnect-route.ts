/**
 * After a connection has ended, for whatever reason, `$disconnect` tells the backend once. The answer
 * changes nothing; the management API already says 410.
 */
import type { ConnectionFacts } from '../connections/connection.ts';
import type { IntegrationEvent } from '../integrations/integration.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import type { Close } from '../wire/close-codes.ts';
import type { RuleName } from '../wire/rules.ts';
import type { DataPlane } from './data-plane.ts';
import { buildEvent } from './event.ts';

export async function runDisconnectRoute(
  plane: DataPlane,
  facts: ConnectionFacts,
  close: Close,
  { rule, retiredStage }: DisconnectOptions,
): Promise<void> {
  const { clock, recorder } = plane;
  const { apiId, stageName, connectionId } = facts;
  const startedAt = clock.now();
  const stage = plane.stages.find(apiId, stageName) ?? retiredStage;
  const integration = stage?.disconnectRoute?.integration;
  let reason = close.reason;
  const trail = recorder.trail({ kind: 'disconnect', apiId, stage: stageName, connectionId });
  trail?.mark('close', { status: close.code, note: close.reason });
  let event: IntegrationEvent | undefined;
  if (stage && integration) {
    event = buildEvent(plane, stage, facts, {
      eventType: 'DISCONNECT',
      routeKey: '$disconnect',
      wantsBody: false,
      close,
      trail,
    });
    const outcome = await plane.runIntegration(integration, event);
    if (outcome.kind === 'failure') reason += `; the backend was not told: ${outcome.reason}`;
    else if (outcome.status >= 300) reason += `; the backend answered ${outcome.status}`;
  }
  recorder.record({
    event: {
      kind: 'disconnect',
      apiId,
      stage: stageName,
      connectionId,
      ...(event && { requestId: event.scope.context.requestId }),
      route: '$disconnect',
      status: close.code,
      millis: clock.now() - startedAt,
      rule,
      ...(reason !== '' && { reason }),
    },
    at: startedAt,
    stage,
    context: event?.scope.context,
    trail,
  });
}

export interface DisconnectOptions {
  /** Why the connection ended. */
  readonly rule: RuleName;
  /** Serves when the stage itself is no longer there. */
  readonly retiredStage?: CompiledStage | undefined;
}
