/**
 * Whose request it is. Behind a load balancer every connection comes from the balancer, which names the
 * client in `X-Forwarded-For`. Anybody can write that header, so it is believed from trusted proxies
 * alone: read from the right, the first address that is none of them is the client's.
 */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';

export type ClientAddress = (
  request: Pick<IncomingMessage, 'headers'> & {
    readonly socket: { readonly remoteAddress?: string | undefined };
  },
) => string;

/** `trusted`: addresses and CIDR ranges, `10.0.0.0/8, 192.0.2.7`. Empty: nobody is believed. */
export function clientAddress(trusted: string): ClientAddress {
  const proxies = proxyList(trusted);
  if (!proxies) return ({ socket }) => plain(socket.remoteAddress ?? '');
  const isProxy = (address: string) => proxies.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  return ({ socket, headers }) => {
    const peer = plain(socket.remoteAddress ?? '');
    const forwarded = String(headers['x-forwarded-for'] ?? '').split(',');
    let client = peer;
    while (isProxy(client)) {
      const next = plain(forwarded.pop()?.trim() ?? '');
      // The list is at its end, or somebody wrote what is no address: the last known one counts.
      if (isIP(next) === 0) break;
      client = next;
    }
    return client;
  };
}

/** `undefined` for an empty list. Throws a sentence that names the entry which is no address. */
export function proxyList(text: string): BlockList | undefined {
  const entries = text.split(',').map((entry) => entry.trim());
  const given = entries.filter((entry) => entry !== '');
  if (given.length === 0) return undefined;
  const list = new BlockList();
  for (const entry of given) {
    const [address = '', bits, ...more] = entry.split('/');
    const type = isIPv6(address) ? 'ipv6' : 'ipv4';
    const most = type === 'ipv6' ? 128 : 32;
    const isRange = bits !== undefined && /^\d{1,3}$/.test(bits) && Number(bits) <= most;
    if (isIP(address) === 0 || more.length > 0 || (bits !== undefined && !isRange)) {
      throw new Error(`"${entry}" is no address and no range such as 10.0.0.0/8`);
    }
    if (isRange) list.addSubnet(address, Number(bits), type);
    else list.addAddress(address, type);
  }
  return list;
}

/** An IPv4 client of an IPv6 socket shows its IPv4 form. */
const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/, '');
