/**
 * Reads the one shape of request that SDKs push a message with, and nothing else: whatever is
 * unusual in any way is left to node:http, so that nothing is accepted here that would be refused there
 * (a differential test holds the two together).
 */
import { type Address, parseAddress } from '../stages/address.ts';
import { pathOf, queryOf } from '../wire/request-url.ts';
import { type PushLayout, readLines } from './push-layout.ts';
import { PushHeaders, PushRequest } from './push-request.ts';

export class WholePush extends PushRequest {
  readonly path: string;
  readonly query: string;
  readonly layout: PushLayout;
  readonly headers: PushHeaders;
  readonly repeated = undefined;
  /** What it was read from, with the empty line that ends it. */
  readonly head: string;

  constructor(head: string, url: string, layout: PushLayout, headers: PushHeaders, body: Buffer) {
    super(head.length, body);
    this.head = head;
    this.path = pathOf(url);
    this.query = queryOf(url);
    this.layout = layout;
    this.headers = headers;
  }

  get address(): Address {
    return parseAddress(this.headers.host, this.path);
  }
}

/** Longer heads and bodies are rare, and node:http has the limits for them. */
const HEAD_BYTES_MAX = 4096;
export const BODY_BYTES_MAX = 32 * 1024;

const HEAD_END_BYTES = 4;
/** Shorter than any request that could be one. */
const REQUEST_BYTES_MIN = 64;
/** `POST`, as one number. */
const POST = 0x504f5354;
const URL_AT = 'POST '.length;
const REQUEST_END = ' HTTP/1.1\r\n';
/** Visible ASCII, to some connection; or to many, with a query that selects them or without. */
const PUSH_URL = /^(?=\/)[!->@-~]*\/(?:@|%40)connections(?:\/[!->@-~]*|\?[!->@-~]+)?$/;
const LENGTH = /^(?:0|[1-9]\d{0,4})$/;
const KEEP_ALIVE = /^keep-alive$/i;

/** `undefined` for anything that is not, from `at` to `until`, one whole push of the usual shape. */
export function readWholePush(bytes: Buffer, at: number, until: number): WholePush | undefined {
  if (until - at < REQUEST_BYTES_MIN || bytes.readUInt32BE(at) !== POST) return undefined;
  const text = bytes.toString('latin1', at, Math.min(until, at + HEAD_BYTES_MAX + HEAD_END_BYTES));
  const urlEnd = text.indexOf(' ', URL_AT);
  if (!text.startsWith(REQUEST_END, urlEnd)) return undefined;
  const url = text.slice(URL_AT, urlEnd);
  if (!PUSH_URL.test(url)) return undefined;
  const lines = readLines(text, urlEnd + REQUEST_END.length);
  if (!lines) return undefined;
  const { layout, values } = lines;
  const length = values[layout.contentLength]!;
  if (!LENGTH.test(length)) return undefined;
  if (layout.connection >= 0 && !KEEP_ALIVE.test(values[layout.connection]!)) return undefined;
  const head = text.slice(0, lines.end + HEAD_END_BYTES);
  const bodyAt = at + head.length;
  const end = bodyAt + Number(length);
  if (end > until || end - bodyAt > BODY_BYTES_MAX) return undefined;
  const headers = new PushHeaders(layout, values, !head.includes('  '));
  const body = Buffer.allocUnsafe(end - bodyAt);
  bytes.copy(body, 0, bodyAt, end);
  return new WholePush(head, url, layout, headers, body);
}
