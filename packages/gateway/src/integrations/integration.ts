/**
 * What every integration takes and gives. An integration turns one event into one call of its
 * backend; it decides neither what is done with the answer nor what is logged.
 */
import type { BackendCertificate } from '../backends/http-caller.ts';
import type { GatewayEvent } from '../events/gateway-event.ts';
import { errorMessages } from '../wire/error-frame.ts';
import type { RuleName } from '../wire/rules.ts';

export interface IntegrationEvent extends GatewayEvent {
  /** Whether anybody will look at the answer's body. */
  readonly wantsBody: boolean;
  /** The stage's, for https backends that ask who calls. */
  readonly clientCertificate?: BackendCertificate | undefined;
}

/** Who waits for an integration's end. One of the two is called, once; neither may throw. */
export interface IntegrationListener {
  ended(outcome: IntegrationOutcome): void;
  /** A bug of the gateway. */
  broke(bug: unknown): void;
}

export type IntegrationOutcome = IntegrationAnswer | IntegrationFailure;

export interface IntegrationAnswer {
  readonly kind: 'answer';
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** What a function's call was known by. */
  readonly requestId?: string;
}

export interface IntegrationFailure {
  readonly kind: 'failure';
  /** What a refused handshake answers. */
  readonly status: 400 | 415 | 500 | 502 | 504;
  /** What the client reads, in the error frame or the refused handshake. */
  readonly message: string;
  /** What the operator reads in the log. */
  readonly reason: string;
  readonly rule: RuleName;
}

/** Something the operator has configured cannot run; AWS tells the client no more than this. */
export function configurationError(reason: string): IntegrationFailure {
  const rule = 'integration-misconfigured';
  return { kind: 'failure', status: 500, message: errorMessages.internal, reason, rule };
}
