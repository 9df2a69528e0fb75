/**
 * HTTP_PROXY: the event goes to a plain HTTP backend "as is" (aws-apigateway developer guide,
 * "Set up a WebSocket API integration request"). Nothing of the context is sent unless it is mapped,
 * the connectionId included.
 */
import type { HttpCaller } from '../backends/http-caller.ts';
import { HeaderList } from '../events/header-list.ts';
import type { HttpProxyIntegration } from '../resources/compiled-integration.ts';
import { decodeBase64 } from './base64.ts';
import {
  BackendCall,
  contentType,
  gatewayHeaders,
  hasBody,
  mapHeaders,
  requestPath,
  sendToBackend,
} from './http-call.ts';
import {
  configurationError,
  type IntegrationEvent,
  type IntegrationListener,
} from './integration.ts';
import { type MessageHead, messageHead } from './message-head.ts';

/** What goes wrong is an outcome with the status and message AWS gives it; what it throws is a bug. */
export function sendHttpProxy(
  caller: HttpCaller,
  integration: HttpProxyIntegration,
  event: IntegrationEvent,
  listener: IntegrationListener,
): void {
  const { body: message } = event.scope;
  const body = integration.toBinary ? decodeBase64(message.text) : message.bytes;
  if (!body) {
    const reason = 'CONVERT_TO_BINARY, and the message is no base64';
    return void listener.ended(configurationError(reason));
  }
  if (isMessage(event) && hasBody(integration.method, body.length)) {
    const isWritten = !event.trail && caller.takesWritten(integration.uri.origin);
    const head = isWritten ? messageHead(integration, event) : undefined;
    if (head) return void sendWritten(caller, integration, event, { head, body, listener });
  }
  const build = () => ({
    path: requestPath(integration, event, event.handshake?.rawQuery),
    headers: requestHeaders(integration, event),
    body,
  });
  sendToBackend(caller, integration, event, build, listener);
}

/** No handshake, and not the end of a connection either. */
const isMessage = ({ scope, handshake }: IntegrationEvent) =>
  scope.body.bytes.length > 0 && !handshake && scope.retry === undefined;

interface Written {
  readonly head: MessageHead;
  readonly body: Buffer;
  readonly listener: IntegrationListener;
}

/** A message that nobody follows: its head is mostly text that the first message has made. */
function sendWritten(
  caller: HttpCaller,
  integration: HttpProxyIntegration,
  event: IntegrationEvent,
  { head, body, listener }: Written,
): void {
  const { method, timeoutMillis, uri } = integration;
  const call = new BackendCall(undefined, listener);
  let text: string;
  try {
    text = head.write(event, body.length);
  } catch (error) {
    return void call.failedToMap(error as Error);
  }
  const { scope, wantsBody } = event;
  const ascii = body === scope.body.bytes ? scope.body.ascii : undefined;
  const written = {
    origin: uri.origin,
    method,
    head: text,
    body,
    text: ascii,
    timeoutMillis,
    wantsBody,
  };
  caller.sendWritten(written, call);
}

function requestHeaders(integration: HttpProxyIntegration, event: IntegrationEvent): string[] {
  const { scope } = event;
  const headers = new HeaderList();
  if (event.handshake) headers.addForwardable(event.handshake.rawHeaders);
  if (scope.body.bytes.length > 0) headers.setDefault('Content-Type', contentType(scope));
  gatewayHeaders(headers, event);
  mapHeaders(headers, integration.parameters, scope);
  return headers.flat();
}
