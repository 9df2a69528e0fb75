/**
 * HTTP_PROXY: the event goes to a plain HTTP backend "as is" (aws-apigateway developer guide,
 * "Set up a WebSocket API integration request"). Nothing of the context is sent unless it is mapped,
 * the connectionId included.
 */
import { BackendError, type BackendFailure, type HttpCaller } from '../backends/http-caller.ts';
import type { EventScope } from '../mapping/scope.ts';
import type { HttpProxyIntegration } from '../resources/compiled-stage.ts';
import { errorMessages } from '../wire/error-frame.ts';
import { addForwarded, HeaderList, InvalidHeaderError } from './header-list.ts';
import type { IntegrationEvent, IntegrationFailure, IntegrationOutcome } from './integration.ts';

/** Methods whose requests carry no body: a message's text does not reach such a backend. */
const BODYLESS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Never rejects: what goes wrong is an outcome with the status and message AWS gives it. */
export async function callHttpProxy(
  caller: HttpCaller,
  integration: HttpProxyIntegration,
  event: IntegrationEvent,
): Promise<IntegrationOutcome> {
  try {
    const { body } = event.scope;
    const answer = await caller.call({
      origin: integration.uri.origin,
      path: requestPath(integration, event),
      method: integration.method,
      headers: requestHeaders(integration, event),
      body: BODYLESS.has(integration.method) || body.bytes.length === 0 ? null : body.bytes,
      timeoutMillis: integration.timeoutMillis,
      wantsBody: event.wantsBody,
    });
    return { kind: 'answer', ...answer };
  } catch (error) {
    if (error instanceof BackendError) return failure(error);
    if (error instanceof InvalidHeaderError) {
      return {
        kind: 'failure',
        status: 400,
        message: errorMessages.badRequest,
        reason: error.message,
      };
    }
    throw error;
  }
}

/** The client's own query goes through untouched; mapped values are added to it. */
function requestPath(integration: HttpProxyIntegration, event: IntegrationEvent): string {
  const places = new Map<string, string>();
  const pairs: string[] = [];
  if (event.handshake?.rawQuery) pairs.push(event.handshake.rawQuery);
  for (const mapping of integration.parameters) {
    if (mapping.destination === 'header') continue;
    for (const value of mapping.read(event.scope)) {
      if (mapping.destination === 'path') places.set(mapping.name, value);
      else pairs.push(`${encodeURIComponent(mapping.name)}=${encodeURIComponent(value)}`);
    }
  }
  const path = integration.uri.path(places);
  if (pairs.length === 0) return path;
  return `${path}${path.includes('?') ? '&' : '?'}${pairs.join('&')}`;
}

function requestHeaders(integration: HttpProxyIntegration, event: IntegrationEvent): string[] {
  const { scope } = event;
  const headers = new HeaderList();
  if (event.handshake) headers.addForwardable(event.handshake.rawHeaders);
  headers.setDefault('User-Agent', `AmazonAPIGateway_${scope.context.apiId}`);
  headers.setDefault('Accept', 'application/json');
  if (scope.body.bytes.length > 0) headers.setDefault('Content-Type', contentType(scope));
  addForwarded(headers, scope.context.identity.sourceIp);
  headers.set('X-Amzn-Trace-Id', event.traceId);
  headers.set('X-Amzn-Apigateway-Api-Id', scope.context.apiId);
  for (const mapping of integration.parameters) {
    if (mapping.destination !== 'header') continue;
    const values = mapping.read(scope);
    if (values.length > 0) headers.set(mapping.name, values.join(','));
  }
  return headers.flat();
}

/** No recording shows what AWS sends; backends choose their parser by it, so it is told truly. */
function contentType(scope: EventScope): string {
  return scope.body.isJson ? 'application/json' : 'text/plain; charset=utf-8';
}

const failures: Record<BackendFailure, Pick<IntegrationFailure, 'status' | 'message'>> = {
  timeout: { status: 504, message: errorMessages.timeout },
  tls: { status: 504, message: errorMessages.network },
  unreachable: { status: 500, message: errorMessages.internal },
  garbled: { status: 500, message: errorMessages.internal },
  tooLarge: { status: 500, message: errorMessages.internal },
};

function failure(error: BackendError): IntegrationFailure {
  return { kind: 'failure', ...failures[error.failure], reason: error.message };
}
