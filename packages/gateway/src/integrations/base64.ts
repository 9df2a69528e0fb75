const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** The bytes, or `undefined` where the text is not base64: Node.js itself skips what it cannot read. */
export function decodeBase64(text: string): Buffer | undefined {
  const trimmed = text.trim();
  return BASE64.test(trimmed) && trimmed.length % 4 !== 1
    ? Buffer.from(trimmed, 'base64')
    : undefined;
}
