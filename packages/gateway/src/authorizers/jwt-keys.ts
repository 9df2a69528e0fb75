/**
 * The public keys that tokens are verified with: a JSON Web Key Set behind a URL (`issuer-keys.ts`), or in a
 * file, which is read again every ten seconds at most.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import type { Clock } from '../ambient/clock.ts';
import { IssuerKeys, type IssuerKeysOptions, JwtKeysError } from './issuer-keys.ts';

type Jose = typeof import('jose');

export interface JwtKeysOptions extends IssuerKeysOptions {
  /** Where files of keys are. */
  readonly folder: string;
}

const FILE_MILLIS = 10_000;
/** Places whose keys are kept; those asked for first are forgotten beyond. */
const PLACES_MAX = 100;

/** A place where keys are. Rejects with `JwtKeysError`. */
type Place = () => Promise<JWTVerifyGetKey>;

export class JwtKeys {
  readonly #options: JwtKeysOptions;
  readonly #places = new Map<string, Place>();

  constructor(options: JwtKeysOptions) {
    this.#options = options;
  }

  /** What finds the key of a token. Rejects with `JwtKeysError`. */
  async of(place: string, jose: Jose): Promise<JWTVerifyGetKey> {
    const known = this.#places.get(place);
    if (known) return known();
    const keys = this.#keysAt(place, jose);
    this.#places.set(place, keys);
    const [oldest] = this.#places.keys();
    if (this.#places.size > PLACES_MAX && oldest !== undefined) this.#places.delete(oldest);
    return keys();
  }

  #keysAt(place: string, jose: Jose): Place {
    const { clock, folder } = this.#options;
    if (/^https?:/.test(place)) {
      if (!URL.canParse(place)) {
        return () => Promise.reject(new JwtKeysError(`jwtKeys is no URL: ${place}`));
      }
      const keys = new IssuerKeys(new URL(place), jose, this.#options);
      return async () => (header, token) => keys.find(header, token);
    }
    const keys = new FileKeys(resolve(folder, place), jose, clock);
    return () => keys.current();
  }
}

class FileKeys {
  readonly #path: string;
  readonly #jose: Jose;
  readonly #clock: Pick<Clock, 'now'>;
  #keys: Promise<JWTVerifyGetKey> | undefined;
  /** Epoch milliseconds from which on the file is read anew. */
  #until = Number.POSITIVE_INFINITY;

  constructor(path: string, jose: Jose, clock: Pick<Clock, 'now'>) {
    this.#path = path;
    this.#jose = jose;
    this.#clock = clock;
  }

  /** What cannot be read is read again the next time. */
  current(): Promise<JWTVerifyGetKey> {
    if (!this.#keys || this.#clock.now() >= this.#until) this.#keys = this.#read();
    return this.#keys;
  }

  async #read(): Promise<JWTVerifyGetKey> {
    // Whoever asks while it is read waits for this one.
    this.#until = Number.POSITIVE_INFINITY;
    try {
      const set = JSON.parse(await readFile(this.#path, 'utf8')) as JSONWebKeySet;
      this.#until = this.#clock.now() + FILE_MILLIS;
      return this.#jose.createLocalJWKSet(set);
    } catch (error) {
      this.#keys = undefined;
      const { message } = error as Error;
      throw new JwtKeysError(`the keys in ${this.#path} cannot be read: ${message}`);
    }
  }
}
