import type { IntegrationOutcome } from '../integrations/integration.ts';
import type { IntegrationFacts } from '../monitoring/facts.ts';
import type { CompiledIntegration } from '../resources/compiled-integration.ts';

/** What the logs and metrics are told of an integration's run. */
export function integrationFacts(
  { kind }: CompiledIntegration,
  outcome: IntegrationOutcome,
  millis: number,
): IntegrationFacts {
  if (outcome.kind === 'answer') {
    const { status, requestId } = outcome;
    return { kind, millis, status, failure: undefined, requestId };
  }
  return { kind, millis, status: undefined, failure: outcome, requestId: undefined };
}
