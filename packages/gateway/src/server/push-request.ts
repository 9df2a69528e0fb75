/**
 * Reads the one shape of request that SDKs send to push a message, and nothing else: whatever is
 * unusual in any way is left to node:http, so that nothing is accepted here that would be refused there
 * (a differential test holds the two together).
 */
import type { HeaderList } from '../iam/header-list.ts';
import type { SignedRequest } from '../iam/sigv4.ts';
import { type PushLayout, readLines } from './push-layout.ts';

export class PushRequest implements SignedRequest {
  readonly method = 'POST';
  /** As sent. */
  readonly path: string;
  readonly query = '';
  readonly headers: PushHeaders;
  /** Its own: what it was read from is read into again. */
  readonly body: Buffer;

  constructor(path: string, headers: PushHeaders, body: Buffer) {
    this.path = path;
    this.headers = headers;
    this.body = body;
  }

  get url(): string {
    return this.path;
  }

  /** None is repeated. */
  get rawHeaders(): readonly string[] {
    const { spelled, values } = this.headers;
    return spelled.flatMap((name, at) => [name, values[at]!]);
  }
}

/** Those that anybody asks for by name, and all of them as they are signed. */
export class PushHeaders implements HeaderList {
  readonly spelled: readonly string[];
  readonly names: readonly string[];
  readonly values: readonly string[];
  readonly isTidy: boolean;
  readonly host: string;

  constructor(layout: PushLayout, values: readonly string[], isTidy: boolean) {
    this.spelled = layout.spelled;
    this.names = layout.names;
    this.values = values;
    this.isTidy = isTidy;
    this.host = values[layout.host]!;
  }

  get referer(): string | undefined {
    return this.#valueOf('referer');
  }

  get 'user-agent'(): string | undefined {
    return this.#valueOf('user-agent');
  }

  get 'x-forwarded-for'(): string | undefined {
    return this.#valueOf('x-forwarded-for');
  }

  get 'x-forwarded-proto'(): string | undefined {
    return this.#valueOf('x-forwarded-proto');
  }

  #valueOf(name: string): string | undefined {
    const at = this.names.indexOf(name);
    return at < 0 ? undefined : this.values[at];
  }
}

export interface ReadPush {
  readonly request: PushRequest;
  /** Where the bytes of the next request begin. */
  readonly end: number;
}

/** Longer heads and bodies are rare, and node:http has the limits for them. */
const HEAD_BYTES_MAX = 4096;
const BODY_BYTES_MAX = 32 * 1024;

const HEAD_END_BYTES = 4;
/** Shorter than any request that could be one. */
const REQUEST_BYTES_MIN = 64;
/** `POST`, as one number. */
const POST = 0x504f5354;
const URL_AT = 'POST '.length;
const REQUEST_END = ' HTTP/1.1\r\n';
/** Visible ASCII without a query, to some connection. */
const PUSH_PATH = /^(?=\/)[!->@-~]*\/(?:@|%40)connections\/[!->@-~]*$/;
const LENGTH = /^(?:0|[1-9]\d{0,4})$/;
const KEEP_ALIVE = /^keep-alive$/i;

/** `undefined` for anything that is not, from `at` to `until`, one whole push of the usual shape. */
export function readPush(bytes: Buffer, at: number, until: number): ReadPush | undefined {
  if (until - at < REQUEST_BYTES_MIN || bytes.readUInt32BE(at) !== POST) return undefined;
  const text = bytes.toString('latin1', at, Math.min(until, at + HEAD_BYTES_MAX + HEAD_END_BYTES));
  const urlEnd = text.indexOf(' ', URL_AT);
  if (!text.startsWith(REQUEST_END, urlEnd)) return undefined;
  const url = text.slice(URL_AT, urlEnd);
  if (!PUSH_PATH.test(url)) return undefined;
  const lines = readLines(text, urlEnd + REQUEST_END.length);
  if (!lines) return undefined;
  const { layout, values } = lines;
  const length = values[layout.contentLength]!;
  if (!LENGTH.test(length)) return undefined;
  if (layout.connection >= 0 && !KEEP_ALIVE.test(values[layout.connection]!)) return undefined;
  const bodyAt = at + lines.end + HEAD_END_BYTES;
  const end = bodyAt + Number(length);
  if (end > until || end - bodyAt > BODY_BYTES_MAX) return undefined;
  const isTidy = !text.slice(0, lines.end).includes('  ');
  const headers = new PushHeaders(layout, values, isTidy);
  const body = Buffer.allocUnsafe(end - bodyAt);
  bytes.copy(body, 0, bodyAt, end);
  return { request: new PushRequest(url, headers, body), end };
}
