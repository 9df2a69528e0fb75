import type { HttpCaller } from '../backends/http-caller.ts';
import type { LambdaInvoker } from '../backends/lambda/lambda-call.ts';
import type { ServiceCaller } from '../backends/service-caller.ts';
import type { CompiledIntegration } from '../resources/compiled-integration.ts';
import { callLambda } from './aws-lambda.ts';
import { callLambdaProxy } from './aws-proxy.ts';
import { callService } from './aws-service.ts';
import { callHttp } from './http.ts';
import { callHttpProxy } from './http-proxy.ts';
import {
  configurationError,
  type IntegrationEvent,
  type IntegrationOutcome,
} from './integration.ts';
import { answerMock } from './mock.ts';

/** What integrations may call with; one member per kind of backend. */
export interface Backends {
  readonly http: HttpCaller;
  readonly lambda: LambdaInvoker;
  readonly services: ServiceCaller;
}

export type RunIntegration = (
  integration: CompiledIntegration,
  event: IntegrationEvent,
) => Promise<IntegrationOutcome>;

/** Runs an integration of whichever type. The one list of types the data plane serves. */
export function integrationRunner({ http, lambda, services }: Backends): RunIntegration {
  return async (integration, event) => {
    switch (integration.kind) {
      case 'HTTP_PROXY':
        return callHttpProxy(http, integration, event);
      case 'HTTP':
        return callHttp(http, integration, event);
      case 'AWS_PROXY':
        return callLambdaProxy(lambda, integration, event);
      case 'AWS_LAMBDA':
        return callLambda(lambda, integration, event);
      case 'AWS_SERVICE':
        return callService(services, integration, event);
      case 'MOCK':
        return answerMock(integration, event);
      case 'broken':
        return configurationError(integration.reason);
    }
  };
}
