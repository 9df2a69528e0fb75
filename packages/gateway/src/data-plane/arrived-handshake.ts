import type { IncomingHttpHeaders } from 'node:http';
import type { Peer } from '../transport/byte-socket.ts';

/** An upgrade request as its door has read it: node:http, or the lane of plain handshakes. */
export interface ArrivedHandshake {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly httpVersion: string;
  /** Name, value, name, value, as sent. */
  readonly rawHeaders: readonly string[];
  /** Those that anybody asks for by name; further ones are found in `rawHeaders`. */
  readonly headers: Partial<Pick<IncomingHttpHeaders, KnownHeader>>;
  readonly socket: Peer;
}

export type KnownHeader =
  | 'connection'
  | 'content-length'
  | 'host'
  | 'origin'
  | 'referer'
  | 'sec-websocket-extensions'
  | 'sec-websocket-key'
  | 'sec-websocket-version'
  | 'transfer-encoding'
  | 'upgrade'
  | 'user-agent'
  | 'x-forwarded-for'
  | 'x-forwarded-proto';

/** By lower-case name; of repeated headers all values, joined as HTTP joins them. */
export function headersByName({
  rawHeaders,
}: Pick<ArrivedHandshake, 'rawHeaders'>): Readonly<Record<string, string>> {
  const headers = new Map<string, string>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!.toLowerCase();
    const before = headers.get(name);
    const value = rawHeaders[at + 1]!;
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries(headers);
}
