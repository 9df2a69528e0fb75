/**
 * How a plain HTTP backend is called: keep-alive pools, one deadline for the whole call, a bounded
 * answer. It knows nothing of routes or connections. Redirects are not followed.
 */
import { Agent, type Dispatcher } from 'undici';
import type { Cancel, Clock } from '../ambient/clock.ts';
import { type AddressGuard, DENIED_ADDRESS_CODE, guardedConnect } from './guarded-connect.ts';

export interface HttpCall {
  /** Such as `https://api.example.com`. */
  readonly origin: string;
  /** Path and query, encoded. */
  readonly path: string;
  readonly method: string;
  /** Name, value, name, value. Spelling is kept on the wire. */
  readonly headers: readonly string[];
  readonly body: Uint8Array | null;
  /** From the call to the last byte of the answer. */
  readonly timeoutMillis: number;
  /** Shown to an https backend that asks for one. */
  readonly clientCertificate?: BackendCertificate | undefined;
  /** `false` reads the answer's body and drops it, which costs no memory. */
  readonly wantsBody: boolean;
}

/** How a backend recognizes the gateway. */
export interface BackendCertificate {
  /** Connections are shared between calls of one id. */
  readonly id: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export interface HttpAnswer {
  readonly status: number;
  /** By lower-case name; repeated headers as a list. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export const backendFailures = ['timeout', 'tls', 'unreachable', 'garbled', 'tooLarge'] as const;
export type BackendFailure = (typeof backendFailures)[number];

/** Why there is no answer. `message` is for the operator's log, never for a client. */
export class BackendError extends Error {
  readonly failure: BackendFailure;

  constructor(failure: BackendFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}

export interface HttpCallerOptions {
  readonly clock: Clock;
  /** Open connections to one origin; further calls wait their turn within their own deadline. */
  readonly connectionsPerOriginMax: number;
  readonly guard?: AddressGuard;
}

/** AWS's limit on an integration's answer. */
export const RESPONSE_BYTES_MAX = 10 * 1024 * 1024;
/** Load balancers close idle connections at 60 s and servers at 5 s: leave before they do. */
const KEEP_ALIVE_DEFAULT_MILLIS = 4_000;
const KEEP_ALIVE_MAX_MILLIS = 25_000;

export class HttpCaller {
  readonly #clock: Clock;
  readonly #connectionsMax: number;
  readonly #guard: AddressGuard;
  readonly #agent: Agent;
  /** By certificate id: a connection is authenticated once, when it is made. */
  readonly #agentsWithCertificate = new Map<string, Agent>();

  constructor(options: HttpCallerOptions) {
    this.#clock = options.clock;
    this.#connectionsMax = options.connectionsPerOriginMax;
    this.#guard = options.guard ?? { denied: undefined, allowed: undefined };
    this.#agent = this.#createAgent();
  }

  /** Rejects with `BackendError` and nothing else. */
  call(call: HttpCall): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const exchange = new Exchange(call, this.#clock, resolve, reject);
      try {
        this.#agentFor(call.clientCertificate).dispatch(
          {
            origin: call.origin,
            path: call.path,
            method: call.method,
            headers: call.headers as string[],
            body: call.body,
          },
          exchange,
        );
      } catch (error) {
        exchange.fail(error as Error);
      }
    });
  }

  /** Ends idle connections; calls still running are cut off. */
  async stop(): Promise<void> {
    const agents = [this.#agent, ...this.#agentsWithCertificate.values()];
    await Promise.all(agents.map((agent) => agent.destroy()));
  }

  #agentFor(certificate: BackendCertificate | undefined): Agent {
    if (!certificate) return this.#agent;
    const known = this.#agentsWithCertificate.get(certificate.id);
    if (known) return known;
    const agent = this.#createAgent(certificate);
    this.#agentsWithCertificate.set(certificate.id, agent);
    return agent;
  }

  #createAgent(certificate?: BackendCertificate): Agent {
    return new Agent({
      connections: this.#connectionsMax,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_DEFAULT_MILLIS,
      keepAliveMaxTimeout: KEEP_ALIVE_MAX_MILLIS,
      // One deadline per call, ours: undici's two timers cost more and cover less.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: guardedConnect(this.#guard, {
        timeout: 30_000,
        ...(certificate && { cert: certificate.certificatePem, key: certificate.privateKeyPem }),
      }),
    });
  }
}

/** One call under way, as undici reports it. Settles exactly once. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #call: HttpCall;
  readonly #resolve: (answer: HttpAnswer) => void;
  readonly #reject: (error: BackendError) => void;
  readonly #cancelDeadline: Cancel;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #bytes = 0;
  #status = 0;
  #headers: HttpAnswer['headers'] = {};

  constructor(
    call: HttpCall,
    clock: Clock,
    resolve: (answer: HttpAnswer) => void,
    reject: (error: BackendError) => void,
  ) {
    this.#call = call;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#cancelDeadline = clock.after(call.timeoutMillis, () => {
      this.#abort(new BackendError('timeout', `no answer within ${call.timeoutMillis} ms`));
    });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // The deadline may have passed while the call waited for a connection.
    if (this.#settled) controller.abort(new Error('deadline passed'));
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: HttpAnswer['headers'],
  ): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > RESPONSE_BYTES_MAX) {
      this.#abort(new BackendError('tooLarge', `the answer exceeds ${RESPONSE_BYTES_MAX} bytes`));
    } else if (this.#call.wantsBody) {
      this.#chunks.push(chunk);
    }
  }

  onResponseEnd(): void {
    if (this.#settled) return;
    this.#settle();
    const body = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.#resolve({ status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_: unknown, error: Error): void {
    this.fail(error);
  }

  fail(error: Error): void {
    if (this.#settled) return;
    this.#settle();
    this.#reject(error instanceof BackendError ? error : classify(error));
  }

  #abort(error: BackendError): void {
    this.fail(error);
    this.#controller?.abort(error);
  }

  #settle(): void {
    this.#settled = true;
    this.#cancelDeadline();
  }
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNRESET',
  'EPIPE',
  DENIED_ADDRESS_CODE,
  'UND_ERR_SOCKET',
  'UND_ERR_DESTROYED',
  'UND_ERR_CLOSED',
]);

function classify(error: Error & { code?: string; errors?: Error[] }): BackendError {
  const code = error.code ?? (error.errors?.[0] as { code?: string } | undefined)?.code ?? '';
  const message = error.message || code;
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') {
    return new BackendError('timeout', message);
  }
  if (UNREACHABLE.has(code)) return new BackendError('unreachable', message);
  if (/CERT|TLS|SSL|SELF_SIGNED|EPROTO|UNABLE_TO/.test(code)) {
    return new BackendError('tls', message);
  }
  return new BackendError('garbled', message);
}
