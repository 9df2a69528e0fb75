/**
 * The lines of an execution log, as recorded from AWS (developer guide, "CloudWatch execution logging").
 * At ERROR only what failed is told; at INFO the whole way of an event; with data trace, what went to
 * the backend and came back, without the values that authenticate somebody.
 */
import type { RouteMonitoring } from '../resources/compiled-monitoring.ts';
import { redact } from '../telemetry/redact.ts';
import type { TraceStep } from '../telemetry/trace.ts';
import type { Facts } from './facts.ts';

/** AWS cuts what is longer. */
export const LINE_BYTES_MAX = 1024;

type Level = Pick<RouteMonitoring, 'loggingLevel' | 'dataTrace'>;

/** Everything there is to tell, for whoever looks at one event. */
export const tellsAll: Level = { loggingLevel: 'INFO', dataTrace: true };

/** Without line breaks, each of at most `LINE_BYTES_MAX` bytes. */
export function executionLines(facts: Facts, { loggingLevel, dataTrace }: Level): string[] {
  const { event } = facts;
  if (loggingLevel === 'OFF' || event.kind === 'control') return [];
  const failure = failureOf(facts);
  if (loggingLevel === 'ERROR') return failure === undefined ? [] : [line(facts, failure)];
  const texts = [
    `Extended Request Id: ${event.requestId}`,
    `Starting execution for request: ${event.requestId}`,
    ...opening(facts),
    ...(dataTrace ? (facts.trail?.steps ?? []).flatMap(traced) : []),
    ...endpointRequestId(facts),
    ...(failure === undefined ? [] : [failure]),
    ...ending(facts),
  ];
  // Looked through as a whole: most events have nothing to take out of any line.
  const whole = texts.join(' ');
  const isHarmless = PLAIN.test(whole) && redact(whole) === whole;
  return texts.map((text) => (isHarmless ? cut(prefixed(facts, text)) : line(facts, text)));
}

/** Secrets that a backend's words or a client's header may hold are taken out here, once for all lines. */
function line(facts: Facts, text: string): string {
  return cut(prefixed(facts, redact(text)).replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' '));
}

const PLAIN = /^[\x20-\x7e]*$/;

const prefixed = ({ event }: Facts, text: string) => `(${event.requestId}) ${text}`;

function cut(whole: string): string {
  // Three bytes are the most that a character of a string can take.
  if (whole.length * 3 <= LINE_BYTES_MAX || Buffer.byteLength(whole) <= LINE_BYTES_MAX) {
    return whole;
  }
  const bytes = Buffer.from(whole).subarray(0, LINE_BYTES_MAX);
  // A character that was cut in two.
  return bytes.toString().replace(/\uFFFD+$/, '');
}

function opening({ event, context }: Facts): string[] {
  const { userAgent = '', sourceIp = '' } = context?.identity ?? {};
  switch (event.kind) {
    case 'connect':
      return [
        `WebSocket Request Route: [${event.route}]`,
        `Client [UserAgent: ${userAgent}, SourceIp: ${sourceIp}] is connecting to WebSocket API [${event.apiId}].`,
      ];
    case 'message':
      return [
        `WebSocket Request Route: [${event.route}]`,
        `WebSocket API [${event.apiId}] received message from client [Connection Id: ${event.connectionId}].`,
      ];
    case 'disconnect':
      return [
        `WebSocket Request Route: [${event.route}]`,
        ...(event.retry ? [`Retry ${event.retry} of $disconnect`] : []),
      ];
    default:
      return [];
  }
}

function ending({ event, context, integration }: Facts): string[] {
  const client = `Client [Connection Id: ${event.connectionId}]`;
  switch (event.kind) {
    case 'connect':
      return event.status < 300
        ? [`${client} connected to API [${event.apiId}] successfully.`]
        : [];
    case 'message':
      if (integration?.status === undefined) return [];
      return [
        `Message from client [Connection Id: ${event.connectionId}] sent to API [${event.apiId}] with response status code [${integration.status}].`,
      ];
    case 'disconnect': {
      const status = integration?.status ?? integration?.failure?.status;
      const answered =
        status === undefined ? '' : ` with integration response status code [${status}]`;
      const { disconnectStatusCode: code = event.status, disconnectReason = '' } = context ?? {};
      return [
        `${client} disconnected from API [${event.apiId}]${answered}. Close reason: [${code}: ${disconnectReason}]`,
      ];
    }
    default:
      return event.status < 400
        ? [`Connection API request completed with status: ${event.status}`]
        : [];
  }
}

/** What failed, in the words the operator needs; a close by the client or a backend is no failure. */
function failureOf(facts: Facts): string | undefined {
  const { event, integration, exception, isGivenUp } = facts;
  switch (event.kind) {
    case 'connect':
    case 'message':
      if (event.rule === undefined) return undefined;
      return `Execution failed: ${event.reason ?? event.rule}`;
    case 'disconnect':
      if (isGivenUp) return `Execution failed: ${event.reason}`;
      return integration?.failure && `Execution failed: ${integration.failure.reason}`;
    default:
      return event.status < 400 ? undefined : `Connection API request failed: ${exception}`;
  }
}

function endpointRequestId({ integration }: Facts): string[] {
  const { requestId } = integration ?? {};
  return requestId === undefined ? [] : [`AWS Integration Endpoint RequestId : ${requestId}`];
}

function traced(step: TraceStep): string[] {
  const { url, note, headers = [], body, status, durationMillis } = step;
  const pairs = headers.map(([name, value]) => `${name}=${value}`).join(', ');
  switch (step.name) {
    case 'mapped request':
      return [
        `Endpoint request URI: ${url ?? note ?? ''}`,
        ...(headers.length > 0 ? [`Endpoint request headers: {${pairs}}`] : []),
        ...(body === undefined ? [] : [`Endpoint request body after transformations: ${body}`]),
      ];
    case 'backend response':
      return [
        `Received response. Status: ${status ?? note ?? ''}, Integration latency: ${Math.round(durationMillis)} ms`,
        ...(headers.length > 0 ? [`Endpoint response headers: {${pairs}}`] : []),
        ...(body === undefined ? [] : [`Endpoint response body before transformations: ${body}`]),
      ];
    case 'response mapping':
      return [`Method response body after transformations: ${body ?? note ?? ''}`];
    default:
      return [];
  }
}
