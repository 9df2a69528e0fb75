/**
 * How a plain HTTP backend is called: kept connections, one deadline for the whole call, a bounded
 * answer. It knows nothing of routes or connections. Redirects are not followed.
 */
import type { Clock } from '../ambient/clock.ts';
import type { CallSigner } from './call-signature.ts';
import type { HostGuard } from './guarded-connect.ts';
import { Deadlines } from './http/deadlines.ts';
import { Exchange } from './http/exchange.ts';
import type { CallListener, HttpAnswer, HttpCall, WrittenCall } from './http/http-call.ts';
import { Lanes } from './http/lanes.ts';
import { UndiciAgents } from './http/undici-agents.ts';

export { BackendError, type BackendFailure, backendFailures } from './http/backend-error.ts';
export { RESPONSE_BYTES_MAX } from './http/exchange.ts';
export type {
  BackendCertificate,
  CallListener,
  HttpAnswer,
  HttpCall,
  WrittenCall,
} from './http/http-call.ts';

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
  readonly #deadlines: Deadlines;
  readonly #lanes: Lanes;
  readonly #agents: UndiciAgents;
  readonly #signer: CallSigner | undefined;

  constructor(options: HttpCallerOptions) {
    const { clock, connectionsPerOriginMax, guard, authorities, signer } = options;
    const everywhere: HostGuard = guard ?? { denied: undefined, allowed: undefined };
    this.#deadlines = new Deadlines(clock);
    this.#signer = signer;
    this.#lanes = new Lanes({ clock, connectionsPerOriginMax, guard: everywhere });
    this.#agents = new UndiciAgents({ connectionsPerOriginMax, guard: everywhere, authorities });
  }

  /** Rejects with `BackendError` and nothing else. */
  call(call: HttpCall): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      this.send(call, {
        answered: (status, headers, body) => resolve({ status, headers, body }),
        failed: reject,
      });
    });
  }

  /** The same without a promise. Never throws. */
  send(call: HttpCall, listener: CallListener): void {
    const exchange = new Exchange(call, listener, this.#deadlines);
    try {
      const signed = this.#signed(call);
      if (isPlain(call.origin)) {
        exchange.head = this.#lanes.headOf(signed);
        this.#lanes.send(call.origin, exchange);
      } else {
        this.#agents.send(signed, exchange);
      }
    } catch (error) {
      exchange.failed(error as Error);
    }
  }

  /** Whether `sendWritten` may be called: neither for TLS nor where calls are signed. */
  takesWritten(origin: string): boolean {
    return !this.#signer && isPlain(origin);
  }

  /** For requests whose text is made at once. Never throws. */
  sendWritten(call: WrittenCall, listener: CallListener): void {
    const exchange = new Exchange(call, listener, this.#deadlines);
    exchange.head = call.head;
    exchange.text = call.text;
    try {
      this.#lanes.send(call.origin, exchange);
    } catch (error) {
      exchange.failed(error as Error);
    }
  }

  #signed(call: HttpCall): HttpCall {
    const { signedFor } = call;
    if (!this.#signer || signedFor === undefined) return call;
    return { ...call, headers: this.#signer.headersOf(call, signedFor) };
  }

  /** Ends idle connections; calls still running are cut off. */
  async stop(): Promise<void> {
    this.#lanes.stop();
    this.#deadlines.stop();
    await this.#agents.stop();
  }
}

const isPlain = (origin: string) => origin.startsWith('http:');
