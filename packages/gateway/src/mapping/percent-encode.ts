/** As `encodeURIComponent`; half a surrogate pair, which JSON can hold, becomes U+FFFD as in bytes. */
export function percentEncode(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return encodeURIComponent(Buffer.from(text, 'utf8').toString('utf8'));
  }
}
