import { isIPv4, isIPv6 } from 'node:net';
import { whenKnown } from './deferred.ts';
import { type Intrinsic, textOf } from './intrinsic.ts';

const COUNT_MAX = 256;

/** `Fn::Cidr`: `count` blocks of `cidrBits` host bits each, taken from `ipBlock` one after the other. */
export const cidr: Intrinsic = (call) => {
  const { argument } = call;
  if (!Array.isArray(argument) || argument.length < 2 || argument.length > 3) {
    throw call.fail('takes a list: an address block, a count and the bits of each');
  }
  const parts = argument.map((node, index) => call.evaluate(node, index));
  return whenKnown(parts, (known) => {
    const [block, count, bits] = (known as unknown[]).map(textOf);
    const subnets = divide(
      block ?? '',
      Number(count),
      bits === undefined ? undefined : Number(bits),
    );
    if (typeof subnets === 'string') throw call.fail(subnets);
    return subnets;
  });
};

function divide(block: string, count: number, bits: number | undefined): string[] | string {
  const [address = '', prefixText = ''] = block.split('/');
  const width = isIPv4(address) ? 32 : isIPv6(address) ? 128 : 0;
  const prefix = /^\d{1,3}$/.test(prefixText) ? Number(prefixText) : -1;
  if (width === 0 || prefix < 0 || prefix > width) return `${block} is no address block`;
  if (!Number.isInteger(count) || count < 1 || count > COUNT_MAX) {
    return `the count must be 1 to ${COUNT_MAX}`;
  }
  const hostBits = bits ?? (width === 32 ? 8 : 64);
  const isPossible = Number.isInteger(hostBits) && hostBits >= 1 && hostBits <= width - prefix;
  if (!isPossible || BigInt(count) > 1n << BigInt(width - prefix - hostBits)) {
    return `${block} has no room for ${count} blocks of ${hostBits} bits`;
  }
  const start = (toNumber(address, width) >> BigInt(width - prefix)) << BigInt(width - prefix);
  return Array.from({ length: count }, (_, index) => {
    const first = start + (BigInt(index) << BigInt(hostBits));
    return `${toAddress(first, width)}/${width - hostBits}`;
  });
}

function toNumber(address: string, width: number): bigint {
  if (width === 32) return address.split('.').reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);
  const [head = '', tail] = address.split('::');
  const left = head.split(':').filter(Boolean);
  const right = (tail ?? '').split(':').filter(Boolean);
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right];
  return groups.reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n);
}

function toAddress(value: bigint, width: number): string {
  const size = width === 32 ? 8 : 16;
  const groups = Array.from({ length: width / size }, (_, index) => {
    const group = (value >> BigInt(width - size * (index + 1))) & ((1n << BigInt(size)) - 1n);
    return width === 32 ? group.toString() : group.toString(16);
  });
  return width === 32 ? groups.join('.') : shortest(groups);
}

/** The longest run of zero groups becomes `::` (RFC 5952). */
function shortest(groups: readonly string[]): string {
  const text = groups.join(':');
  const runs = text.match(/\b0(?::0)+\b/g) ?? [];
  const longest = runs.sort((one, other) => other.length - one.length)[0];
  if (longest === undefined) return text;
  const at = text.indexOf(longest);
  return `${text.slice(0, at).replace(/:$/, '')}::${text.slice(at + longest.length).replace(/^:/, '')}`;
}
