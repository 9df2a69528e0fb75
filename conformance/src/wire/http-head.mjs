/** The head of an HTTP response, as text. */

/**
 * @typedef {object} Head
 * @property {number} status
 * @property {string[]} rawHeaders name, value, name, value
 */

/**
 * @param {Buffer} bytes
 * @returns {{ head: Head, rest: Buffer } | undefined}
 */
export function parseHead(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [statusLine, ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const rawHeaders = lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const head = { status: Number(statusLine.split(' ')[1]), rawHeaders };
  return { head, rest: bytes.subarray(end + 4) };
}

/**
 * Headers by lower-case name; repeated ones joined with `, `.
 *
 * @param {readonly string[]} rawHeaders
 */
export function headerMap(rawHeaders) {
  /** @type {Record<string, string>} */
  const map = {};
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at].toLowerCase();
    map[name] = name in map ? `${map[name]}, ${rawHeaders[at + 1]}` : rawHeaders[at + 1];
  }
  return map;
}
