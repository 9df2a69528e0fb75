/**
 * The public keys that tokens are verified with: a JSON Web Key Set behind a URL (`issuer-keys.ts`), or in a
 * file, which is read again every ten seconds at most.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import { IssuerKeys, type IssuerKeysOptions, JwtKeysError } from './issuer-keys.ts';

type Jose = typeof import('jose');

export interface JwtKeysOptions extends IssuerKeysOptions {
  /** Where files of keys are. */
  readonly folder: string;
}

const FILE_MILLIS = 10_000;
/** Places whose keys are kept; those asked for first are forgotten beyond. */
const PLACES_MAX = 100;

interface Keys {
  readonly find: JWTVerifyGetKey;
  /** Epoch milliseconds from which on the file is read anew; a URL's keys see to that themselves. */
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
    if (/^https?:/.test(place)) {
      const keys = new IssuerKeys(new URL(place), jose, this.#options);
      return { find: (header, token) => keys.find(header, token) };
    }
    const path = resolve(this.#options.folder, place);
    try {
      const set = JSON.parse(await readFile(path, 'utf8')) as JSONWebKeySet;
      const until = this.#options.clock.now() + FILE_MILLIS;
      return { find: jose.createLocalJWKSet(set), until };
    } catch (error) {
      throw new JwtKeysError(`the keys in ${path} cannot be read: ${(error as Error).message}`);
    }
  }
}
