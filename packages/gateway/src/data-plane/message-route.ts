/**
 * A client's message: choose the route, run its integration, answer if the route answers. Messages of
 * one connection run side by side, as on AWS, unless their stage asks for order: neither their backends
 * nor their replies keep it.
 */
import type { Connection } from '../connections/connection.ts';
import type { IntegrationOutcome } from '../integrations/integration.ts';
import { MessageBody } from '../mapping/scope.ts';
import type { CompiledRoute, CompiledStage } from '../resources/compiled-stage.ts';
import { errorFrame, errorMessages } from '../wire/error-frame.ts';
import type { RequestContext } from '../wire/request-context.ts';
import type { DataPlane } from './data-plane.ts';
import { buildEvent } from './event.ts';
import { GATEWAY_FAULT } from './refusal.ts';
import { sendReply } from './reply.ts';

export async function runMessageRoute(
  plane: DataPlane,
  connection: Connection,
  bytes: Buffer,
  isBinary: boolean,
): Promise<void> {
  const { facts } = connection;
  const stage = plane.stages.find(facts.apiId, facts.stageName);
  // The stage is gone and the connection is being closed for it.
  if (!stage) return;
  const startedAt = plane.clock.now();
  const body = new MessageBody(bytes, isBinary);
  const route = selectRoute(stage, body);
  const event = buildEvent(plane, stage, facts, {
    eventType: 'MESSAGE',
    routeKey: route?.routeKey ?? '$default',
    wantsBody: route?.twoWay ?? false,
    body,
  });
  const { context } = event.scope;
  const log = (status: number, reason?: string) =>
    plane.log.event({
      kind: 'message',
      apiId: facts.apiId,
      stage: facts.stageName,
      connectionId: facts.connectionId,
      requestId: context.requestId,
      route: context.routeKey,
      status,
      millis: plane.clock.now() - startedAt,
      bytes: bytes.length,
      ...(reason !== undefined && { reason }),
    });
  const excess = plane.throttle.message(stage, route?.routeKey);
  if (excess !== undefined) {
    sendError(connection, context, errorMessages.tooManyRequests);
    return log(429, excess);
  }
  if (!route) {
    sendError(connection, context, errorMessages.forbidden);
    return log(403, 'no route matches and there is no $default route');
  }
  const problem = route.validation?.(event.scope);
  if (problem !== undefined) {
    sendError(connection, context, errorMessages.badRequestBody);
    return log(400, `the message does not fit its model: ${problem}`);
  }
  if (!route.integration) {
    sendError(connection, context, errorMessages.internal);
    return log(500, 'the route has no integration');
  }
  let outcome: IntegrationOutcome;
  try {
    outcome = await plane.runIntegration(route.integration, event);
  } catch (bug) {
    sendError(connection, context, errorMessages.internal);
    log(500, GATEWAY_FAULT);
    throw bug;
  }
  if (outcome.kind === 'failure') {
    sendError(connection, context, outcome.message);
    return log(outcome.status, outcome.reason);
  }
  if (route.twoWay && !sendReply(connection, stage.extensions, outcome.body)) {
    sendError(connection, context, errorMessages.internal);
    return log(500, `the reply of ${outcome.body.length} bytes is too long for a message`);
  }
  log(outcome.status);
}

/**
 * Text that is not JSON, binary messages, and values that name no route, go to `$default`. `$connect`
 * and `$disconnect` are no message's routes, whatever the message says.
 */
export function selectRoute(stage: CompiledStage, body: MessageBody): CompiledRoute | undefined {
  if (!body.isJson) return stage.defaultRoute;
  const { stageVariables } = stage;
  return (
    stage.routes.get(stage.routeSelection.evaluate({ body, stageVariables })) ?? stage.defaultRoute
  );
}

function sendError(connection: Connection, context: RequestContext, message: string): void {
  const { connectionId, requestId, messageId } = context;
  const named = message === errorMessages.badRequestBody && messageId !== undefined;
  const ids = { connectionId, requestId, ...(named && { messageId }) };
  connection.send(Buffer.from(errorFrame(message, ids)));
}
