/**
 * Reads HTTP/1.1 responses from bytes as they come (RFC 9112). It is strict where a lax reader would
 * let one answer be taken for another: what could be read in two ways is an error, and its connection
 * is not used again.
 */
import { connectionTimes } from './connection-times.ts';

export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

export interface ResponseSink {
  /** `headers` by lower-case name; repeated headers as a list. Other heads may share them. */
  head(status: number, headers: ResponseHeaders): void;
  /** A piece of the body: the bytes from `start` to `end`, which are good until the call returns. */
  data(bytes: Buffer, start: number, end: number): void;
  /** `keepAliveSeconds`: how long the connection may wait for another request; 0: not at all. */
  end(keepAliveSeconds: number): void;
}

/** What was received is no HTTP/1.1 response. */
class ResponseError extends Error {}

/** Of a status line and its headers; of trailers as well. */
export const HEAD_BYTES_MAX = 16 * 1024;
/** Of a head that is remembered, for each connection. */
const KNOWN_BYTES_MAX = 1024;
/** Hexadecimal digits, and whatever extension is written behind them. */
const CHUNK_LINE_BYTES_MAX = 1024;
/** A request sent in the moment the backend closes would be lost. */
const KEEP_ALIVE_MARGIN_SECONDS = 1;

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |$)/;
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to refuse
const FORBIDDEN = /[\x00-\x08\x0a-\x1f\x7f]/;
const CHUNK_LINE = /^([0-9A-Fa-f]{1,8})[ \t]*(?:;|$)/;
/** In the text of a head without its empty line. */
const LENGTH_LINE = /\r\ncontent-length:[ \t]*(\d{1,15})(?=\r\n|$)/i;
const LENGTH_DIGITS_MAX = 15;
const ZERO = 0x30;
const NINE = 0x39;
const CRLF = Buffer.from('\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');
const NOTHING = Buffer.alloc(0);

type Framing = number | 'chunked' | 'untilClose';

/** What a head says. A backend's heads are the same for a second at least: the same bytes say the same. */
interface KnownHead {
  /** With the empty line. */
  readonly bytes: Buffer;
  /** That of a HEAD says nothing of a body. */
  readonly isBodyless: boolean;
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly framing: Framing;
  readonly keepAliveSeconds: number;
  /** Where the digits of Content-Length begin and end: other digits are another length, and no more. */
  readonly lengthAt: number;
  readonly lengthEnd: number;
}

type State = 'head' | 'length' | 'untilClose' | 'chunkLine' | 'chunk' | 'chunkEnd' | 'trailers';

export class ResponseReader {
  readonly #sink: ResponseSink;
  #state: State = 'head';
  /** The bytes of a line or a head that is not complete yet. */
  #kept: Buffer = NOTHING;
  /** Of the body, or of the chunk under way. */
  #bytesLeft = 0;
  #keepAliveSeconds = 0;
  #isBodyless = false;
  #known: KnownHead | undefined;

  constructor(sink: ResponseSink) {
    this.#sink = sink;
  }

  /** Before each response. `isBodyless`: its request was a HEAD. */
  begin(isBodyless: boolean): void {
    this.#isBodyless = isBodyless;
  }

  /**
   * Takes what has arrived, `bytes` up to `length`, as far as the end of the response. Throws
   * `ResponseError`.
   */
  push(bytes: Buffer, length = bytes.length): void {
    const isAtStart = this.#state === 'head' && this.#kept.length === 0;
    if (isAtStart && this.#readWhole(bytes, length)) return;
    const given = length === bytes.length ? bytes : bytes.subarray(0, length);
    const all = this.#kept.length === 0 ? given : Buffer.concat([this.#kept, given]);
    this.#kept = NOTHING;
    let at = 0;
    while (at < all.length) {
      const next = this.#step(all, at);
      if (next === 'ended') return;
      if (next === 'more') {
        // Not the caller's memory: that is good for this call only.
        this.#kept = Buffer.from(all.subarray(at));
        return;
      }
      at = next;
    }
  }

  /** The connection has ended. Throws `ResponseError` when that cut the response off. */
  finish(): void {
    if (this.#state !== 'untilClose') throw new ResponseError('the connection ended early');
    this.#end(0);
  }

  /** The usual response, at one go: its head is as the one before, and its body is all there. */
  #readWhole(bytes: Buffer, length: number): boolean {
    const head = this.#known;
    if (head === undefined || head.isBodyless !== this.#isBodyless) return false;
    const { framing, headers, lengthAt, lengthEnd } = head;
    if (typeof framing !== 'number') return false;
    const headBytes = head.bytes.length;
    if (isSame(bytes, 0, head.bytes, 0, headBytes)) {
      return this.#takeWhole(head, headers, bytes, headBytes, headBytes + framing, length);
    }
    if (lengthAt < 0 || !isSame(bytes, 0, head.bytes, 0, lengthAt)) return false;
    let at = lengthAt;
    let bodyBytes = 0;
    for (; at < lengthAt + LENGTH_DIGITS_MAX && isDigit(bytes[at]); at += 1) {
      bodyBytes = bodyBytes * 10 + bytes[at]! - ZERO;
    }
    if (at === lengthAt || !isSame(bytes, at, head.bytes, lengthEnd, headBytes)) return false;
    const start = at + headBytes - lengthEnd;
    const others = withLength(headers, bytes.toString('latin1', lengthAt, at));
    return this.#takeWhole(head, others, bytes, start, start + bodyBytes, length);
  }

  /** A response with this body, if all of it is there: what lies behind `length` is not. */
  #takeWhole(
    { status, keepAliveSeconds }: KnownHead,
    headers: ResponseHeaders,
    bytes: Buffer,
    start: number,
    end: number,
    length: number,
  ): boolean {
    if (end > length) return false;
    this.#keepAliveSeconds = keepAliveSeconds;
    this.#sink.head(status, headers);
    if (end > start) this.#sink.data(bytes, start, end);
    this.#end(length - end);
    return true;
  }

  /** Reads one element from `at` on: where the next begins, or that more is needed, or the end. */
  #step(all: Buffer, at: number): number | 'more' | 'ended' {
    switch (this.#state) {
      case 'head':
        return this.#readHead(all, at);
      case 'length':
      case 'chunk':
        return this.#readBody(all, at);
      case 'untilClose':
        this.#sink.data(all, at, all.length);
        return all.length;
      case 'chunkLine':
        return this.#readChunkLine(all, at);
      case 'chunkEnd':
        if (all.length - at < CRLF.length) return 'more';
        if (all[at] !== 13 || all[at + 1] !== 10) throw new ResponseError('a chunk has no end');
        this.#state = 'chunkLine';
        return at + CRLF.length;
      case 'trailers':
        return this.#readTrailers(all, at);
    }
  }

  #readHead(all: Buffer, at: number): number | 'more' | 'ended' {
    const known = this.#known;
    if (
      known?.isBodyless === this.#isBodyless &&
      isSame(all, at, known.bytes, 0, known.bytes.length)
    ) {
      return this.#begin(known, all, at);
    }
    const end = all.indexOf(HEAD_END, at);
    assertBytes(end < 0 ? all.length - at : end - at, HEAD_BYTES_MAX, 'the head of the answer');
    if (end < 0) return 'more';
    const text = all.toString('latin1', at, end);
    const next = end + HEAD_END.length;
    const firstEnd = text.indexOf('\r\n');
    const statusLine = firstEnd < 0 ? text : text.slice(0, firstEnd);
    const [, minor, digits] = STATUS_LINE.exec(statusLine) ?? [];
    if (digits === undefined || FORBIDDEN.test(statusLine)) {
      throw new ResponseError('the answer has no HTTP/1.1 status line');
    }
    const status = Number(digits);
    const headers = readHeaders(firstEnd < 0 ? '' : text.slice(firstEnd + 2));
    if (status === 101) throw new ResponseError('the backend switched protocols');
    // Interim answers announce the real one.
    if (status < 200) return next;
    const isBodyless = this.#isBodyless;
    const hasNoBody = isBodyless || status === 204 || status === 304;
    const lengthLine = hasNoBody ? null : LENGTH_LINE.exec(text);
    const lengthEnd = lengthLine ? lengthLine.index + lengthLine[0].length : -1;
    const head: KnownHead = {
      bytes: Buffer.from(all.subarray(at, next)),
      isBodyless,
      status,
      headers,
      framing: hasNoBody ? 0 : framingOf(headers),
      keepAliveSeconds: keepAliveOf(minor === '1', headers),
      lengthAt: lengthEnd - (lengthLine?.[1]?.length ?? 0),
      lengthEnd,
    };
    if (next - at <= KNOWN_BYTES_MAX) this.#known = head;
    return this.#begin(head, all, at);
  }

  #begin(head: KnownHead, all: Buffer, at: number): number | 'ended' {
    const { framing } = head;
    const next = at + head.bytes.length;
    this.#keepAliveSeconds = head.keepAliveSeconds;
    this.#sink.head(head.status, head.headers);
    if (framing === 0) return this.#end(all.length - next);
    if (framing === 'chunked') this.#state = 'chunkLine';
    else if (framing === 'untilClose') this.#state = 'untilClose';
    else {
      this.#state = 'length';
      this.#bytesLeft = framing;
    }
    return next;
  }

  #readBody(all: Buffer, at: number): number | 'ended' {
    const end = Math.min(all.length, at + this.#bytesLeft);
    this.#bytesLeft -= end - at;
    this.#sink.data(all, at, end);
    if (this.#bytesLeft > 0) return end;
    if (this.#state === 'length') return this.#end(all.length - end);
    this.#state = 'chunkEnd';
    return end;
  }

  #readChunkLine(all: Buffer, at: number): number | 'more' {
    const end = all.indexOf(CRLF, at);
    assertBytes(end < 0 ? all.length - at : end - at, CHUNK_LINE_BYTES_MAX, 'the size of a chunk');
    if (end < 0) return 'more';
    const line = all.toString('latin1', at, end);
    const [, digits] = CHUNK_LINE.exec(line) ?? [];
    if (digits === undefined || FORBIDDEN.test(line)) {
      throw new ResponseError('a chunk begins without its size');
    }
    this.#bytesLeft = Number.parseInt(digits, 16);
    this.#state = this.#bytesLeft === 0 ? 'trailers' : 'chunk';
    return end + CRLF.length;
  }

  /** Trailers are read and dropped; they end with an empty line. */
  #readTrailers(all: Buffer, at: number): number | 'more' | 'ended' {
    if (all.length - at >= 2 && all[at] === 13 && all[at + 1] === 10) {
      return this.#end(all.length - at - CRLF.length);
    }
    const end = all.indexOf(HEAD_END, at);
    assertBytes(end < 0 ? all.length - at : end - at, HEAD_BYTES_MAX, 'the trailers of the answer');
    if (end < 0) return 'more';
    readHeaders(all.toString('latin1', at, end));
    return this.#end(all.length - end - HEAD_END.length);
  }

  /** Bytes behind a response that nobody asked for make the connection unfit for another. */
  #end(bytesBehind: number): 'ended' {
    this.#state = 'head';
    this.#sink.end(bytesBehind === 0 ? this.#keepAliveSeconds : 0);
    return 'ended';
  }
}

/** Whether at this place in `all` are the bytes of `part` from `start` to `end`. */
function isSame(all: Buffer, at: number, part: Buffer, start: number, end: number): boolean {
  const allEnd = at + end - start;
  return allEnd <= all.length && all.compare(part, start, end, at, allEnd) === 0;
}

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= ZERO && byte <= NINE;

function withLength(headers: ResponseHeaders, digits: string): ResponseHeaders {
  return Object.freeze(Object.assign(Object.create(null), headers, { 'content-length': digits }));
}

function assertBytes(bytes: number, bytesMax: number, what: string): void {
  if (bytes > bytesMax) throw new ResponseError(`${what} exceeds ${bytesMax} bytes`);
}

function readHeaders(text: string): ResponseHeaders {
  const headers: Record<string, string | string[]> = Object.create(null);
  if (text === '') return headers;
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    const spelled = line.slice(0, Math.max(colon, 0));
    const value = line.slice(colon + 1).trim();
    if (!NAME.test(spelled) || FORBIDDEN.test(value)) {
      throw new ResponseError('the answer has a malformed header');
    }
    const name = spelled.toLowerCase();
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (typeof before === 'string') headers[name] = [before, value];
    else before.push(value);
  }
  return Object.freeze(headers);
}

/** RFC 9112, section 6.3: how long the body is. */
function framingOf(headers: ResponseHeaders): Framing {
  const encoding = headers['transfer-encoding'];
  const length = headers['content-length'];
  if (encoding !== undefined) {
    if (length !== undefined || typeof encoding !== 'string' || !/^chunked$/i.test(encoding)) {
      throw new ResponseError('the answer says in two ways how long it is, or in an unknown one');
    }
    return 'chunked';
  }
  if (length === undefined) return 'untilClose';
  if (typeof length !== 'string' || !/^\d{1,15}$/.test(length)) {
    throw new ResponseError('the answer has a malformed Content-Length');
  }
  return Number(length);
}

function keepAliveOf(isHttp11: boolean, headers: ResponseHeaders): number {
  const connection = String(headers.connection ?? '').toLowerCase();
  const isKept = isHttp11 ? !/\bclose\b/.test(connection) : /\bkeep-alive\b/.test(connection);
  if (!isKept) return 0;
  const [, seconds] = /timeout=(\d{1,9})/.exec(String(headers['keep-alive'] ?? '')) ?? [];
  if (seconds === undefined) return connectionTimes.keepAliveDefaultSeconds;
  return Math.min(
    Math.max(Number(seconds) - KEEP_ALIVE_MARGIN_SECONDS, 0),
    connectionTimes.keepAliveMaxSeconds,
  );
}
