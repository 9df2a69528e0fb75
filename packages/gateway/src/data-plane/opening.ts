import type { GatewayEvent } from '../events/gateway-event.ts';
import type { RequestContext as Conditions } from '../iam/request-context.ts';
import type { SignedRequest } from '../iam/sigv4.ts';
import type { AuthorizerFacts, IntegrationFacts } from '../monitoring/facts.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import type { Trail } from '../telemetry/trail.ts';
import type { RequestContext } from '../wire/request-context.ts';
import type { EventIds } from './event.ts';

/** A handshake that has reached a stage and is now decided on. */
export interface Opening {
  readonly stage: CompiledStage;
  readonly handshake: NonNullable<GatewayEvent['handshake']>;
  /** The handshake as a signature covers it. */
  readonly signed: SignedRequest;
  /** What policies may ask of it. */
  readonly conditions: () => Conditions;
  readonly apiKey: string | undefined;
  /** The same for the authorizer, the integration and the client's refusal: it is one request. */
  readonly ids: EventIds;
  readonly trail: Trail | undefined;
  /** What happens on the way, for the facts of the event; told as it happens. */
  readonly told: ConnectFacts;
}

export interface ConnectFacts {
  context?: RequestContext;
  authorizer?: AuthorizerFacts;
  integration?: IntegrationFacts;
}
