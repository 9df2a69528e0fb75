/**
 * The public keys that tokens are verified with: a JSON Web Key Set behind a URL, or in a file. Sets of
 * URLs are kept for ten minutes and asked for again, twice a minute at most, when a token names a key
 * they do not have; files are read again every ten seconds at most.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import type { Clock } from '../ambient/clock.ts';
import type { HttpCaller } from '../backends/http-caller.ts';

type Jose = typeof import('jose');

export interface JwtKeysOptions {
  readonly http: Pick<HttpCaller, 'call'>;
  readonly clock: Clock;
  /** Where files of keys are. */
  readonly folder: string;
}

/** The keys are not to be had: nobody's token can be verified. `message` is for the operator's log. */
export class JwtKeysError extends Error {}

const FETCH_MILLIS = 5_000;
const FILE_MILLIS = 10_000;
/** Places whose keys are kept; those asked for first are forgotten beyond. */
const PLACES_MAX = 100;

interface Keys {
  readonly find: JWTVerifyGetKey;
  /** Epoch milliseconds from which on they are looked up anew; absent where the library does. */
  readonly until?: number;
}

export class JwtKeys {
  readonly #options: JwtKeysOptions;
  readonly #places = new Map<string, Promise<Keys>>();

  constructor(options: JwtKeysOptions) {
    this.#options = options;
  }

  /** What finds the key of a token. Rejects with `JwtKeysError`. */
  async of(place: string, jose: Jose): Promise<JWTVerifyGetKey> {
    const known = await this.#places.get(place)?.catch(() => undefined);
    if (known && (known.until === undefined || this.#options.clock.now() < known.until)) {
      return known.find;
    }
    const keys = this.#load(place, jose);
    this.#places.delete(place);
    this.#places.set(place, keys);
    const [oldest] = this.#places.keys();
    if (this.#places.size > PLACES_MAX && oldest !== undefined) this.#places.delete(oldest);
    return (await keys).find;
  }

  async #load(place: string, jose: Jose): Promise<Keys> {
    if (/^https?:/.test(place)) return { find: this.#remote(new URL(place), jose) };
    const path = resolve(this.#options.folder, place);
    try {
      const set = JSON.parse(await readFile(path, 'utf8')) as JSONWebKeySet;
      const until = this.#options.clock.now() + FILE_MILLIS;
      return { find: jose.createLocalJWKSet(set), until };
    } catch (error) {
      throw new JwtKeysError(`the keys in ${path} cannot be read: ${(error as Error).message}`);
    }
  }

  /** Fetched as backends are called: with the gateway's guard on addresses, redirects not followed. */
  #remote(url: URL, jose: Jose): JWTVerifyGetKey {
    return jose.createRemoteJWKSet(url, {
      timeoutDuration: FETCH_MILLIS,
      [jose.customFetch]: async () => {
        const failed = (why: string) => new JwtKeysError(`the keys at ${url.origin}: ${why}`);
        const answer = await this.#options.http
          .call({
            origin: url.origin,
            path: url.pathname + url.search,
            method: 'GET',
            headers: ['Accept', 'application/jwk-set+json, application/json'],
            body: null,
            timeoutMillis: FETCH_MILLIS,
            wantsBody: true,
          })
          .catch((error: Error) => {
            throw failed(error.message);
          });
        if (answer.status !== 200) throw failed(`the answer is ${answer.status}`);
        const text = answer.body.toString();
        if (!isJson(text)) throw failed('the answer is no JSON');
        return new Response(text, { status: 200 });
      },
    });
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
