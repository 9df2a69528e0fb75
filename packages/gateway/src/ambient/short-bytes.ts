/** Texts and pieces of a few dozen bytes: a loop takes less for them than a call out of JavaScript. */

/** Writes a text whose characters are one byte each. */
export function writeAscii(text: string, into: Uint8Array, start: number): void {
  for (let at = 0; at < text.length; at += 1) into[start + at] = text.charCodeAt(at);
}

export function copyShort(
  from: Uint8Array,
  at: number,
  into: Uint8Array,
  to: number,
  length: number,
): void {
  for (let index = 0; index < length; index += 1) into[to + index] = from[at + index]!;
}
