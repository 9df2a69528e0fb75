/**
 * The headers of a backend request while they are put together. Spelling is kept; names compare
 * without regard to case. Which headers never travel: API Gateway's "known issues" page and, for the
 * WebSocket headers that do travel, the recorded `$connect` event.
 */
export class InvalidHeaderError extends Error {}

/** Belong to one hop, or are set by whoever sends the request. */
const NOT_FORWARDED = new Set([
  'connection',
  'content-encoding',
  'content-length',
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
  'transfer-encoding',
  'upgrade',
  'via',
  'www-authenticate',
]);

export class HeaderList {
  /** By lower-case name: the spelling to send and the value. */
  readonly #headers = new Map<string, [name: string, value: string]>();

  /** Takes over what a client's handshake may pass on; repeated headers are joined with a comma. */
  addForwardable(rawHeaders: readonly string[]): void {
    for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
      const name = rawHeaders[at]!;
      const value = rawHeaders[at + 1]!;
      const key = name.toLowerCase();
      if (NOT_FORWARDED.has(key)) continue;
      // A signature covers the gateway's own URL: it is spent here and must not leak.
      if (key === 'authorization' && value.startsWith('AWS4-')) continue;
      const existing = this.#headers.get(key);
      if (existing) existing[1] = `${existing[1]},${value}`;
      else this.#headers.set(key, [name, value]);
    }
  }

  get(name: string): string | undefined {
    return this.#headers.get(name.toLowerCase())?.[1];
  }

  setDefault(name: string, value: string): void {
    const key = name.toLowerCase();
    if (!this.#headers.has(key)) this.#headers.set(key, [name, value]);
  }

  /** Replaces. Throws `InvalidHeaderError` for a value that would end the header line. */
  set(name: string, value: string): void {
    this.#headers.set(name.toLowerCase(), [name, headerValue(name, value)]);
  }

  /** Name, value, name, value. */
  flat(): string[] {
    const flat: string[] = [];
    for (const entry of this.#headers.values()) flat.push(entry[0], entry[1]);
    return flat;
  }
}

/** The client's address and the scheme and port of AWS's own endpoint, which WebSocket APIs always have. */
export function forwardedHeaders(headers: HeaderList, sourceIp: string): void {
  const before = headers.get('x-forwarded-for');
  headers.set('X-Forwarded-For', before === undefined ? sourceIp : `${before}, ${sourceIp}`);
  headers.set('X-Forwarded-Port', '443');
  headers.set('X-Forwarded-Proto', 'https');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to refuse
const FORBIDDEN = /[\x00-\x08\x0a-\x1f\x7f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: "beyond ASCII" is written this way
const BEYOND_ASCII = /[^\x00-\x7f]/;

function headerValue(name: string, value: string): string {
  if (FORBIDDEN.test(value)) {
    throw new InvalidHeaderError(`the value mapped to the header "${name}" has control characters`);
  }
  // A header line carries bytes: text beyond ASCII travels as UTF-8.
  return BEYOND_ASCII.test(value) ? Buffer.from(value, 'utf8').toString('latin1') : value;
}
