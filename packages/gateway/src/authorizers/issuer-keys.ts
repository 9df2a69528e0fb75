/**
 * The keys an issuer publishes at a URL (a JSON Web Key Set). AWS keeps those of its HTTP APIs for up to
 * two hours whatever happens; here they are ten minutes old at most while the issuer answers, and are
 * used for a day while it does not.
 */
import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import type { Clock } from '../ambient/clock.ts';
import type { HttpCaller } from '../backends/http-caller.ts';
import type { Log } from '../telemetry/log.ts';

type Jose = typeof import('jose');

export interface IssuerKeysOptions {
  readonly http: Pick<HttpCaller, 'call'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** The keys are not to be had: nobody's token can be verified. `message` is for the operator's log. */
export class JwtKeysError extends Error {}

const FETCH_MILLIS = 5_000;
/** So old may keys be before the issuer is asked again. */
const FRESH_MILLIS = 600_000;
/** So long after the last good answer they are used although the issuer gives none. */
const OUTAGE_MILLIS = 24 * 3_600_000;
/** Between two questions that known keys, or a token with another's name, give rise to. */
const PAUSE_MILLIS = 30_000;

type FoundKey = Awaited<ReturnType<JWTVerifyGetKey>>;

interface KnownKeys {
  readonly find: JWTVerifyGetKey;
  /** Ticks of the answer they came with. */
  readonly since: number;
}

export class IssuerKeys {
  readonly #url: URL;
  readonly #jose: Jose;
  readonly #options: IssuerKeysOptions;
  #known: KnownKeys | undefined;
  /** Why the last question went unanswered. */
  #failure: JwtKeysError | undefined;
  /** Ticks of the end of the last question. */
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<JWTVerifyGetKey> | undefined;

  constructor(url: URL, jose: Jose, options: IssuerKeysOptions) {
    this.#url = url;
    this.#jose = jose;
    this.#options = options;
  }

  /** The key of a token. Rejects with `JwtKeysError`, and as `jose` does where the token is to blame. */
  async find(...token: Parameters<JWTVerifyGetKey>): Promise<FoundKey> {
    const find = await this.#current();
    try {
      return await find(...token);
    } catch (error) {
      if (!(error instanceof this.#jose.errors.JWKSNoMatchingKey)) throw error;
      if (this.#isWithin(PAUSE_MILLIS, this.#askedAt)) throw this.#failure ?? error;
    }
    const renewed = await this.#ask();
    return renewed(...token);
  }

  async #current(): Promise<JWTVerifyGetKey> {
    const known = this.#known;
    if (!known || !this.#isWithin(OUTAGE_MILLIS, known.since)) return this.#ask();
    if (this.#isWithin(FRESH_MILLIS, known.since)) return known.find;
    if (this.#failure && this.#isWithin(PAUSE_MILLIS, this.#askedAt)) return known.find;
    const renewed = this.#ask().catch(() => known.find);
    // An issuer that hangs holds up the handshakes that find it so, and none after them.
    return this.#failure ? known.find : renewed;
  }

  /** Whoever asks while an answer is under way gets the same. */
  #ask(): Promise<JWTVerifyGetKey> {
    this.#asking ??= this.#fetch()
      .then(
        (find) => this.#answered(find),
        (error: Error) => this.#unanswered(error),
      )
      .finally(() => {
        this.#asking = undefined;
        this.#askedAt = this.#options.clock.ticks();
      });
    return this.#asking;
  }

  #answered(find: JWTVerifyGetKey): JWTVerifyGetKey {
    const { clock, log } = this.#options;
    if (this.#known && this.#failure) log.info(`The keys at ${this.#url.origin} are fetched again`);
    this.#known = { find, since: clock.ticks() };
    this.#failure = undefined;
    return find;
  }

  #unanswered({ message: reason }: Error): never {
    const { log } = this.#options;
    const { origin } = this.#url;
    if (this.#known && !this.#failure) {
      const instead = 'those of before are used, for a day at most';
      log.warn(`The keys at ${origin} cannot be fetched: ${instead}`, { reason });
    }
    this.#failure = new JwtKeysError(`the keys at ${origin}: ${reason}`);
    throw this.#failure;
  }

  /** Fetched as backends are called: with the gateway's guard on addresses, redirects not followed. */
  async #fetch(): Promise<JWTVerifyGetKey> {
    const { origin, pathname, search } = this.#url;
    const { status, body } = await this.#options.http.call({
      origin,
      path: pathname + search,
      method: 'GET',
      headers: ['Accept', 'application/jwk-set+json, application/json'],
      body: null,
      timeoutMillis: FETCH_MILLIS,
      wantsBody: true,
    });
    if (status !== 200) throw new Error(`the answer is ${status}`);
    return this.#jose.createLocalJWKSet(readSet(body.toString()));
  }

  #isWithin(millis: number, ticks: number): boolean {
    return this.#options.clock.ticks() - ticks < millis;
  }
}

function readSet(text: string): JSONWebKeySet {
  try {
    return JSON.parse(text) as JSONWebKeySet;
  } catch {
    // What the parser says of it would show some of it.
    throw new Error('the answer is no JSON');
  }
}
