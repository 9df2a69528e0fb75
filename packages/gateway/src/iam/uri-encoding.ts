/**
 * Percent-encoding as Signature Version 4 wants it: every byte but the unreserved characters of
 * RFC 3986 (`A-Z a-z 0-9 - . _ ~`), in upper-case hexadecimal.
 * Text here is the wire's: one character per byte, as Node.js gives paths and queries.
 */
const component: readonly (string | undefined)[] = Array.from({ length: 256 }, (_, byte) =>
  /[A-Za-z0-9\-._~]/.test(String.fromCharCode(byte))
    ? undefined
    : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
);
const path = component.with('/'.charCodeAt(0), undefined);

const UNRESERVED = /^[A-Za-z0-9\-._~]*$/;
const PERCENT = '%'.charCodeAt(0);

/** Encodes a path, leaving its slashes. A `%` already there becomes `%25`: encoded once more. */
export function encodePath(text: string): string {
  let encoded = '';
  let copied = 0;
  for (let index = 0; index < text.length; index += 1) {
    const escaped = path[text.charCodeAt(index)];
    if (escaped === undefined) continue;
    encoded += text.slice(copied, index) + escaped;
    copied = index + 1;
  }
  return copied === 0 ? text : encoded + text.slice(copied);
}

/**
 * One name or value of a query, whatever characters its sender chose to encode, in the one form
 * that is signed. `+` is a plus, not a space; a `%` that begins no escape stands for itself.
 */
export function normalizeQueryPart(text: string): string {
  if (UNRESERVED.test(text)) return text;
  let encoded = '';
  for (let index = 0; index < text.length; index += 1) {
    let byte = text.charCodeAt(index);
    const decoded = byte === PERCENT ? hexByte(text, index + 1) : undefined;
    if (decoded !== undefined) {
      byte = decoded;
      index += 2;
    }
    encoded += component[byte] ?? String.fromCharCode(byte);
  }
  return encoded;
}

/** Encodes any text, by its UTF-8 bytes. */
export function encodeQueryPart(text: string): string {
  let encoded = '';
  for (const byte of Buffer.from(text)) encoded += component[byte] ?? String.fromCharCode(byte);
  return encoded;
}

function hexByte(text: string, index: number): number | undefined {
  const digits = text.slice(index, index + 2);
  return /^[0-9A-Fa-f]{2}$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
}
