import { BlockList, isIP } from 'node:net';
import type { Located } from './policy-document.ts';
import { PolicyError } from './policy-error.ts';

/** A range such as `203.0.113.0/24` or `2001:db8::/32`, or one address; tells what lies in it. */
export function compileIpRange({ text, path }: Located): (address: string) => boolean {
  const slash = text.indexOf('/');
  const network = slash < 0 ? text : text.slice(0, slash);
  const version = isIP(network);
  const bitsMax = version === 4 ? 32 : 128;
  const bits = slash < 0 ? bitsMax : readBits(text.slice(slash + 1));
  if (version === 0 || bits === undefined || bits > bitsMax) {
    throw new PolicyError(path, 'expected an IP address or a CIDR range');
  }
  const range = new BlockList();
  range.addSubnet(network, bits, version === 4 ? 'ipv4' : 'ipv6');
  return (address) => {
    const plain = withoutMapping(address);
    const family = isIP(plain);
    return family === version && range.check(plain, family === 4 ? 'ipv4' : 'ipv6');
  };
}

function readBits(text: string): number | undefined {
  return /^\d{1,3}$/.test(text) ? Number(text) : undefined;
}

/** A socket that listens for both families shows IPv4 callers as `::ffff:192.0.2.1`. */
function withoutMapping(address: string): string {
  const plain = /^::ffff:(?=\d+\.)/i.test(address) ? address.slice(7) : address;
  return isIP(plain) === 4 ? plain : address;
}
