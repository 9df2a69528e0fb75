/**
 * HTTP: a plain HTTP backend that receives what the request template makes, the mapped parameters and
 * the gateway's own headers, and nothing else of the client's.
 */
import type { HttpCaller } from '../backends/http-caller.ts';
import { HeaderList } from '../events/header-list.ts';
import type { MessageBody } from '../mapping/scope.ts';
import type { HttpIntegration } from '../resources/compiled-integration.ts';
import { gatewayHeaders, mapHeaders, requestPath, sendToBackend } from './http-call.ts';
import type { IntegrationEvent, IntegrationOutcome } from './integration.ts';
import { renderRequest } from './request-template.ts';
import { mapAnswer } from './response-template.ts';

export async function callHttp(
  caller: HttpCaller,
  integration: HttpIntegration,
  event: IntegrationEvent,
): Promise<IntegrationOutcome> {
  const body = renderRequest(integration.request, event.scope);
  if (!Buffer.isBuffer(body)) return body;
  const build = () => {
    const headers = new HeaderList();
    if (body.length > 0) headers.set('Content-Type', contentTypeOf(body, event.scope.body));
    gatewayHeaders(headers, event);
    mapHeaders(headers, integration.parameters, event.scope);
    return { path: requestPath(integration, event), headers: headers.flat(), body };
  };
  const outcome = await new Promise<IntegrationOutcome>((ended, broke) => {
    sendToBackend(caller, integration, event, build, { ended, broke });
  });
  if (outcome.kind === 'failure') return outcome;
  return mapAnswer(integration.response, event, outcome, String(outcome.status));
}

/** A template's text is JSON, as AWS takes it to be; a binary message that is passed on is not. */
function contentTypeOf(body: Buffer, message: MessageBody): string {
  const isMessage = body === message.bytes;
  return isMessage && message.isBinary ? 'application/octet-stream' : 'application/json';
}
