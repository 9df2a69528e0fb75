import { isIP } from 'node:net';
import { type AddressList, addressList } from './address-list.ts';

/**
 * Hosts as an operator writes them: `backend.internal, *.example.com, 10.0.0.0/8`, and the words
 * `metadata` and `private`.
 */
export interface HostList {
  /** Whether a host name is one of the names, or below one of `*.…`. An address never is. */
  hasName(host: string): boolean;
  /** Whether an address, in its text form, is one of the addresses or in one of the ranges. */
  hasAddress(address: string): boolean;
}

/** Where clouds hand out credentials to whoever asks from inside: link-local, and each one's own. */
const METADATA = [
  '169.254.0.0/16',
  'fe80::/10',
  // Amazon, Google, Alibaba, Azure.
  'fd00:ec2::254',
  'fd20:ce::254',
  '100.100.100.200',
  '168.63.129.16',
].join(',');

/** What the public internet does not route (RFC 6890). */
const PRIVATE = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
  // Translation and tunnels: an IPv4 address inside, private ones included.
  '64:ff9b::/96',
  '2002::/16',
].join(',');

const WORDS = new Map([
  ['metadata', METADATA],
  ['private', `${PRIVATE},${METADATA}`],
]);

const NAME = /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/;
const NEITHER = 'is no host name, no address and no range such as 10.0.0.0/8';

/** `undefined` for an empty list. Throws a sentence that names the entry which is none of these. */
export function hostList(text: string): HostList | undefined {
  const entries = text
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '');
  if (entries.length === 0) return undefined;
  const names = new Set<string>();
  const suffixes: string[] = [];
  const addresses: string[] = [];
  for (const entry of entries) {
    const word = WORDS.get(entry);
    if (word !== undefined) addresses.push(word);
    else if (isIP(entry.split('/')[0]!) !== 0) addresses.push(entry);
    // `10.0.0` and `300.1.2.3` are slips of an address: as a name each would hold nobody off.
    else if (!NAME.test(entry) || /^[\d.]+$/.test(entry)) throw new Error(`"${entry}" ${NEITHER}`);
    else if (entry.startsWith('*.')) suffixes.push(entry.slice(1));
    else names.add(entry);
  }
  const ranges: AddressList | undefined = addressList(addresses.join(','));
  return {
    hasName(host) {
      const name = host.toLowerCase().replace(/\.$/, '');
      return names.has(name) || suffixes.some((suffix) => name.endsWith(suffix));
    },
    hasAddress: (address) => ranges?.has(address) ?? false,
  };
}
