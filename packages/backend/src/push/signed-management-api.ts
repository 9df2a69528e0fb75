import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { type Ambient, sleep } from '../ambient.ts';
import { limits } from '../limits.ts';
import type { Credentials } from './credentials.ts';
import { type Endpoint, regionOf } from './endpoint.ts';
import { exchange, type Outcome } from './exchange.ts';
import type { ManagementApi } from './management-api.ts';
import { outcomeError } from './outcome-error.ts';
import { signV4 } from './sign-v4.ts';

export interface SignedManagementApiOptions {
  /** Asked before every call, so that the address may change. */
  readonly endpoint: () => Endpoint;
  readonly region: string | undefined;
  readonly credentials: () => Promise<Credentials | undefined>;
  readonly timeoutMillis: number;
  readonly attemptsMax: number;
  readonly ambient: Ambient;
}

const EMPTY = new Uint8Array(0);

/**
 * Management calls over kept-alive sockets, signed when there are credentials. A call is sent
 * again after a failed connection, a 429 or a 5xx, each time after a longer pause.
 */
export class SignedManagementApi implements ManagementApi {
  readonly #options: SignedManagementApiOptions;
  readonly #http: HttpAgent;
  readonly #https: HttpsAgent;

  constructor(options: SignedManagementApiOptions) {
    this.#options = options;
    const settings = {
      keepAlive: true,
      maxSockets: limits.socketsMax,
      timeout: limits.socketIdleMillis,
    };
    this.#http = new HttpAgent(settings);
    this.#https = new HttpsAgent(settings);
  }

  post(connectionId: string, data: Uint8Array): Promise<void> {
    return this.#call('POST', connectionId, data);
  }

  get(connectionId: string): Promise<void> {
    return this.#call('GET', connectionId, EMPTY);
  }

  delete(connectionId: string): Promise<void> {
    return this.#call('DELETE', connectionId, EMPTY);
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  async #call(method: string, connectionId: string, body: Uint8Array): Promise<void> {
    const { ambient, attemptsMax } = this.#options;
    const endpoint = this.#options.endpoint();
    for (let attempt = 1; ; attempt++) {
      const credentials = await this.#options.credentials();
      const outcome = await this.#send(endpoint, method, connectionId, body, credentials);
      if (outcome.kind === 'answer' && outcome.status >= 200 && outcome.status < 300) return;
      if (attempt === attemptsMax || !maySendAgain(outcome)) {
        throw outcomeError(outcome, endpoint, credentials !== undefined);
      }
      await sleep(ambient, backoffMillis(attempt, ambient.random()));
    }
  }

  #send(
    endpoint: Endpoint,
    method: string,
    connectionId: string,
    body: Uint8Array,
    credentials: Credentials | undefined,
  ): Promise<Outcome> {
    const { ambient, timeoutMillis } = this.#options;
    const path = `${endpoint.stagePath}/@connections/${encodeURIComponent(connectionId)}`;
    const plain: Record<string, string> = { host: endpoint.host };
    if (method === 'POST') plain['content-type'] = 'application/octet-stream';
    const headers =
      credentials === undefined
        ? plain
        : signV4(
            { method, path, headers: plain, body },
            {
              credentials,
              region: this.#region(endpoint),
              service: 'execute-api',
              nowMillis: ambient.now(),
            },
          );
    const agent = endpoint.protocol === 'https:' ? this.#https : this.#http;
    return exchange({ endpoint, method, path, headers, body, agent, timeoutMillis }, ambient);
  }

  #region(endpoint: Endpoint): string {
    return (
      this.#options.region ??
      regionOf(endpoint) ??
      process.env.AWS_REGION ??
      process.env.AWS_DEFAULT_REGION ??
      'us-east-1'
    );
  }
}

/** A timeout is not repeated: the message may be on its way to the client. */
function maySendAgain(outcome: Outcome): boolean {
  if (outcome.kind === 'answer') return outcome.status === 429 || outcome.status >= 500;
  return outcome.kind === 'no-connection';
}

/** Doubles with every attempt; chance takes off up to half, so that callers spread out. */
function backoffMillis(attempt: number, random: number): number {
  const full = Math.min(limits.backoffBaseMillis * 2 ** (attempt - 1), limits.backoffMillisMax);
  return full * (1 - random / 2);
}
