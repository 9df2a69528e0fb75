import type { EventScope, HandshakeParameters } from '../mapping/scope.ts';
import type { Trail } from '../telemetry/trail.ts';

/** One event of a connection, as backends, functions and authorizers are told of it. */
export interface GatewayEvent {
  readonly scope: EventScope;
  /** Value of `X-Amzn-Trace-Id`. */
  readonly traceId: string;
  /** Present while somebody looks. */
  readonly trail?: Trail | undefined;
  /** For `$connect`: what the client sent, for the backend to see as it was. */
  readonly handshake?: HandshakeParameters & {
    /** Name, value, name, value: as received, in order. */
    readonly rawHeaders: readonly string[];
    /** Without `?`; empty when there was none. */
    readonly rawQuery: string;
  };
}

/** AWS tells an event once. Who may be told twice can recognize it by this header. */
export const RETRY_HEADER = 'X-Postern-Retry';
