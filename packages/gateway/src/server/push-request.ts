/**
 * Reads the one shape of request that SDKs send to push a message, and nothing else: whatever is
 * unusual in any way is left to node:http, so that nothing is accepted here that would be refused there
 * (a differential test holds the two together).
 */
export interface PushRequest {
  readonly method: 'POST';
  /** As sent: path without a query. */
  readonly url: string;
  /** Name, value, name, value, as sent. */
  readonly rawHeaders: readonly string[];
  /** By lower-case name; none is repeated. */
  readonly headers: Readonly<Record<string, string>>;
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
const REQUEST_LINE = /^POST (\/[\x21-\x3e\x40-\x7e]*) HTTP\/1\.1$/;
const CONNECTIONS = /\/(?:@|%40)connections\//;
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?((?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?)$/;
const LENGTH = /^(?:0|[1-9]\d{0,4})$/;
/**
 * They change how the request is read or what becomes of its connection, or come from browsers, whose
 * requests are nobody's hot path.
 */
const UNUSUAL = new Set([
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

/** `undefined` for anything that is not, from `at` on, one whole push of the usual shape. */
export function readPush(bytes: Buffer, at: number): ReadPush | undefined {
  if (bytes.length - at < REQUEST_BYTES_MIN || bytes.readUInt32BE(at) !== POST) return undefined;
  const headEnd = bytes.indexOf(HEAD_END, at);
  if (headEnd < 0 || headEnd - at > HEAD_BYTES_MAX) return undefined;
  const lines = bytes.toString('latin1', at, headEnd).split('\r\n');
  const url = REQUEST_LINE.exec(lines[0]!)?.[1];
  if (url === undefined || !CONNECTIONS.test(url)) return undefined;
  const rawHeaders: string[] = [];
  const headers: Record<string, string> = Object.create(null);
  for (let index = 1; index < lines.length; index += 1) {
    const header = HEADER.exec(lines[index]!);
    if (!header) return undefined;
    const name = header[1]!;
    const value = header[2]!;
    const key = name.toLowerCase();
    if (key in headers || UNUSUAL.has(key)) return undefined;
    rawHeaders.push(name, value);
    headers[key] = value;
  }
  const length = headers['content-length'];
  if (headers.host === undefined || length === undefined || !LENGTH.test(length)) return undefined;
  if ((headers.connection ?? 'keep-alive').toLowerCase() !== 'keep-alive') return undefined;
  const bodyAt = headEnd + HEAD_END.length;
  const end = bodyAt + Number(length);
  if (end > bytes.length || end - bodyAt > BODY_BYTES_MAX) return undefined;
  return {
    request: { method: 'POST', url, rawHeaders, headers, body: bytes.subarray(bodyAt, end) },
    end,
  };
}
