import type { ConnectionFacts } from '../connections/connection.ts';
import type { AuthorizerFacts, IntegrationFacts } from '../monitoring/facts.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import type { Trail } from '../telemetry/trail.ts';
import type { RequestContext } from '../wire/request-context.ts';
import type { ArrivedHandshake } from './arrived-handshake.ts';
import type { EventIds } from './event.ts';
import type { HandshakeRequest } from './handshake-request.ts';

/** What is known of every handshake, however far it may come. */
export interface Attempt {
  /** Epoch milliseconds. */
  readonly startedAt: number;
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

/** A handshake that passed every check which asks nobody, and is now decided on. */
export interface Opening extends Attempt {
  readonly request: ArrivedHandshake;
  readonly stage: CompiledStage;
  readonly handshake: HandshakeRequest;
  readonly apiKey: string | undefined;
  /** What is known of the client before anybody was asked. */
  readonly asked: ConnectionFacts;
}
