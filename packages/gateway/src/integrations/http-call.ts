/** What HTTP_PROXY and HTTP share: the request line, the gateway's own headers, what can go wrong. */

import { BackendError, type BackendFailure, type HttpCaller } from '../backends/http-caller.ts';
import { RETRY_HEADER } from '../events/gateway-event.ts';
import { addForwarded, type HeaderList, InvalidHeaderError } from '../events/header-list.ts';
import { JsonPathError } from '../mapping/json-path/json-path-error.ts';
import { BodyNotJsonError, type ParameterMapping } from '../mapping/parameter-mapping.ts';
import { percentEncode } from '../mapping/percent-encode.ts';
import type { EventScope } from '../mapping/scope.ts';
import type { HttpIntegration, HttpProxyIntegration } from '../resources/compiled-integration.ts';
import { headerPairs } from '../telemetry/visible.ts';
import { errorMessages } from '../wire/error-frame.ts';
import {
  configurationError,
  type IntegrationEvent,
  type IntegrationFailure,
  type IntegrationOutcome,
} from './integration.ts';

export interface HttpRequest {
  readonly path: string;
  readonly headers: string[];
  readonly body: Buffer;
}

/** Methods whose requests carry no body: a message's text does not reach such a backend. */
const BODYLESS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Builds and sends the request. Never rejects for what a client, a backend or a mapping may do. */
export async function callBackend(
  caller: HttpCaller,
  integration: HttpProxyIntegration | HttpIntegration,
  { scope, wantsBody, clientCertificate, trail }: IntegrationEvent,
  build: () => HttpRequest,
): Promise<IntegrationOutcome> {
  let since = trail?.begin();
  trail?.beginCall(integration.kind);
  try {
    const { path, headers, body } = build();
    const hasBody = body.length > 0 && !BODYLESS.has(integration.method);
    const { method, timeoutMillis } = integration;
    const { origin } = integration.uri;
    if (trail) {
      const shown = { method, url: origin + path, headers, body: hasBody ? body : null };
      trail.mark('mapped request', shown, since);
      since = trail.begin();
    }
    const answer = await caller.call({
      origin,
      path,
      method,
      headers,
      body: hasBody ? body : null,
      timeoutMillis,
      wantsBody: wantsBody || trail?.keepsSteps === true,
      clientCertificate,
      signedFor: scope.context.connectionId,
    });
    trail?.mark('backend response', answer, since);
    trail?.endCall(answer.status);
    return { kind: 'answer', ...answer };
  } catch (error) {
    trail?.endCall(undefined, (error as Error).message);
    const step = error instanceof BackendError ? 'backend response' : 'mapped request';
    trail?.mark(step, { note: (error as Error).message }, since);
    if (error instanceof BackendError) return backendFailure(error);
    return clientFault(error);
  }
}

/** A query the client sent goes through untouched; mapped values are added to it. */
export function requestPath(
  integration: HttpProxyIntegration | HttpIntegration,
  { scope }: IntegrationEvent,
  clientQuery = '',
): string {
  const places = new Map<string, string>();
  const pairs = clientQuery === '' ? [] : [clientQuery];
  for (const mapping of integration.parameters) {
    if (mapping.destination === 'header') continue;
    for (const value of mapping.read(scope)) {
      if (mapping.destination === 'path') places.set(mapping.name, value);
      else pairs.push(`${percentEncode(mapping.name)}=${percentEncode(value)}`);
    }
  }
  const path = integration.uri.path(places);
  if (pairs.length === 0) return path;
  return `${path}${path.includes('?') ? '&' : '?'}${pairs.join('&')}`;
}

/** What every call of API Gateway carries; the client's own User-Agent and Accept come first. */
export function gatewayHeaders(headers: HeaderList, event: IntegrationEvent): void {
  const { scope, traceId, trail } = event;
  const { apiId, identity } = scope.context;
  headers.setDefault('User-Agent', `AmazonAPIGateway_${apiId}`);
  headers.setDefault('Accept', 'application/json');
  addForwarded(headers, identity.sourceIp);
  headers.set('X-Amzn-Trace-Id', traceId);
  headers.set('X-Amzn-Apigateway-Api-Id', apiId);
  if (scope.retry !== undefined) headers.set(RETRY_HEADER, String(scope.retry));
  // Only where an SDK for tracing is loaded.
  if (trail) for (const [name, value] of headerPairs(trail.headers)) headers.set(name, value);
}

/** Mapped headers replace whatever is there under the same name. */
export function mapHeaders(
  headers: HeaderList,
  parameters: readonly ParameterMapping[],
  scope: EventScope,
): void {
  for (const mapping of parameters) {
    if (mapping.destination !== 'header') continue;
    const values = mapping.read(scope);
    if (values.length > 0) headers.set(mapping.name, values.join(','));
  }
}

/** No recording shows what AWS sends; backends choose their parser by it, so it is told truly. */
export function contentType({ body }: EventScope): string {
  if (body.isBinary) return 'application/octet-stream';
  return body.isJson ? 'application/json' : 'text/plain; charset=utf-8';
}

const { timeout, network, internal } = errorMessages;
const failures: Record<BackendFailure, Pick<IntegrationFailure, 'status' | 'message' | 'rule'>> = {
  timeout: { status: 504, message: timeout, rule: 'backend-timeout' },
  tls: { status: 504, message: network, rule: 'backend-tls' },
  unreachable: { status: 500, message: internal, rule: 'backend-unreachable' },
  garbled: { status: 500, message: internal, rule: 'backend-garbled' },
  tooLarge: { status: 500, message: internal, rule: 'backend-answer-too-long' },
};

export function backendFailure(error: BackendError): IntegrationFailure {
  return { kind: 'failure', ...failures[error.failure], reason: error.message };
}

/** What only the client can have brought about, and not the backend. Rethrows the rest. */
export function clientFault(error: unknown): IntegrationFailure {
  if (error instanceof InvalidHeaderError) {
    const { message: reason } = error;
    const rule = 'mapped-value-invalid';
    return { kind: 'failure', status: 400, message: errorMessages.badRequest, reason, rule };
  }
  if (error instanceof BodyNotJsonError) {
    const message = errorMessages.invalidJson;
    const reason = 'a mapping reads from the message';
    return { kind: 'failure', status: 400, message, reason, rule: 'message-not-json' };
  }
  // The message is deeper or wider than a path may be followed through.
  if (error instanceof JsonPathError) return configurationError(`a mapping: ${error.message}`);
  throw error;
}
