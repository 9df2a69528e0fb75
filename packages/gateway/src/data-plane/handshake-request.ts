import type { HandshakeParameters } from '../mapping/scope.ts';
import { queryOf } from '../wire/request-url.ts';
import type { ArrivedHandshake } from './arrived-handshake.ts';

/** A handshake as `$connect` may see it: as received, and by name once something asks by name. */
export class HandshakeRequest implements HandshakeParameters {
  readonly rawHeaders: readonly string[];
  #headers: HandshakeParameters['headers'] | undefined;
  #query: HandshakeParameters['query'] | undefined;
  #rawQuery: string;

  constructor(request: ArrivedHandshake) {
    this.rawHeaders = request.rawHeaders;
    this.#rawQuery = queryOf(request.url ?? '');
  }

  get rawQuery(): string {
    return this.#rawQuery;
  }

  /** The last value of a query parameter. From now on everybody is shown stars in its place. */
  hide(name: string): string | undefined {
    const value = this.query.get(name)?.at(-1);
    if (value === undefined) return undefined;
    const shown = this.#rawQuery
      .split('&')
      .map((pair) => (new URLSearchParams(pair).has(name) ? `${pair.split('=', 1)[0]}=***` : pair));
    this.#rawQuery = shown.join('&');
    this.#query = undefined;
    return value;
  }

  get headers(): HandshakeParameters['headers'] {
    this.#headers ??= collect(pairs(this.rawHeaders));
    return this.#headers;
  }

  get query(): HandshakeParameters['query'] {
    this.#query ??= collect(new URLSearchParams(this.#rawQuery));
    return this.#query;
  }
}

function* pairs(flat: readonly string[]): Generator<[string, string]> {
  for (let at = 0; at + 1 < flat.length; at += 2) yield [flat[at]!, flat[at + 1]!];
}

function collect(entries: Iterable<[string, string]>): Map<string, readonly string[]> {
  const collected = new Map<string, string[]>();
  for (const [name, value] of entries) {
    const values = collected.get(name);
    if (values) values.push(value);
    else collected.set(name, [value]);
  }
  return collected;
}
