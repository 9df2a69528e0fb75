import type { Random } from '../../ambient/random.ts';

/** How many bytes of a connection id name its node. */
export const incarnationBytes = 4;

/**
 * Eight hexadecimal digits, of which the first is below 8: so every connection id begins with a letter.
 * The aws CLI takes one that begins with `-` for an option.
 */
export function drawIncarnation(random: Random): string {
  const bytes = Buffer.from(random.bytes(incarnationBytes));
  bytes[0]! &= 0x7f;
  return bytes.toString('hex');
}
