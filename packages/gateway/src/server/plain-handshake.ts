/**
 * Reads the one shape of handshake that browsers and WebSocket clients send, and nothing else: whatever
 * is unusual in any way is left to node:http, so that nothing is accepted here that would be refused
 * there (a differential test holds the two together).
 */
import type { ArrivedHandshake } from '../data-plane/arrived-handshake.ts';
import { HeaderNames } from './header-names.ts';

export type PlainHandshake = Omit<ArrivedHandshake, 'socket'>;

export interface ReadHandshake {
  readonly request: PlainHandshake;
  /** Where the bytes of its first frames begin, if the client did not wait for its answer. */
  readonly end: number;
}

/** Longer heads are rare, and node:http has the limits for them. */
const HEAD_BYTES_MAX = 8192;

const HEAD_END = Buffer.from('\r\n\r\n');
/** `GET `, as one number. */
const GET = 0x47455420;
/** Shorter than any handshake. */
const REQUEST_BYTES_MIN = 64;
/** Visible ASCII and spaces, in lines that end as lines should. One pass, so that none is needed later. */
const LINES = /^(?:[\x20-\x7e]+\r\n)+[\x20-\x7e]+$/;
/** A fragment has no place in a request; whoever sends one meets node:http. */
const REQUEST_LINE = /^GET (\/[\x21\x22\x24-\x7e]*) HTTP\/1\.1$/;
/** As browsers and the libraries of clients have it. */
const CONNECTION = /^(?:keep-alive, )?upgrade$/i;
const WEBSOCKET = /^websocket$/i;
const SPACE = 0x20;
/** They change how the request is read, or what becomes of its connection; or none of them has a place here. */
const names = new HeaderNames([
  '__proto__',
  'content-length',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
]);

/** `undefined` for anything that is not, from `at` to `until`, one whole handshake of the usual shape. */
export function readHandshake(bytes: Buffer, at: number, until: number): ReadHandshake | undefined {
  if (until - at < REQUEST_BYTES_MIN || bytes.readUInt32BE(at) !== GET) return undefined;
  const headEnd = bytes.indexOf(HEAD_END, at);
  const end = headEnd + HEAD_END.length;
  if (headEnd < 0 || end > until || headEnd - at > HEAD_BYTES_MAX) return undefined;
  const head = bytes.toString('latin1', at, headEnd);
  if (!LINES.test(head)) return undefined;
  let lineEnd = head.indexOf('\r\n');
  const url = REQUEST_LINE.exec(head.slice(0, lineEnd))?.[1];
  if (url === undefined) return undefined;
  const rawHeaders: string[] = [];
  const seen: string[] = [];
  const headers = new Headers();
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
    headers.take(name, value);
  }
  if (headers.host === undefined) return undefined;
  if (!CONNECTION.test(headers.connection ?? '')) return undefined;
  if (!WEBSOCKET.test(headers.upgrade ?? '')) return undefined;
  return { request: { method: 'GET', url, httpVersion: '1.1', rawHeaders, headers }, end };
}

/** Those that anybody asks for by name. */
class Headers {
  connection: string | undefined = undefined;
  host: string | undefined = undefined;
  origin: string | undefined = undefined;
  referer: string | undefined = undefined;
  'sec-websocket-extensions': string | undefined = undefined;
  'sec-websocket-key': string | undefined = undefined;
  'sec-websocket-version': string | undefined = undefined;
  upgrade: string | undefined = undefined;
  'user-agent': string | undefined = undefined;
  'x-forwarded-for': string | undefined = undefined;
  'x-forwarded-proto': string | undefined = undefined;

  take(name: string, value: string): void {
    switch (name) {
      case 'connection':
      case 'host':
      case 'origin':
      case 'referer':
      case 'sec-websocket-extensions':
      case 'sec-websocket-key':
      case 'sec-websocket-version':
      case 'upgrade':
      case 'user-agent':
      case 'x-forwarded-for':
      case 'x-forwarded-proto':
        this[name] = value;
        break;
      default:
    }
  }
}
