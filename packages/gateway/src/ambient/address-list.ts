import { BlockList, isIP, isIPv6 } from 'node:net';

/** Addresses and CIDR ranges, as an operator writes them: `10.0.0.0/8, 192.0.2.7, 2001:db8::/32`. */
export interface AddressList {
  /** Whether an address, in its text form, is one of them. Text that is none is not. */
  has(address: string): boolean;
}

/** `undefined` for an empty list. Throws a sentence that names the entry which is no address. */
export function addressList(text: string): AddressList | undefined {
  const entries = text.split(',').map((entry) => entry.trim());
  const given = entries.filter((entry) => entry !== '');
  if (given.length === 0) return undefined;
  const list = new BlockList();
  for (const entry of given) add(list, entry);
  return {
    has: (address) => isIP(address) !== 0 && list.check(address, familyOf(address)),
  };
}

function add(list: BlockList, entry: string): void {
  const [address = '', bits, ...more] = entry.split('/');
  const family = familyOf(address);
  const isRange =
    bits !== undefined && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 'ipv6' ? 128 : 32);
  if (isIP(address) === 0 || more.length > 0 || (bits !== undefined && !isRange)) {
    throw new Error(`"${entry}" is no address and no range such as 10.0.0.0/8`);
  }
  if (isRange) list.addSubnet(address, Number(bits), family);
  else list.addAddress(address, family);
}

const familyOf = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4');
