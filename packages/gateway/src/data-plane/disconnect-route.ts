/**
 * After a connection has ended, for whatever reason, `$disconnect` tells the backend once. The answer
 * changes nothing; the management API already says 410.
 */
import type { ConnectionFacts } from '../connections/connection.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import type { Close } from '../wire/close-codes.ts';
import type { DataPlane } from './data-plane.ts';
import { buildEvent } from './event.ts';

export async function runDisconnectRoute(
  plane: DataPlane,
  facts: ConnectionFacts,
  close: Close,
  /** Serves when the stage itself is no longer there. */
  retiredStage?: CompiledStage,
): Promise<void> {
  const startedAt = plane.clock.now();
  const stage = plane.stages.find(facts.apiId, facts.stageName) ?? retiredStage;
  const integration = stage?.disconnectRoute?.integration;
  let reason = close.reason;
  if (stage && integration) {
    const event = buildEvent(plane, stage, facts, {
      eventType: 'DISCONNECT',
      routeKey: '$disconnect',
      wantsBody: false,
      close,
    });
    const outcome = await plane.runIntegration(integration, event);
    if (outcome.kind === 'failure') reason += `; the backend was not told: ${outcome.reason}`;
    else if (outcome.status >= 300) reason += `; the backend answered ${outcome.status}`;
  }
  plane.log.event({
    kind: 'disconnect',
    apiId: facts.apiId,
    stage: facts.stageName,
    connectionId: facts.connectionId,
    route: '$disconnect',
    status: close.code,
    millis: plane.clock.now() - startedAt,
    ...(reason !== '' && { reason }),
  });
}
