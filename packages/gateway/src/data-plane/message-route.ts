/**
 * A client's message: choose the route, run its integration, answer if the route answers. Messages of
 * one connection run side by side, as on AWS, unless their stage asks for order: neither their backends
 * nor their replies keep it.
 */
import type { Connection } from '../connections/connection.ts';
import type { IntegrationOutcome } from '../integrations/integration.ts';
import { MessageBody } from '../mapping/scope.ts';
import type { IntegrationFacts } from '../monitoring/facts.ts';
import type { CompiledRoute, CompiledStage } from '../resources/compiled-stage.ts';
import type { LogEvent } from '../telemetry/log.ts';
import type { Trail } from '../telemetry/trail.ts';
import { errorFrame, errorMessages } from '../wire/error-frame.ts';
import type { RequestContext } from '../wire/request-context.ts';
import type { DataPlane } from './data-plane.ts';
import { buildEvent } from './event.ts';
import { integrationFacts } from './integration-facts.ts';
import { gatewayFault } from './refusal.ts';
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
  const { clock, recorder, throttle } = plane;
  const { apiId, stageName, connectionId } = facts;
  const startedAt = clock.now();
  const trail = recorder.trail({ kind: 'message', apiId, stage: stageName, connectionId }, stage);
  trail?.hide(facts.identity.apiKey);
  const body = new MessageBody(bytes, isBinary);
  trail?.mark('frame', { body: bytes });
  const route = selectRoute(stage, body);
  const routeKey = route?.routeKey ?? '$default';
  trail?.mark('route selection', { note: route ? routeKey : 'no route matches' });
  const event = buildEvent(plane, stage, facts, {
    eventType: 'MESSAGE',
    routeKey,
    wantsBody: route?.twoWay ?? false,
    body,
    trail,
  });
  const { context } = event.scope;
  let integration: IntegrationFacts | undefined;
  let replied = false;
  const done = (status: number, failure?: Failure, message?: string) =>
    recorder.record({
      event: {
        kind: 'message',
        apiId,
        stage: stageName,
        connectionId,
        requestId: context.requestId,
        route: routeKey,
        status,
        millis: clock.now() - startedAt,
        bytes: bytes.length,
        ...(failure && { reason: failure.reason, rule: failure.rule }),
      },
      at: startedAt,
      stage,
      context,
      message,
      integration,
      replied,
      trail,
    });
  const fail = (status: number, message: string, failure: Failure) => {
    sendError(connection, context, message, trail);
    done(status, failure, message);
  };
  const excess = throttle.message(stage, route?.routeKey);
  if (excess !== undefined) return fail(429, errorMessages.tooManyRequests, excess);
  if (!route) return fail(403, errorMessages.forbidden, noRoute);
  const since = trail?.begin();
  const problem = route.validation?.(event.scope);
  if (route.validation) trail?.mark('validation', { note: problem ?? 'fits the model' }, since);
  if (problem !== undefined) {
    // In AWS's own words, as `$context.error.validationErrorString` has them.
    return fail(400, errorMessages.badRequestBody, { rule: 'model-mismatch', reason: problem });
  }
  if (!route.integration) return fail(500, errorMessages.internal, noIntegration);
  let outcome: IntegrationOutcome;
  const calledAt = clock.ticks();
  try {
    outcome = await plane.runIntegration(route.integration, event);
    integration = integrationFacts(route.integration, outcome, clock.ticks() - calledAt);
  } catch (bug) {
    fail(500, errorMessages.internal, gatewayFault);
    throw bug;
  }
  if (outcome.kind === 'failure') return fail(outcome.status, outcome.message, outcome);
  const { status } = outcome;
  const refused = status >= 400 ? backendError(status) : undefined;
  if (!route.twoWay) return done(status, refused);
  const sent = sendReply(connection, stage.extensions, outcome.body);
  if (sent === 'full') return done(status, unread);
  if (sent === 'tooLong') {
    const reason = `the reply of ${outcome.body.length} bytes is too long for a message`;
    return fail(500, errorMessages.internal, { rule: 'reply-too-long', reason });
  }
  replied = true;
  trail?.mark('reply', { body: outcome.body });
  done(status, refused);
}

type Failure = Required<Pick<LogEvent, 'reason' | 'rule'>>;

const noRoute: Failure = {
  rule: 'route-not-found',
  reason: 'no route matches and there is no $default route',
};
const noIntegration: Failure = {
  rule: 'integration-missing',
  reason: 'the route has no integration',
};

/** A client that leaves so much unread would not read an error either. */
const unread: Failure = {
  rule: 'client-reads-too-slowly',
  reason: 'the reply was dropped: the client reads too slowly',
};

/** The client is not told: on AWS, too, a reply is the body whatever the status. */
const backendError = (status: number): Failure => ({
  rule: 'backend-error',
  reason: `the backend answered ${status}`,
});

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

function sendError(
  connection: Connection,
  context: RequestContext,
  message: string,
  trail: Trail | undefined,
): void {
  const { connectionId, requestId, messageId } = context;
  const named = message === errorMessages.badRequestBody && messageId !== undefined;
  const ids = { connectionId, requestId, ...(named && { messageId }) };
  const frame = Buffer.from(errorFrame(message, ids));
  connection.send(frame);
  trail?.mark('reply', { body: frame, note: 'error frame' });
}
