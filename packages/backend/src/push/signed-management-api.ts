import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { type Ambient, sleep } from '../ambient.ts';
import { limits } from '../limits.ts';
import type { Credentials } from './credentials.ts';
import { type Endpoint, regionOf } from './endpoint.ts';
import { type ExchangeRequest, exchange, type Outcome } from './exchange.ts';
import type { FanOutCounts, ManagementApi } from './management-api.ts';
import { outcomeError } from './outcome-error.ts';
import { isUnknownOperation } from './push-error.ts';
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

type Call = Pick<ExchangeRequest, 'method' | 'path' | 'body' | 'timeoutMillis'>;

const EMPTY = new Uint8Array(0);

/**
 * Management calls over kept-alive sockets, signed when there are credentials. A call is sent
 * again after a failed connection, a 429 or a 5xx, each time after a longer pause.
 */
export class SignedManagementApi implements ManagementApi {
  readonly #options: SignedManagementApiOptions;
  readonly #http: HttpAgent;
  readonly #https: HttpsAgent;
  /** Where a message to all was answered as Amazon API Gateway answers it. */
  #withoutFanOut: Endpoint | undefined;

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

  async post(connectionId: string, data: Uint8Array): Promise<void> {
    await this.#callOne('POST', connectionId, data);
  }

  async get(connectionId: string): Promise<void> {
    await this.#callOne('GET', connectionId, EMPTY);
  }

  async delete(connectionId: string): Promise<void> {
    await this.#callOne('DELETE', connectionId, EMPTY);
  }

  async postToAll(data: Uint8Array): Promise<FanOutCounts | undefined> {
    const { timeoutMillis } = this.#options;
    const endpoint = this.#options.endpoint();
    if (endpoint === this.#withoutFanOut) return undefined;
    const call = {
      method: 'POST',
      path: `${endpoint.stagePath}/@connections`,
      body: data,
      timeoutMillis: timeoutMillis + limits.pushToAllMillis,
    };
    try {
      return JSON.parse(await this.#call(endpoint, call)) as FanOutCounts;
    } catch (error) {
      if (!isUnknownOperation(error)) throw error;
      this.#withoutFanOut = endpoint;
      return undefined;
    }
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #callOne(method: string, connectionId: string, body: Uint8Array): Promise<string> {
    const { timeoutMillis } = this.#options;
    const endpoint = this.#options.endpoint();
    const path = `${endpoint.stagePath}/@connections/${encodeURIComponent(connectionId)}`;
    return this.#call(endpoint, { method, path, body, timeoutMillis });
  }

  /** The body of a good answer. */
  async #call(endpoint: Endpoint, call: Call): Promise<string> {
    const { ambient, attemptsMax } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const credentials = await this.#options.credentials();
      const outcome = await this.#send(endpoint, call, credentials);
      if (outcome.kind === 'answer' && outcome.status >= 200 && outcome.status < 300) {
        return outcome.text;
      }
      if (attempt === attemptsMax || !maySendAgain(outcome)) {
        throw outcomeError(outcome, endpoint, credentials !== undefined);
      }
      await sleep(ambient, backoffMillis(attempt, ambient.random()));
    }
  }

  #send(endpoint: Endpoint, call: Call, credentials: Credentials | undefined): Promise<Outcome> {
    const { ambient } = this.#options;
    const { method, path, body } = call;
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
    return exchange({ ...call, endpoint, headers, agent }, ambient);
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
