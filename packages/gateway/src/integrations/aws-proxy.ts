/**
 * AWS_PROXY: a Lambda function receives the whole event and answers with a proxy response
 * (developer guide, "Set up a WebSocket API integration request").
 */
import type { LambdaCallSource, LambdaInvoker } from '../backends/lambda/lambda-call.ts';
import { lambdaEvent } from '../events/lambda-event.ts';
import type { LambdaProxyIntegration } from '../resources/compiled-integration.ts';
import { errorMessages } from '../wire/error-frame.ts';
import type { RuleName } from '../wire/rules.ts';
import type {
  IntegrationAnswer,
  IntegrationEvent,
  IntegrationFailure,
  IntegrationOutcome,
} from './integration.ts';
import { invoke } from './invoke.ts';
import { lambdaFailure } from './lambda-failure.ts';
import { readLambdaResponse } from './lambda-response.ts';

export async function callLambdaProxy(
  lambda: LambdaInvoker,
  integration: LambdaProxyIntegration,
  event: IntegrationEvent,
): Promise<IntegrationOutcome> {
  try {
    const { payload, functionError, requestId } = await invoke(lambda, event.trail, {
      ...integration.function,
      payload: lambdaEvent(event, integration.toBinary),
      timeoutMillis: integration.timeoutMillis,
      invocationType: 'RequestResponse',
      traceId: event.traceId,
      source: callSource(event),
    });
    if (functionError !== undefined) {
      return functionFailed('function-failed', `the function failed: ${errorMessage(payload)}`);
    }
    const response = readLambdaResponse(payload);
    if (typeof response === 'string') {
      return functionFailed('function-response-malformed', response);
    }
    return { ...response, headers: withCharset(response.headers), requestId };
  } catch (error) {
    return lambdaFailure(error);
  }
}

/** As recorded: a refused handshake's content type names UTF-8 even where the function did not. */
function withCharset(headers: IntegrationAnswer['headers']): IntegrationAnswer['headers'] {
  const contentType = headers['content-type'];
  if (typeof contentType !== 'string' || /charset=/i.test(contentType)) return headers;
  return { ...headers, 'content-type': `${contentType}; charset=UTF-8` };
}

function functionFailed(rule: RuleName, reason: string): IntegrationFailure {
  return { kind: 'failure', status: 502, message: errorMessages.internal, reason, rule };
}

/** The event as Lambda's permissions name it. */
export function callSource({ scope }: IntegrationEvent): LambdaCallSource {
  const { apiId, stage, routeKey, requestId } = scope.context;
  return { apiId, path: `${stage}/${routeKey}`, requestId };
}

/** What a function that threw says of it. */
export function errorMessage(payload: Buffer): string {
  try {
    const { errorMessage = '' } = JSON.parse(payload.toString()) as { errorMessage?: unknown };
    return String(errorMessage);
  } catch {
    return '';
  }
}
