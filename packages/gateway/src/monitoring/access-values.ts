/**
 * What the variables of an access log stand for (developer guide, "Set up logging for WebSocket APIs").
 * Which of them are filled follows recorded rows: of an integration the flat names, of `integration.…`
 * none. What is not known prints as a hyphen.
 */

import type { EventKind } from '../telemetry/log.ts';
import { hiddenKey } from '../telemetry/visible.ts';
import { clfTime, type Identity } from '../wire/request-context.ts';
import { ruleOf } from '../wire/rules.ts';
import type { Facts } from './facts.ts';

type Value = string | number | undefined | null;

const EVENT_TYPES: Readonly<Partial<Record<EventKind, string>>> = {
  connect: 'CONNECT',
  message: 'MESSAGE',
  disconnect: 'DISCONNECT',
  push: 'CONNECTION_API',
  'fan-out': 'CONNECTION_API',
  get: 'CONNECTION_API',
  delete: 'CONNECTION_API',
};

/** Whether the event is one that AWS writes a row for: it tells of an end once. */
export const hasAccessRow = ({ event }: Facts): boolean =>
  EVENT_TYPES[event.kind] !== undefined && event.retry === undefined;

/** The value of a path such as `identity.sourceIp`, as text; `undefined` where there is none. */
export function accessValue(facts: Facts, path: string): string | undefined {
  const dot = path.indexOf('.');
  const value = dot < 0 ? plainValue(facts, path) : ofPart(facts, path, dot);
  return value === undefined || value === null ? undefined : String(value);
}

function ofPart(facts: Facts, path: string, dot: number): Value {
  const name = path.slice(dot + 1);
  switch (path.slice(0, dot)) {
    case 'identity':
      return identityValue(facts, name);
    case 'authorizer':
      return authorizerValue(facts, name);
    case 'authenticate':
    case 'authorize':
      return iamValue(facts, path);
    case 'error':
      return errorValue(facts, name);
    default:
      return undefined;
  }
}

const plain: Readonly<Record<string, (facts: Facts) => Value>> = {
  apiId: ({ event }) => event.apiId,
  awsEndpointRequestId: ({ integration }) => integration?.requestId,
  connectedAt: ({ context }) => context?.connectedAt,
  connectionId: ({ event }) => event.connectionId,
  disconnectReason: ({ context }) => context?.disconnectReason,
  disconnectStatusCode: ({ context }) => context?.disconnectStatusCode,
  domainName: ({ context, caller }) => context?.domainName ?? caller?.facts().domainName,
  eventType: ({ event }) => EVENT_TYPES[event.kind],
  extendedRequestId: ({ event }) => event.requestId,
  integrationErrorMessage: ({ integration }) => integration?.failure?.reason,
  integrationLatency: ({ integration }) =>
    integration && integration.kind !== 'MOCK' ? Math.round(integration.millis) : undefined,
  integrationStatus: ({ integration }) => integration?.status,
  messageId: ({ context }) => context?.messageId,
  requestId: ({ event }) => event.requestId,
  requestTime: ({ at }) => clfTime(at),
  requestTimeEpoch: ({ at }) => at,
  routeKey: ({ event }) => event.route,
  stage: ({ event }) => event.stage,
  status: statusOf,
};

function plainValue(facts: Facts, name: string): Value {
  return Object.hasOwn(plain, name) ? plain[name]!(facts) : undefined;
}

/** Of a disconnect the integration's: the close code is `disconnectStatusCode`. */
function statusOf({ event, integration }: Facts): Value {
  if (event.kind !== 'disconnect') return event.status;
  return integration?.status ?? integration?.failure?.status;
}

function identityValue(facts: Facts, name: string): Value {
  const value = identityOf(facts)?.[name as keyof Identity];
  // A key that travels in URLs is guarded everywhere: AWS's own logs show the end of one.
  const isGuarded = name === 'apiKey' && Boolean(facts.stage?.extensions.apiKeyQueryParameter);
  if (isGuarded && typeof value === 'string') return hiddenKey(value);
  return typeof value === 'string' ? value : undefined;
}

const identityOf = ({ context, caller }: Facts) => context?.identity ?? caller?.facts().identity;

/** What the authorizer said of the client; of the call itself, what the gateway knows. */
function authorizerValue({ context, authorizer }: Facts, name: string): Value {
  if (authorizer?.kind === 'lambda') {
    switch (name) {
      case 'integrationLatency':
      case 'latency':
        return authorizer.millis;
      case 'integrationStatus':
      case 'status':
        return authorizer.status;
      case 'error':
        return authorizer.error;
    }
  }
  const values = context?.authorizer;
  return values && Object.hasOwn(values, name) ? values[name] : undefined;
}

/** A signature is checked first, then the policies of whoever made it. */
function iamValue({ authorizer, event }: Facts, path: string): Value {
  if (authorizer?.kind !== 'iam') return undefined;
  const isDenied = event.rule === 'policy-allows-not';
  const isAuthorize = path.startsWith('authorize.');
  const failed = authorizer.status !== 200;
  switch (path.slice(path.indexOf('.') + 1)) {
    case 'latency':
      return isAuthorize ? undefined : authorizer.millis;
    case 'status':
      if (isAuthorize) return failed && !isDenied ? undefined : authorizer.status;
      return isDenied ? 200 : authorizer.status;
    case 'error':
      return isDenied === isAuthorize ? authorizer.error : undefined;
    default:
      return undefined;
  }
}

/** Only of what the gateway itself refused; a push to a connection that is gone has no error. */
function errorValue({ event, message }: Facts, name: string): Value {
  if (event.kind === 'disconnect' || event.rule === undefined) return undefined;
  const { responseType } = ruleOf(event.rule);
  if (responseType === undefined) return undefined;
  switch (name) {
    case 'message':
      return message;
    case 'messageString':
      return message === undefined || message === null ? undefined : JSON.stringify(message);
    case 'responseType':
      return responseType;
    case 'validationErrorString':
      return event.rule === 'model-mismatch' ? event.reason : undefined;
    default:
      return undefined;
  }
}
