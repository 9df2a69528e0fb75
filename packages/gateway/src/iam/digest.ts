import { hash, timingSafeEqual } from 'node:crypto';

/** SHA-256 in lower-case hexadecimal. Text is hashed as the wire's bytes, one per character. */
export function sha256(data: string | Uint8Array): string {
  const isBinary = typeof data === 'string' && BEYOND_ASCII.test(data);
  return hash('sha256', isBinary ? Buffer.from(data, 'latin1') : data, 'hex');
}

const BEYOND_ASCII = /[\u0080-\uffff]/;

/**
 * What AWS shows of a value it could not read: callers put bearer tokens and swapped secrets
 * there, and neither an answer nor a log may repeat them.
 */
export function fingerprint(text: string): string {
  return hash('sha256', text, 'base64');
}

/** Compares in constant time. As UTF-8, so that no other character can pass for a digit. */
export function isSame(expected: string, given: string): boolean {
  const bytes = Buffer.from(given);
  return bytes.length === expected.length && timingSafeEqual(Buffer.from(expected), bytes);
}
