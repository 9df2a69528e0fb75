/**
 * AWS_PROXY: a Lambda function receives the whole event and answers with a proxy response
 * (developer guide, "Set up a WebSocket API integration request").
 */
import type { LambdaInvoker } from '../backends/lambda/lambda-call.ts';
import type { LambdaProxyIntegration } from '../resources/compiled-integration.ts';
import { errorMessages } from '../wire/error-frame.ts';
import type { IntegrationEvent, IntegrationFailure, IntegrationOutcome } from './integration.ts';
import { lambdaEvent } from './lambda-event.ts';
import { lambdaFailure } from './lambda-failure.ts';
import { readLambdaResponse } from './lambda-response.ts';

export async function callLambdaProxy(
  lambda: LambdaInvoker,
  integration: LambdaProxyIntegration,
  event: IntegrationEvent,
): Promise<IntegrationOutcome> {
  try {
    const { payload, functionError } = await lambda.invoke({
      ...integration.function,
      payload: lambdaEvent(event, integration.toBinary),
      timeoutMillis: integration.timeoutMillis,
      invocationType: 'RequestResponse',
      traceId: event.traceId,
    });
    if (functionError !== undefined) {
      return functionFailed(`the function failed: ${errorMessage(payload)}`);
    }
    const response = readLambdaResponse(payload);
    return typeof response === 'string' ? functionFailed(response) : response;
  } catch (error) {
    return lambdaFailure(error);
  }
}

function functionFailed(reason: string): IntegrationFailure {
  return { kind: 'failure', status: 502, message: errorMessages.internal, reason };
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
