/**
 * The headers of a backend request while they are put together. Spelling is kept; names compare
 * without regard to case. Which headers never travel: API Gateway's "known issues" page and, for the
 * WebSocket headers that do travel, the recorded `$connect` event.
 */
import type { CallTrace } from '../telemetry/span.ts';
import { headerPairs } from '../telemetry/visible.ts';

export class InvalidHeaderError extends Error {}

/** Belong to the client's hop. */
const NOT_RECEIVED = new Set(['connection', 'upgrade', 'content-length', 'transfer-encoding']);

/** Belong to one hop, or are set by whoever sends the request. */
const NOT_FORWARDED = new Set([
  ...NOT_RECEIVED,
  'content-encoding',
  'content-md5',
  'expect',
  'host',
  'keep-alive',
  'max-forwards',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'server',
  'te',
  'trailer',
  'via',
  'www-authenticate',
]);

interface Header {
  readonly name: string;
  readonly values: string[];
}

export class HeaderList {
  /** By lower-case name. */
  readonly #headers = new Map<string, Header>();

  /** Takes over what a client's handshake may pass on to a backend. */
  addForwardable(rawHeaders: readonly string[]): void {
    this.#addAll(rawHeaders, (key, value) => {
      // A signature covers the gateway's own URL: it is spent here and must not leak.
      if (key === 'authorization' && value.startsWith('AWS4-')) return false;
      return !NOT_FORWARDED.has(key);
    });
  }

  /** Takes over what an event shows of a client's handshake. */
  addReceived(rawHeaders: readonly string[]): void {
    this.#addAll(rawHeaders, (key) => !NOT_RECEIVED.has(key));
  }

  /** Takes over everything as it came. */
  addAll(rawHeaders: readonly string[]): void {
    this.#addAll(rawHeaders, () => true);
  }

  /** Repeated headers are joined with a comma. */
  get(name: string): string | undefined {
    return this.#headers.get(name.toLowerCase())?.values.join(',');
  }

  setDefault(name: string, value: string): void {
    const key = name.toLowerCase();
    if (!this.#headers.has(key)) this.#headers.set(key, { name, values: [value] });
  }

  /** Replaces. Throws `InvalidHeaderError` for a value that would end the header line. */
  set(name: string, value: string): void {
    this.#headers.set(name.toLowerCase(), { name, values: [headerValue(name, value)] });
  }

  /** Name, value, name, value; repeated headers joined with a comma. */
  flat(): string[] {
    const flat: string[] = [];
    for (const { name, values } of this.#headers.values()) {
      flat.push(name, values.length === 1 ? values[0]! : values.join(','));
    }
    return flat;
  }

  /** Every value by name, names in order. */
  grouped(): ReadonlyMap<string, readonly string[]> {
    const headers = [...this.#headers.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return new Map(headers.map(({ name, values }) => [name, values]));
  }

  #addAll(rawHeaders: readonly string[], travels: (key: string, value: string) => boolean): void {
    for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
      const name = rawHeaders[at]!;
      const value = rawHeaders[at + 1]!;
      const key = name.toLowerCase();
      if (!travels(key, value)) continue;
      const existing = this.#headers.get(key);
      if (existing) existing.values.push(value);
      else this.#headers.set(key, { name, values: [value] });
    }
  }
}

/** The client's address, and the scheme and port of AWS's own endpoint: WebSocket APIs are always TLS. */
export function addForwarded(headers: HeaderList, sourceIp: string): void {
  const before = headers
    .get('x-forwarded-for')
    ?.split(',')
    .map((address) => address.trim());
  // The last entry is the one that backends believe, so it is never the client's to choose. A trusted
  // load balancer may have put the client there already.
  const all = before?.at(-1) === sourceIp ? before : [...(before ?? []), sourceIp];
  headers.set('X-Forwarded-For', all.join(', '));
  headers.set('X-Forwarded-Port', '443');
  headers.set('X-Forwarded-Proto', 'https');
}

/** Absent where no SDK for tracing is loaded. */
export function addTrace(headers: HeaderList, trace: CallTrace | undefined): void {
  if (!trace) return;
  for (const [name, value] of headerPairs(trace.traceHeaders)) headers.set(name, value);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to refuse
const FORBIDDEN = /[\x00-\x08\x0a-\x1f\x7f]/;
const PLAIN = /^[\x20-\x7e]*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: "beyond ASCII" is written this way
const BEYOND_ASCII = /[^\x00-\x7f]/;

/** A value as the bytes of its line. Throws `InvalidHeaderError` where it would end the line. */
export function headerValue(name: string, value: string): string {
  if (PLAIN.test(value)) return value;
  if (FORBIDDEN.test(value)) {
    throw new InvalidHeaderError(`the value mapped to the header "${name}" has control characters`);
  }
  // A header line carries bytes: text beyond ASCII travels as UTF-8.
  return BEYOND_ASCII.test(value) ? Buffer.from(value, 'utf8').toString('latin1') : value;
}
