/**
 * HTTP_PROXY: the event goes to a plain HTTP backend "as is" (aws-apigateway developer guide,
 * "Set up a WebSocket API integration request"). Nothing of the context is sent unless it is mapped,
 * the connectionId included.
 */
import type { HttpCaller } from '../backends/http-caller.ts';
import { HeaderList } from '../events/header-list.ts';
import type { HttpProxyIntegration } from '../resources/compiled-integration.ts';
import { decodeBase64 } from './base64.ts';
import { callBackend, contentType, gatewayHeaders, mapHeaders, requestPath } from './http-call.ts';
import {
  configurationError,
  type IntegrationEvent,
  type IntegrationOutcome,
} from './integration.ts';

/** Never rejects: what goes wrong is an outcome with the status and message AWS gives it. */
export async function callHttpProxy(
  caller: HttpCaller,
  integration: HttpProxyIntegration,
  event: IntegrationEvent,
): Promise<IntegrationOutcome> {
  const { body: message } = event.scope;
  const body = integration.toBinary ? decodeBase64(message.text) : message.bytes;
  if (!body) return configurationError('CONVERT_TO_BINARY, and the message is no base64');
  return callBackend(caller, integration, event, () => ({
    path: requestPath(integration, event, event.handshake?.rawQuery),
    headers: requestHeaders(integration, event),
    body,
  }));
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
