import { type Random, randomText } from './random.ts';

/**
 * Identifiers in Amazon's shapes. Clients treat all of them as opaque.
 * apiId 10, route/integration 7, deployment/response 6 characters of `[a-z0-9]`;
 * requestId 11 bytes and connectionId 13 bytes in base64url with padding (16 and 20 characters).
 */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** `length` characters `[a-z0-9]`, the first always a letter. */
export function shortId(random: Random, length: number): string {
  let id = '';
  while (id.length < length) {
    for (const byte of random.bytes(length)) {
      // 252 is the largest multiple of 36 below 256: without the cut, early letters would be likelier.
      if (byte >= 252 || id.length === length) continue;
      const character = ALPHABET[byte % 36]!;
      if (id.length > 0 || character >= 'a') id += character;
    }
  }
  return id;
}

export function requestId(random: Random): string {
  return randomText(random, 11, 'paddedBase64url');
}

/** `X-Amzn-Trace-Id` value: `Root=1-{epoch seconds, hex}-{96 random bits, hex}`. */
export function traceId(random: Random, nowMillis: number): string {
  const second = Math.floor(nowMillis / 1000);
  if (second !== traceSecond) {
    traceSecond = second;
    tracePrefix = `Root=1-${second.toString(16)}-`;
  }
  return tracePrefix + randomText(random, 12, 'hex');
}

/** Of the last second asked for: events come in crowds. */
let traceSecond = -1;
let tracePrefix = '';

/** Version 4, random (RFC 9562). */
export function uuid(random: Random): string {
  return randomText(random, 16, 'uuid');
}
