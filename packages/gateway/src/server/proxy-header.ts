/**
 * The PROXY protocol's header (HAProxy, "The PROXY protocol", versions 1 and 2): how a proxy that
 * passes TCP on says whose connection it is, before the first byte of the client.
 */
import { isIP } from 'node:net';

export interface ProxyHeader {
  /** How many bytes of the connection it took. */
  readonly length: number;
  /** The client's address; absent where the proxy speaks for itself (health checks) or does not know. */
  readonly client?: { readonly address: string; readonly port: number };
}

/** Ours: the protocol allows 64 KB of further fields, and proxies send a few hundred bytes. */
const HEADER_BYTES_MAX = 4096;
const V1_BYTES_MAX = 107;
const V2_SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const V2_FIXED_BYTES = 16;
const V1_PREFIX = Buffer.from('PROXY ', 'latin1');
const V1_LINE = /^PROXY TCP([46]) (\S+) (\S+) (\d{1,5}) (\d{1,5})$/;

/** `more`: what is there may become a header. `none`: it never can. */
export function readProxyHeader(bytes: Buffer): ProxyHeader | 'more' | 'none' {
  if (beginsLike(bytes, V2_SIGNATURE)) return readVersion2(bytes);
  if (beginsLike(bytes, V1_PREFIX)) return readVersion1(bytes);
  return 'none';
}

/** As far as there is anything to compare. */
function beginsLike(bytes: Buffer, beginning: Buffer): boolean {
  const length = Math.min(bytes.length, beginning.length);
  return bytes.subarray(0, length).equals(beginning.subarray(0, length));
}

function readVersion1(bytes: Buffer): ProxyHeader | 'more' | 'none' {
  const end = bytes.indexOf('\r\n');
  if (end < 0) return bytes.length < V1_BYTES_MAX ? 'more' : 'none';
  if (end + 2 > V1_BYTES_MAX) return 'none';
  const line = bytes.toString('latin1', 0, end);
  const length = end + 2;
  if (/^PROXY UNKNOWN(?: |$)/.test(line)) return { length };
  const [, family, address = '', , port] = V1_LINE.exec(line) ?? [];
  if (family === undefined || isIP(address) !== Number(family)) return 'none';
  if (Number(port) > 65_535) return 'none';
  return { length, client: { address, port: Number(port) } };
}

function readVersion2(bytes: Buffer): ProxyHeader | 'more' | 'none' {
  if (bytes.length < V2_FIXED_BYTES) return 'more';
  const command = bytes[12]!;
  const family = bytes[13]!;
  const length = V2_FIXED_BYTES + bytes.readUInt16BE(14);
  if (command !== 0x20 && command !== 0x21) return 'none';
  if (length > HEADER_BYTES_MAX) return 'none';
  if (bytes.length < length) return 'more';
  // The proxy for itself, or a family that is no TCP: the connection's own address stands.
  if (command === 0x20) return { length };
  const fields = bytes.subarray(V2_FIXED_BYTES, length);
  if (family === 0x11) return { length, ...ipv4(fields) };
  if (family === 0x21) return { length, ...ipv6(fields) };
  return { length };
}

function ipv4(fields: Buffer): Pick<ProxyHeader, 'client'> {
  if (fields.length < 12) return {};
  return { client: { address: fields.subarray(0, 4).join('.'), port: fields.readUInt16BE(8) } };
}

function ipv6(fields: Buffer): Pick<ProxyHeader, 'client'> {
  if (fields.length < 36) return {};
  const groups = Array.from({ length: 8 }, (_, at) => fields.readUInt16BE(at * 2).toString(16));
  // As every other address is written: `2001:db8::1`.
  const address = new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
  return { client: { address, port: fields.readUInt16BE(32) } };
}
