/** What of a request or an answer may be shown: bounded, and without what authenticates somebody. */
import { isUtf8 } from 'node:buffer';
import { redact } from './redact.ts';

/** Characters of a body or a URL that are kept. */
export const SHOWN_CHARACTERS_MAX = 4096;
const HEADERS_MAX = 100;

/** Sec-WebSocket-Protocol: browsers cannot send another header, so tokens travel in it. */
const SECRET_HEADER =
  /^(?:(?:proxy-)?authorization|(?:set-)?cookie|sec-websocket-(?:protocol|key)|x-api-key|x-amz-security-token)$|token|secret|passw|signature|credential|api[-_]?key/i;

/** An API key as AWS's logs show one: its end, by which its owner knows it. */
export const hiddenKey = (key: string) => `******${key.slice(-6)}`;

export function visibleText(text: string): string {
  const shown = redact(text.length > SHOWN_CHARACTERS_MAX ? cut(text) : text);
  return text.length > SHOWN_CHARACTERS_MAX ? `${shown}…` : shown;
}

export function visibleBody(body: Uint8Array): string {
  // Cut before it is made text: a body may have megabytes.
  const kept = body.subarray(0, SHOWN_CHARACTERS_MAX);
  const bytes = Buffer.from(kept.buffer, kept.byteOffset, kept.byteLength);
  const isCut = kept.length < body.length;
  // A character may be cut in two at the end.
  const isText = isUtf8(bytes) || (isCut && isUtf8(body as Buffer));
  const text = isText ? redact(bytes.toString('utf8')) : bytes.toString('base64');
  return isCut ? `${text}…` : text;
}

export function visibleHeaders(
  headers: Iterable<readonly [name: string, value: string]>,
): (readonly [string, string])[] {
  const shown: (readonly [string, string])[] = [];
  for (const [name, value] of headers) {
    if (shown.length === HEADERS_MAX) break;
    shown.push([name, SECRET_HEADER.test(name) ? '…' : visibleText(value)]);
  }
  return shown;
}

/** `[name, value, name, value]` as pairs. */
export function* headerPairs(flat: readonly string[]): Generator<[string, string]> {
  for (let at = 0; at + 1 < flat.length; at += 2) yield [flat[at]!, flat[at + 1]!];
}

const cut = (text: string) => text.slice(0, SHOWN_CHARACTERS_MAX);
