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

const DIGITS = 64;
/** Bytes of the longest character: with room for one more, a text that is too long shows. */
const CHARACTER_BYTES_MAX = 4;
const written = Buffer.alloc(DIGITS + CHARACTER_BYTES_MAX);
const given64 = written.subarray(0, DIGITS);
const expected64 = Buffer.alloc(DIGITS);

/**
 * Compares a digest of 64 hexadecimal digits with what somebody sent, text or 64 bytes, in constant time. Text
 * as UTF-8, so that no other character can pass for a digit.
 */
export function isSameDigest(expected: string, given: string | Uint8Array): boolean {
  if (typeof given === 'string' && written.write(given) !== DIGITS) return false;
  expected64.write(expected, 'latin1');
  return timingSafeEqual(expected64, typeof given === 'string' ? given64 : given);
}

/** Compares secrets in constant time: of two hashes, neither tells how long the text was. */
export function isSameText(expected: string, given: string): boolean {
  return isSameDigest(hash('sha256', expected), hash('sha256', given));
}
