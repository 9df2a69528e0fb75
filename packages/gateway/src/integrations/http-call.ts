/** What HTTP_PROXY and HTTP share: the request line, the gateway's own headers, what can go wrong. */

import { classify } from '../backends/http/backend-error.ts';
import { RequestError } from '../backends/http/request-head.ts';
import type {
  BackendError,
  BackendFailure,
  CallListener,
  HttpCaller,
} from '../backends/http-caller.ts';
import { RETRY_HEADER } from '../events/gateway-event.ts';
import {
  addForwarded,
  addTrace,
  type HeaderList,
  InvalidHeaderError,
} from '../events/header-list.ts';
import { JsonPathError } from '../mapping/json-path/json-path-error.ts';
import { BodyNotJsonError, type ParameterMapping } from '../mapping/parameter-mapping.ts';
import { percentEncode } from '../mapping/percent-encode.ts';
import type { EventScope } from '../mapping/scope.ts';
import type { HttpIntegration, HttpProxyIntegration } from '../resources/compiled-integration.ts';
import type { StepName } from '../telemetry/trace.ts';
import type { StepDetail, Trail } from '../telemetry/trail.ts';
import { errorMessages } from '../wire/error-frame.ts';
import {
  configurationError,
  type IntegrationAnswer,
  type IntegrationEvent,
  type IntegrationFailure,
  type IntegrationListener,
} from './integration.ts';

export interface HttpRequest {
  readonly path: string;
  readonly headers: string[];
  readonly body: Buffer;
}

/** Methods whose requests carry no body: a message's text does not reach such a backend. */
const BODYLESS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether a request of this method has a body that is so long. */
export const hasBody = (method: string, bytes: number) => bytes > 0 && !BODYLESS.has(method);

/**
 * Builds and sends the request. What a client, a backend or a mapping may do is an outcome; what it
 * throws is a bug.
 */
export function sendToBackend(
  caller: HttpCaller,
  integration: HttpProxyIntegration | HttpIntegration,
  event: IntegrationEvent,
  build: () => HttpRequest,
  listener: IntegrationListener,
): void {
  const { scope, wantsBody, clientCertificate, trail } = event;
  const call = new BackendCall(trail, listener);
  call.begins(integration.kind);
  try {
    const { path, headers, body } = build();
    const { method, timeoutMillis } = integration;
    const { origin } = integration.uri;
    const sent = hasBody(method, body.length) ? body : null;
    call.mapped({ method, url: origin + path, headers, body: sent });
    caller.send(
      {
        origin,
        path,
        method,
        headers,
        body: sent,
        timeoutMillis,
        wantsBody: wantsBody || trail?.keepsSteps === true,
        clientCertificate,
        signedFor: scope.connection.connectionId,
      },
      call,
    );
  } catch (error) {
    call.failedToMap(error as Error);
  }
}

/** A call under way, with its steps on the trail where somebody follows it. */
export class BackendCall implements CallListener {
  readonly #trail: Trail | undefined;
  readonly #listener: IntegrationListener;
  #since: number | undefined;

  constructor(trail: Trail | undefined, listener: IntegrationListener) {
    this.#trail = trail;
    this.#listener = listener;
  }

  begins(kind: string): void {
    this.#since = this.#trail?.begin();
    this.#trail?.beginCall(kind);
  }

  mapped(request: StepDetail): void {
    this.#trail?.mark('mapped request', request, this.#since);
    this.#since = this.#trail?.begin();
  }

  /** Rethrows what only the gateway can have brought about. */
  failedToMap(error: Error): void {
    if (error instanceof RequestError) return void this.failed(classify(error));
    this.#note('mapped request', error);
    this.#listener.ended(clientFault(error));
  }

  answered(status: number, headers: IntegrationAnswer['headers'], body: Buffer): void {
    this.#trail?.mark('backend response', { status, headers, body }, this.#since);
    this.#trail?.endCall(status);
    this.#listener.ended({ kind: 'answer', status, headers, body });
  }

  failed(error: BackendError): void {
    this.#note('backend response', error);
    this.#listener.ended(backendFailure(error));
  }

  #note(step: StepName, { message }: Error): void {
    this.#trail?.endCall(undefined, message);
    this.#trail?.mark(step, { note: message }, this.#since);
  }
}

/** A query the client sent goes through untouched; mapped values are added to it. */
export function requestPath(
  integration: HttpProxyIntegration | HttpIntegration,
  { scope }: Pick<IntegrationEvent, 'scope'>,
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

/** Of an event, what the gateway's own headers are made of. */
export type HeaderSources = Pick<IntegrationEvent, 'traceId' | 'trail'> & {
  readonly scope: Pick<EventScope, 'connection' | 'retry'>;
};

/** What every call of API Gateway carries; the client's own User-Agent and Accept come first. */
export function gatewayHeaders(headers: HeaderList, event: HeaderSources): void {
  const { scope, traceId, trail } = event;
  const { apiId, identity } = scope.connection;
  headers.setDefault('User-Agent', `AmazonAPIGateway_${apiId}`);
  headers.setDefault('Accept', 'application/json');
  addForwarded(headers, identity.sourceIp);
  headers.set('X-Amzn-Trace-Id', traceId);
  headers.set('X-Amzn-Apigateway-Api-Id', apiId);
  if (scope.retry !== undefined) headers.set(RETRY_HEADER, String(scope.retry));
  addTrace(headers, trail?.callTrace);
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
