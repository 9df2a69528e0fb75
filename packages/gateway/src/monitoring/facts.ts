import type { CompiledIntegration } from '../resources/compiled-integration.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import type { LogEvent } from '../telemetry/log.ts';
import type { Carrier } from '../telemetry/span.ts';
import type { Trail } from '../telemetry/trail.ts';
import type { Identity, RequestContext } from '../wire/request-context.ts';
import type { RuleName } from '../wire/rules.ts';

/** What an event was, told once, at its end. What did not come to pass is absent. */
export interface Facts {
  readonly event: LogEvent;
  /** Epoch milliseconds of its beginning. */
  readonly at: number;
  /** As it was in force; absent where the event reached no stage. */
  readonly stage?: CompiledStage | undefined;
  /** Of a connect, a message or a disconnect. */
  readonly context?: RequestContext | undefined;
  /** What the client was told in words. */
  readonly message?: string | null | undefined;
  readonly integration?: IntegrationFacts | undefined;
  /** `$disconnect` has been tried as often as it may, and is a dead letter now. */
  readonly isGivenUp?: boolean;
  readonly authorizer?: AuthorizerFacts | undefined;
  /** A two-way route's answer went to the client. */
  readonly replied?: boolean | undefined;
  /** Who called `@connections`, and where; made only when somebody asks. */
  readonly caller?: { facts(): CallerFacts } | undefined;
  /** By which a call of `@connections` was refused. */
  readonly exception?: string | undefined;
  readonly trail?: Trail | undefined;
}

/** The one run of an integration. */
export interface IntegrationFacts {
  readonly kind: CompiledIntegration['kind'];
  readonly millis: number;
  /** What the backend answered; absent when it did not. */
  readonly status: number | undefined;
  /** Why there is no answer, or none that could be used. */
  readonly failure:
    | {
        readonly rule: RuleName;
        readonly reason: string;
        /** What the client is answered where it is `$connect` that fails. */
        readonly status: number;
      }
    | undefined;
  /** Of a function. */
  readonly requestId: string | undefined;
}

export interface CallerFacts {
  readonly identity: Identity;
  readonly domainName: string;
  readonly headers: Carrier;
}

/** What came of asking who the client is. */
export interface AuthorizerFacts {
  readonly kind: 'lambda' | 'iam';
  readonly status: number;
  readonly millis: number;
  readonly error?: string;
}
