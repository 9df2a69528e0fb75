/**
 * AWS with any other service behind it: a signed call of the operation that the integration URI names
 * (`…:sqs:path/{account}/{queue}`, `…:dynamodb:action/PutItem`).
 */
import { BackendError } from '../backends/http-caller.ts';
import type { ServiceCaller } from '../backends/service-caller.ts';
import { addTrace, HeaderList } from '../events/header-list.ts';
import type { ServiceIntegration } from '../resources/compiled-integration.ts';
import { backendFailure, clientFault, mapHeaders } from './http-call.ts';
import type { IntegrationEvent, IntegrationOutcome } from './integration.ts';
import { renderRequest } from './request-template.ts';
import { mapAnswer } from './response-template.ts';

export async function callService(
  services: ServiceCaller,
  integration: ServiceIntegration,
  event: IntegrationEvent,
): Promise<IntegrationOutcome> {
  const body = renderRequest(integration.request, event.scope);
  if (!Buffer.isBuffer(body)) return body;
  const { trail } = event;
  let since: number | undefined;
  try {
    const { service, method } = integration;
    trail?.beginCall(`${service.service} ${service.target}`);
    const headers = new HeaderList();
    headers.set('User-Agent', `AmazonAPIGateway_${event.scope.context.apiId}`);
    headers.set('Accept', 'application/json');
    headers.set('X-Amzn-Trace-Id', trail?.callTrace?.traceId ?? event.traceId);
    addTrace(headers, trail?.callTrace);
    mapHeaders(headers, integration.parameters, event.scope);
    if (trail) {
      const note = `${service.service} ${service.target}`;
      trail.mark('mapped request', { method, note, headers: headers.flat(), body });
      since = trail.begin();
    }
    const answer = await services.call({
      service,
      method,
      query: mapped(integration, event, 'querystring'),
      places: new Map(mapped(integration, event, 'path')),
      headers: headers.flat(),
      body,
      timeoutMillis: integration.timeoutMillis,
    });
    trail?.mark('backend response', answer, since);
    trail?.endCall(answer.status);
    const outcome = { kind: 'answer', ...answer } as const;
    return mapAnswer(integration.response, event, outcome, String(answer.status));
  } catch (error) {
    trail?.mark('backend response', { note: (error as Error).message }, since);
    trail?.endCall(undefined, (error as Error).message);
    if (error instanceof BackendError) return backendFailure(error);
    return clientFault(error);
  }
}

function mapped(
  { parameters }: ServiceIntegration,
  { scope }: IntegrationEvent,
  destination: 'querystring' | 'path',
): [name: string, value: string][] {
  return parameters
    .filter((mapping) => mapping.destination === destination)
    .flatMap((mapping) =>
      mapping.read(scope).map((value): [string, string] => [mapping.name, value]),
    );
}
