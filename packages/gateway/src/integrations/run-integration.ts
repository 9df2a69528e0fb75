import type { HttpCaller } from '../backends/http-caller.ts';
import type { CompiledIntegration } from '../resources/compiled-stage.ts';
import { errorMessages } from '../wire/error-frame.ts';
import { callHttpProxy } from './http-proxy.ts';
import type { IntegrationEvent, IntegrationOutcome } from './integration.ts';

/** What integrations may call with; one member per kind of backend. */
export interface Backends {
  readonly http: HttpCaller;
}

export type RunIntegration = (
  integration: CompiledIntegration,
  event: IntegrationEvent,
) => Promise<IntegrationOutcome>;

/** Runs an integration of whichever type. The one list of types the data plane serves. */
export function integrationRunner(backends: Backends): RunIntegration {
  return async (integration, event) => {
    switch (integration.kind) {
      case 'HTTP_PROXY':
        return callHttpProxy(backends.http, integration, event);
      case 'broken':
        return {
          kind: 'failure',
          status: 500,
          message: errorMessages.internal,
          reason: integration.reason,
        };
    }
  };
}
