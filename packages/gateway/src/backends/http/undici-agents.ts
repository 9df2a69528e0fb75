/** Calls of https backends, over undici: TLS, its sessions, and client certificates. */
import { createRequire } from 'node:module';
import { createSecureContext } from 'node:tls';
import type { Agent, Dispatcher } from 'undici';
import { guardedConnect, guardedLookup, type HostGuard } from '../guarded-connect.ts';
import { connectionTimes } from './connection-times.ts';
import type { Exchange } from './exchange.ts';
import type { BackendCertificate, HttpCall } from './http-call.ts';

/** Read when the first https backend is called: many gateways call none, and it holds 8 MB. */
const loadUndici = createRequire(import.meta.url) as (name: 'undici') => typeof import('undici');

export interface UndiciAgentsOptions {
  readonly connectionsPerOriginMax: number;
  readonly guard: HostGuard;
  /** PEM: whose certificates backends may have. Left out, those that Node.js trusts. */
  readonly authorities: readonly string[] | undefined;
}

export class UndiciAgents {
  readonly #options: UndiciAgentsOptions;
  #agent: Agent | undefined;
  /** By certificate id: a connection is authenticated once, when it is made. */
  readonly #agentsWithCertificate = new Map<string, Agent>();

  constructor(options: UndiciAgentsOptions) {
    this.#options = options;
    // Authorities that cannot be read are to be known at the start.
    if (options.authorities) this.#agent = this.#createAgent();
  }

  /** Throws undici's own errors for what cannot be written as a request. */
  send(call: HttpCall, exchange: Exchange): void {
    const { origin, path, method, body } = call;
    const headers = call.headers as string[];
    this.#agentFor(call.clientCertificate).dispatch(
      { origin, path, method, headers, body },
      handlerOf(exchange),
    );
  }

  async stop(): Promise<void> {
    const agents = [this.#agent, ...this.#agentsWithCertificate.values()];
    await Promise.all(agents.map((agent) => agent?.destroy()));
  }

  #agentFor(certificate: BackendCertificate | undefined): Agent {
    if (!certificate) {
      this.#agent ??= this.#createAgent();
      return this.#agent;
    }
    const known = this.#agentsWithCertificate.get(certificate.id);
    if (known) return known;
    const agent = this.#createAgent(certificate);
    this.#agentsWithCertificate.set(certificate.id, agent);
    return agent;
  }

  #createAgent(certificate?: BackendCertificate): Agent {
    const { connectionsPerOriginMax, guard } = this.#options;
    const { Agent, buildConnector } = loadUndici('undici');
    const lookup = guardedLookup(guard);
    const tls = this.#tlsOptions(certificate);
    return new Agent({
      connections: connectionsPerOriginMax,
      pipelining: 1,
      keepAliveTimeout: connectionTimes.keepAliveDefaultSeconds * 1000,
      keepAliveMaxTimeout: connectionTimes.keepAliveMaxSeconds * 1000,
      // One deadline per call, ours: undici's two timers cost more and cover less.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: guardedConnect(
        guard,
        buildConnector({ timeout: connectionTimes.connectMillis, lookup, ...tls }),
      ),
    });
  }

  #tlsOptions(certificate: BackendCertificate | undefined) {
    const { authorities } = this.#options;
    const shown = certificate && {
      cert: certificate.certificatePem,
      key: certificate.privateKeyPem,
    };
    if (!authorities) return shown ?? {};
    // Parsed once: a hundred authorities would cost more than a connection does.
    return { secureContext: createSecureContext({ ...shown, ca: [...authorities] }) };
  }
}

function handlerOf(exchange: Exchange): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (controller) =>
      exchange.carriedBy({ giveUp: (_, error) => controller.abort(error) }),
    onResponseStart: (_, status, headers) => exchange.receivedHead(status, headers),
    onResponseData: (_, chunk) => exchange.receivedData(chunk, 0, chunk.length),
    onResponseEnd: () => exchange.ended(),
    onResponseError: (_, error) => exchange.failed(error),
  };
}
