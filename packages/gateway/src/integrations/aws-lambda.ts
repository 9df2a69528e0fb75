/**
 * AWS with a function behind it ("Lambda custom integration"): the function receives what the request
 * template makes, and what it returns goes through the integration responses, selected by its error
 * message.
 */
import type { LambdaInvoker } from '../backends/lambda/lambda-call.ts';
import type { LambdaIntegration } from '../resources/compiled-integration.ts';
import { callSource, errorMessage } from './aws-proxy.ts';
import type { IntegrationEvent, IntegrationOutcome } from './integration.ts';
import { invoke } from './invoke.ts';
import { lambdaFailure } from './lambda-failure.ts';
import { renderRequest } from './request-template.ts';
import { mapAnswer } from './response-template.ts';

export async function callLambda(
  lambda: LambdaInvoker,
  integration: LambdaIntegration,
  event: IntegrationEvent,
): Promise<IntegrationOutcome> {
  const rendered = renderRequest(integration.request, event.scope);
  if (!Buffer.isBuffer(rendered)) return rendered;
  try {
    const { payload, functionError, status, requestId } = await invoke(lambda, event.trail, {
      ...integration.function,
      payload: rendered.length === 0 ? Buffer.from('{}') : rendered,
      timeoutMillis: integration.timeoutMillis,
      invocationType: isEvent(integration, event) ? 'Event' : 'RequestResponse',
      traceId: event.traceId,
      source: callSource(event),
    });
    const failed = functionError !== undefined;
    const answer = {
      kind: 'answer',
      status: failed ? 500 : status === 202 ? 200 : status,
      headers: {},
      body: payload,
      requestId,
    } as const;
    // Read from the body, as its expression says: a function may also return an error message.
    return mapAnswer(integration.response, event, answer, errorMessage(payload));
  } catch (error) {
    return lambdaFailure(error);
  }
}

/** A mapped `X-Amz-Invocation-Type: 'Event'` makes the call asynchronous. */
function isEvent({ parameters }: LambdaIntegration, { scope }: IntegrationEvent): boolean {
  const mapping = parameters.find(
    ({ destination, name }) =>
      destination === 'header' && name.toLowerCase() === 'x-amz-invocation-type',
  );
  return mapping?.read(scope)[0] === 'Event';
}
