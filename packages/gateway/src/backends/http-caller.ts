/**
 * How a plain HTTP backend is called: kept connections, one deadline for the whole call, a bounded
 * answer. It knows nothing of routes or connections. Redirects are not followed.
 */
import type { Clock } from '../ambient/clock.ts';
import type { CallSigner } from './call-signature.ts';
import type { HostGuard } from './guarded-connect.ts';
import type { BackendError } from './http/backend-error.ts';
import { Exchange } from './http/exchange.ts';
import type { HttpAnswer, HttpCall } from './http/http-call.ts';
import { Lanes } from './http/lanes.ts';
import { UndiciAgents } from './http/undici-agents.ts';

export { BackendError, type BackendFailure, backendFailures } from './http/backend-error.ts';
export { RESPONSE_BYTES_MAX } from './http/exchange.ts';
export type { BackendCertificate, HttpAnswer, HttpCall } from './http/http-call.ts';

export interface HttpCallerOptions {
  readonly clock: Clock;
  /** Open connections to one origin; further calls wait their turn within their own deadline. */
  readonly connectionsPerOriginMax: number;
  readonly guard?: HostGuard;
  /** PEM: whose certificates https backends may have. Left out, those that Node.js trusts. */
  readonly authorities?: readonly string[];
  /** Signs the calls that are to be signed. Left out, none is. */
  readonly signer?: CallSigner;
}

export class HttpCaller {
  readonly #clock: Clock;
  readonly #lanes: Lanes;
  readonly #agents: UndiciAgents;
  readonly #signer: CallSigner | undefined;

  constructor(options: HttpCallerOptions) {
    const { clock, connectionsPerOriginMax, guard, authorities, signer } = options;
    const everywhere: HostGuard = guard ?? { denied: undefined, allowed: undefined };
    this.#clock = clock;
    this.#signer = signer;
    this.#lanes = new Lanes({ clock, connectionsPerOriginMax, guard: everywhere });
    this.#agents = new UndiciAgents({ connectionsPerOriginMax, guard: everywhere, authorities });
  }

  /** Rejects with `BackendError` and nothing else. */
  call(call: HttpCall): Promise<HttpAnswer> {
    return new Promise((resolve, reject: (error: BackendError) => void) => {
      const exchange = new Exchange(call, this.#clock, resolve, reject);
      try {
        const carrier = call.origin.startsWith('http:') ? this.#lanes : this.#agents;
        carrier.send(this.#signed(call), exchange);
      } catch (error) {
        exchange.failed(error as Error);
      }
    });
  }

  #signed(call: HttpCall): HttpCall {
    const { signedFor } = call;
    if (!this.#signer || signedFor === undefined) return call;
    return { ...call, headers: this.#signer.headersOf(call, signedFor) };
  }

  /** Ends idle connections; calls still running are cut off. */
  async stop(): Promise<void> {
    this.#lanes.stop();
    await this.#agents.stop();
  }
}
