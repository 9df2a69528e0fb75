/**
 * Whose request it is. Behind a load balancer every connection comes from the balancer, which names the
 * client in `X-Forwarded-For`. Anybody can write that header, so it is believed from trusted proxies
 * alone: read from the right, the first address that is none of them is the client's.
 */
import { isIP } from 'node:net';
import { addressList } from '../ambient/address-list.ts';

export type ClientAddress = (request: {
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly socket: { readonly remoteAddress?: string | undefined };
}) => string;

/** `trusted`: addresses and CIDR ranges, `10.0.0.0/8, 192.0.2.7`. Empty: nobody is believed. */
export function clientAddress(trusted: string): ClientAddress {
  const proxies = addressList(trusted);
  if (!proxies) return ({ socket }) => plainAddress(socket.remoteAddress ?? '');
  return ({ socket, headers }) => {
    const peer = plainAddress(socket.remoteAddress ?? '');
    const forwarded = String(headers['x-forwarded-for'] ?? '').split(',');
    let client = peer;
    while (proxies.has(client)) {
      const next = plainAddress(forwarded.pop()?.trim() ?? '');
      // The list is at its end, or somebody wrote what is no address: the last known one counts.
      if (isIP(next) === 0) break;
      client = next;
    }
    return client;
  };
}

/** An IPv4 client of an IPv6 socket shows its IPv4 form. */
export const plainAddress = (address: string) => address.replace(/^::ffff:(?=\d+\.)/, '');
