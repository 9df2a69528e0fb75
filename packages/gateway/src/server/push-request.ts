/**
 * Reads the one shape of request that SDKs send to push a message, and nothing else: whatever is
 * unusual in any way is left to node:http, so that nothing is accepted here that would be refused there
 * (a differential test holds the two together).
 */
import { HeaderNames } from './header-names.ts';

export interface PushRequest {
  readonly method: 'POST';
  /** As sent: path without a query. */
  readonly url: string;
  /** Name, value, name, value, as sent. None is repeated. */
  readonly rawHeaders: readonly string[];
  /** Those that anybody asks for by name. */
  readonly headers: {
    readonly host: string;
    readonly 'x-forwarded-for': string | undefined;
  };
  /** Its own: what it was read from is read into again. */
  readonly body: Buffer;
}

export interface ReadPush {
  readonly request: PushRequest;
  /** Where the bytes of the next request begin. */
  readonly end: number;
}

/** Longer heads and bodies are rare, and node:http has the limits for them. */
const HEAD_BYTES_MAX = 4096;
const BODY_BYTES_MAX = 32 * 1024;

const HEAD_END = Buffer.from('\r\n\r\n');
/** `POST`, as one number. */
const POST = 0x504f5354;
/** Shorter than any request that could be one. */
const REQUEST_BYTES_MIN = 64;
/** Visible ASCII and spaces, in lines that end as lines should. One pass, so that none is needed later. */
const LINES = /^(?:[\x20-\x7e]+\r\n)+[\x20-\x7e]+$/;
const REQUEST_LINE = /^POST (\/[\x21-\x3e\x40-\x7e]*) HTTP\/1\.1$/;
const CONNECTIONS = /\/(?:@|%40)connections\//;
const LENGTH = /^(?:0|[1-9]\d{0,4})$/;
const SPACE = 0x20;
/**
 * They change how the request is read or what becomes of its connection, or come from browsers, whose
 * requests are nobody's hot path.
 */
const names = new HeaderNames([
  'expect',
  'http2-settings',
  'keep-alive',
  'origin',
  'proxy-connection',
  'sec-fetch-site',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** `undefined` for anything that is not, from `at` to `until`, one whole push of the usual shape. */
export function readPush(bytes: Buffer, at: number, until: number): ReadPush | undefined {
  if (until - at < REQUEST_BYTES_MIN || bytes.readUInt32BE(at) !== POST) return undefined;
  const headEnd = bytes.indexOf(HEAD_END, at);
  if (headEnd < 0 || headEnd + HEAD_END.length > until) return undefined;
  if (headEnd - at > HEAD_BYTES_MAX) return undefined;
  const head = bytes.toString('latin1', at, headEnd);
  if (!LINES.test(head)) return undefined;
  let lineEnd = head.indexOf('\r\n');
  const url = REQUEST_LINE.exec(head.slice(0, lineEnd))?.[1];
  if (url === undefined || !CONNECTIONS.test(url)) return undefined;
  const rawHeaders: string[] = [];
  const seen: string[] = [];
  let host: string | undefined;
  let forwardedFor: string | undefined;
  let length: string | undefined;
  while (lineEnd < head.length) {
    const start = lineEnd + 2;
    const next = head.indexOf('\r\n', start);
    lineEnd = next < 0 ? head.length : next;
    const colon = head.indexOf(': ', start);
    if (colon < 0 || colon + 2 >= lineEnd) return undefined;
    const spelled = head.slice(start, colon);
    const name = names.lower(spelled);
    if (name === undefined || seen.includes(name)) return undefined;
    const value = head.slice(colon + 2, lineEnd);
    if (value.charCodeAt(0) === SPACE || value.charCodeAt(value.length - 1) === SPACE) {
      return undefined;
    }
    seen.push(name);
    rawHeaders.push(spelled, value);
    if (name === 'host') host = value;
    else if (name === 'content-length') length = value;
    else if (name === 'x-forwarded-for') forwardedFor = value;
    else if (name === 'connection' && value.toLowerCase() !== 'keep-alive') return undefined;
  }
  if (host === undefined || length === undefined || !LENGTH.test(length)) return undefined;
  const bodyAt = headEnd + HEAD_END.length;
  const end = bodyAt + Number(length);
  if (end > until || end - bodyAt > BODY_BYTES_MAX) return undefined;
  const headers = { host, 'x-forwarded-for': forwardedFor };
  return {
    request: {
      method: 'POST',
      url,
      rawHeaders,
      headers,
      body: Buffer.from(bytes.subarray(bodyAt, end)),
    },
    end,
  };
}
