/**
 * `$connect`: asks the backend whether the client may come in. Until it has answered there is no
 * connection; a refusal reaches the client as the HTTP answer to its handshake.
 */
import type { ConnectionFacts } from '../connections/connection.ts';
import type { IntegrationAnswer } from '../integrations/integration.ts';
import type { CompiledIntegration } from '../resources/compiled-integration.ts';
import type { CompiledRoute } from '../resources/compiled-stage.ts';
import { errorMessages } from '../wire/error-frame.ts';
import type { RequestContext } from '../wire/request-context.ts';
import type { DataPlane } from './data-plane.ts';
import { buildEvent, connectContext } from './event.ts';
import { integrationFacts } from './integration-facts.ts';
import type { Opening } from './opening.ts';
import { gatewayRefusal, isHeaderValue, type Refusal, throttled } from './refusal.ts';

export type ConnectOutcome =
  /** `protocol` is the sub-protocol the backend chose; it is passed on unchecked, as on AWS. */
  { readonly kind: 'accepted'; readonly protocol?: string } | Refusal;

const ACCEPTED = { kind: 'accepted' } as const;

/** `opening` is known of from its request; `facts` are its client's, with what the authorizer said. */
export function runConnectRoute(
  plane: DataPlane,
  opening: Opening,
  facts: ConnectionFacts,
  authorizerMillis?: number,
): ConnectOutcome | Promise<ConnectOutcome> {
  const { stage, ids, told } = opening;
  // An authorizer was asked, who has not seen what it said itself.
  if (told.context) told.context = connectContext(plane, facts, ids, authorizerMillis);
  const excess = plane.throttle.route(stage, '$connect');
  if (excess !== undefined) {
    const { connectionId } = facts;
    return throttled({ connectionId, requestId: ids.requestId }, excess);
  }
  // Without a $connect route, or with one that goes nowhere, everyone may come in.
  const route = stage.connectRoute;
  if (!route?.integration) return ACCEPTED;
  return askBackend(plane, opening, facts, route, route.integration, authorizerMillis);
}

async function askBackend(
  plane: DataPlane,
  { stage, handshake, ids, trail, told }: Opening,
  facts: ConnectionFacts,
  route: CompiledRoute,
  integration: CompiledIntegration,
  authorizerMillis: number | undefined,
): Promise<ConnectOutcome> {
  const event = buildEvent(plane, stage, facts, {
    eventType: 'CONNECT',
    routeKey: '$connect',
    wantsBody: true,
    ids,
    handshake,
    trail,
    ...(authorizerMillis !== undefined && { authorizerMillis }),
  });
  const { context } = event.scope;
  told.context = context;
  const missing = route.requiredParameters.filter(({ part, name }) => !handshake[part].get(name));
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(', ');
    const message = `Missing required request parameters: [${names}]`;
    trail?.mark('validation', { note: message });
    return gatewayRefusal(context, 400, message, { rule: 'parameter-missing', reason: message });
  }
  const calledAt = plane.clock.ticks();
  const outcome = await plane.integrations.run(integration, event);
  const millis = plane.clock.ticks() - calledAt;
  told.integration = integrationFacts(integration, outcome, millis);
  if (outcome.kind === 'failure') {
    return gatewayRefusal(context, outcome.status, outcome.message, outcome);
  }
  const protocol = first(outcome.headers['sec-websocket-protocol']);
  const unfit = unfitAnswer(outcome.status, protocol);
  if (unfit !== undefined) {
    const fault = { rule: 'integration-misconfigured', reason: unfit } as const;
    return gatewayRefusal(context, 500, errorMessages.internal, fault);
  }
  if (outcome.status >= 200 && outcome.status < 300) {
    return protocol === undefined ? ACCEPTED : { kind: 'accepted', protocol };
  }
  return backendRefusal(context, outcome);
}

/** What a function or a template may say that no answer to a handshake can be made of. */
function unfitAnswer(status: number, protocol: string | undefined): string | undefined {
  if (status < 200) return `${status} is no answer to a handshake`;
  if (protocol === undefined || isHeaderValue('sec-websocket-protocol', protocol)) return undefined;
  return 'the sub-protocol has characters that no header may have';
}

/** The backend's own words reach the client: status, body, and what it takes to read the body. */
function backendRefusal(context: RequestContext, answer: IntegrationAnswer): Refusal {
  const headers: Record<string, string> = { 'x-amz-apigw-id': context.requestId };
  for (const name of ['content-type', 'content-encoding']) {
    const value = first(answer.headers[name]);
    if (value !== undefined) headers[name] = value;
  }
  return {
    kind: 'refused',
    status: answer.status,
    headers,
    body: answer.body,
    reason: `the backend answered ${answer.status} to $connect`,
    rule: 'backend-refused',
  };
}

const first = (value: string | string[] | undefined) =>
  typeof value === 'object' ? value[0] : value;
