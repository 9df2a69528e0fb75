/**
 * A client's message: choose the route, run its integration, answer if the route answers. Messages of
 * one connection run side by side, as on AWS, unless their stage asks for order: neither their backends
 * nor their replies keep it.
 */
import type { Connection } from '../connections/connection.ts';
import type { IntegrationListener, IntegrationOutcome } from '../integrations/integration.ts';
import { MessageBody } from '../mapping/scope.ts';
import type { Facts, IntegrationFacts } from '../monitoring/facts.ts';
import type { CompiledIntegration } from '../resources/compiled-integration.ts';
import type { CompiledRoute, CompiledStage } from '../resources/compiled-stage.ts';
import type { LogEvent } from '../telemetry/log.ts';
import type { Trail } from '../telemetry/trail.ts';
import { errorFrame, errorMessages } from '../wire/error-frame.ts';
import type { RequestContext } from '../wire/request-context.ts';
import type { RuleName } from '../wire/rules.ts';
import type { DataPlane } from './data-plane.ts';
import { integrationFacts } from './integration-facts.ts';
import { MessageEvent } from './message-event.ts';
import { gatewayFault } from './refusal.ts';
import { sendReply } from './reply.ts';

export interface ReceivedMessage {
  readonly connection: Connection;
  readonly bytes: Buffer;
  readonly isBinary: boolean;
}

/** Runs a message to its end. `over` is called once, whatever happens; it may be before this returns. */
export function runMessageRoute(
  plane: DataPlane,
  message: ReceivedMessage,
  over: () => void,
): void {
  const { apiId, stageName } = message.connection.facts;
  const stage = plane.stages.find(apiId, stageName);
  // The stage is gone and the connection is being closed for it.
  if (!stage) return void over();
  new MessageRun(plane, stage, message, over).begin();
}

/** One message on its way. In the end it is what is told of it, too. */
class MessageRun implements IntegrationListener, Facts {
  readonly stage: CompiledStage;
  readonly at: number;
  readonly trail: Trail | undefined;
  event!: LogEvent;
  message: string | undefined;
  integration: IntegrationFacts | undefined;
  replied = false;
  readonly #plane: DataPlane;
  readonly #connection: Connection;
  readonly #body: MessageBody;
  #over: (() => void) | undefined;
  #route: CompiledRoute | undefined;
  #told!: MessageEvent;
  #calledAt = 0;

  constructor(
    plane: DataPlane,
    stage: CompiledStage,
    { connection, bytes, isBinary }: ReceivedMessage,
    over: () => void,
  ) {
    const { apiId, connectionId } = connection.facts;
    const { recorder } = plane;
    this.stage = stage;
    this.at = plane.clock.turnNow();
    this.trail =
      recorder.isFollowing || stage.monitoring.isTraced
        ? recorder.trail({ kind: 'message', apiId, stage: stage.stageName, connectionId }, stage)
        : undefined;
    this.#plane = plane;
    this.#connection = connection;
    this.#body = new MessageBody(bytes, isBinary);
    this.#over = over;
  }

  get context(): RequestContext {
    return this.#told.context;
  }

  begin(): void {
    try {
      this.#run();
    } catch (bug) {
      this.#failed(bug);
    }
  }

  #run(): void {
    const { stage, trail } = this;
    const plane = this.#plane;
    const { facts } = this.#connection;
    const body = this.#body;
    trail?.hide(facts.identity.apiKey);
    trail?.mark('frame', { body: body.bytes });
    const route = selectRoute(stage, body);
    const routeKey = route?.routeKey ?? '$default';
    trail?.mark('route selection', { note: route ? routeKey : 'no route matches' });
    const event = new MessageEvent(plane, stage, facts, {
      body,
      routeKey,
      wantsBody: route?.twoWay ?? false,
      at: this.at,
      trail,
    });
    this.#route = route;
    this.#told = event;
    const excess = plane.throttle.message(stage, route?.routeKey);
    if (excess !== undefined) return void this.#fail(429, errorMessages.tooManyRequests, excess);
    if (!route) return void this.#fail(403, errorMessages.forbidden, noRoute);
    const problem = route.validation && this.#problemOf(route.validation);
    if (problem !== undefined) {
      // In AWS's own words, as `$context.error.validationErrorString` has them.
      const failure = { rule: 'model-mismatch', reason: problem } as const;
      return void this.#fail(400, errorMessages.badRequestBody, failure);
    }
    const { integration } = route;
    if (!integration) return void this.#fail(500, errorMessages.internal, noIntegration);
    this.#calledAt = plane.clock.turnTicks();
    plane.integrations.start(integration, event, this);
  }

  #problemOf(validation: NonNullable<CompiledRoute['validation']>): string | undefined {
    const since = this.trail?.begin();
    const problem = validation(this.#told);
    this.trail?.mark('validation', { note: problem ?? 'fits the model' }, since);
    return problem;
  }

  /** For the integration. */
  ended(outcome: IntegrationOutcome): void {
    try {
      const millis = this.#plane.clock.turnTicks() - this.#calledAt;
      this.integration = integrationFacts(this.#integration, outcome, millis);
      if (outcome.kind === 'failure') this.#fail(outcome.status, outcome.message, outcome);
      else this.#answered(outcome.status, outcome.body);
    } catch (bug) {
      this.#failed(bug);
    }
  }

  /** For the integration. */
  broke(bug: unknown): void {
    this.#fail(500, errorMessages.internal, gatewayFault);
    this.#plane.work.failed('A message', bug);
  }

  #failed(bug: unknown): void {
    this.#plane.work.failed('A message', bug);
    this.#end();
  }

  get #integration(): CompiledIntegration {
    return this.#route!.integration!;
  }

  #answered(status: number, body: Buffer): void {
    const refused = status >= 400 ? backendError(status) : undefined;
    if (!this.#route!.twoWay) return void this.#done(status, refused);
    const sent = sendReply(this.#connection, this.stage.extensions, body);
    if (sent === 'full') return void this.#done(status, unread);
    if (sent === 'tooLong') {
      const reason = `the reply of ${body.length} bytes is too long for a message`;
      return void this.#fail(500, errorMessages.internal, { rule: 'reply-too-long', reason });
    }
    this.replied = true;
    this.trail?.mark('reply', { body });
    this.#done(status, refused);
  }

  #fail(status: number, message: string, failure: Failure): void {
    this.message = message;
    sendError(this.#connection, this.context, message, this.trail);
    this.#done(status, failure);
  }

  #done(status: number, failure: Failure | undefined): void {
    const { apiId, stageName, connectionId } = this.#connection.facts;
    const { clock, recorder } = this.#plane;
    this.event = {
      kind: 'message',
      apiId,
      stage: stageName,
      connectionId,
      requestId: this.#told.requestId,
      route: this.#route?.routeKey ?? '$default',
      status,
      millis: clock.turnNow() - this.at,
      bytes: this.#body.bytes.length,
      reason: failure?.reason,
      rule: failure?.rule,
    };
    recorder.record(this);
    this.#end();
  }

  #end(): void {
    const over = this.#over;
    this.#over = undefined;
    over?.();
  }
}

interface Failure {
  readonly reason: string;
  readonly rule: RuleName;
}

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
function selectRoute(stage: CompiledStage, body: MessageBody): CompiledRoute | undefined {
  const { routes, defaultRoute, stageVariables } = stage;
  if (routes.size === 0) return defaultRoute;
  // First, because it may find out on its way whether the text is JSON.
  const selected = stage.routeSelection.evaluate({ body, stageVariables });
  return (body.isJson ? routes.get(selected) : undefined) ?? defaultRoute;
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
