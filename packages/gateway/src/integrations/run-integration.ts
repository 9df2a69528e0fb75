import type { HttpCaller } from '../backends/http-caller.ts';
import type { LambdaInvoker } from '../backends/lambda/lambda-call.ts';
import type { ServiceCaller } from '../backends/service-caller.ts';
import type { CompiledIntegration } from '../resources/compiled-integration.ts';
import { callLambda } from './aws-lambda.ts';
import { callLambdaProxy } from './aws-proxy.ts';
import { callService } from './aws-service.ts';
import { callHttp } from './http.ts';
import { sendHttpProxy } from './http-proxy.ts';
import {
  configurationError,
  type IntegrationEvent,
  type IntegrationListener,
  type IntegrationOutcome,
} from './integration.ts';
import { answerMock } from './mock.ts';

/** What integrations may call with; one member per kind of backend. */
export interface Backends {
  readonly http: HttpCaller;
  readonly lambda: LambdaInvoker;
  readonly services: ServiceCaller;
}

/** Runs an integration of whichever type. The one list of types the data plane serves. */
export class IntegrationRunner {
  readonly #backends: Backends;

  constructor(backends: Backends) {
    this.#backends = backends;
  }

  /** Rejects for a bug, and for nothing that a client, a backend or a configuration may do. */
  run(integration: CompiledIntegration, event: IntegrationEvent): Promise<IntegrationOutcome> {
    return new Promise((ended, broke) => this.start(integration, event, { ended, broke }));
  }

  /**
   * The same without a promise: a call of HTTP_PROXY, which most messages are, makes none on its way.
   */
  start(
    integration: CompiledIntegration,
    event: IntegrationEvent,
    listener: IntegrationListener,
  ): void {
    try {
      if (integration.kind === 'HTTP_PROXY') {
        sendHttpProxy(this.#backends.http, integration, event, listener);
        return;
      }
      this.#call(integration, event).then(
        (outcome) => listener.ended(outcome),
        (bug: unknown) => listener.broke(bug),
      );
    } catch (bug) {
      listener.broke(bug);
    }
  }

  async #call(
    integration: Exclude<CompiledIntegration, { kind: 'HTTP_PROXY' }>,
    event: IntegrationEvent,
  ): Promise<IntegrationOutcome> {
    const { http, lambda, services } = this.#backends;
    switch (integration.kind) {
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
  }
}
