/** Four bytes at once, as one number. */

const HIGHEST_BITS = 0x80808080 | 0;
const ONES = 0x01010101;
const FIRST_VISIBLE = 0x21212121;

/**
 * The highest bit of each byte that is no visible character of ASCII, `!` to `~`; 0 where all are. Such a byte has that
 * bit, or gets it by adding one, or loses it, once it is set, by taking `!` away. Nothing is carried from one byte
 * to the next, except from one that has it: so of bytes that are strange, those beside them may be said to be.
 */
export function strangeIn(word: number): number {
  const above = word | ((word + ONES) | 0);
  const below = ~(((word | HIGHEST_BITS) - FIRST_VISIBLE) | 0);
  return (above | below) & HIGHEST_BITS;
}
