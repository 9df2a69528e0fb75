const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
/** From so many bytes on, four at a time are worth the view that it takes. */
const WORDS_BYTES_MIN = isLittleEndian ? 256 : Number.POSITIVE_INFINITY;

/**
 * Copies `count` masked bytes to where they are read plainly (RFC 6455, section 5.3). `targetAt` is also how
 * far into its payload the first of them stands. `mask`: its four bytes, the first of them lowest.
 * Returns at least 0x80 unless all are below it.
 */
export function unmask(
  source: Uint8Array,
  sourceAt: number,
  target: Buffer,
  targetAt: number,
  count: number,
  mask: number,
): number {
  // Buffers begin where a word may; where one does not, words and mask would not meet.
  const isAligned = (target.byteOffset & 3) === 0;
  if (count >= WORDS_BYTES_MIN && isAligned)
    return unmaskWords(source, sourceAt, target, targetAt, count, mask);
  let bits = 0;
  for (let index = 0; index < count; index += 1) {
    const at = targetAt + index;
    const byte = source[sourceAt + index]! ^ ((mask >>> ((at & 3) << 3)) & 0xff);
    target[at] = byte;
    bits |= byte;
  }
  return bits;
}

function unmaskWords(
  source: Uint8Array,
  sourceAt: number,
  target: Buffer,
  targetAt: number,
  count: number,
  mask: number,
): number {
  const lead = -targetAt & 3;
  const words = (count - lead) >> 2;
  const wordsAt = targetAt + lead;
  let bits = lead === 0 ? 0 : unmask(source, sourceAt, target, targetAt, lead, mask);
  target.set(source.subarray(sourceAt + lead, sourceAt + lead + words * 4), wordsAt);
  const view = new Int32Array(target.buffer, target.byteOffset + wordsAt, words);
  let wordBits = 0;
  for (let index = 0; index < words; index += 1) {
    const word = view[index]! ^ mask;
    view[index] = word;
    wordBits |= word;
  }
  if ((wordBits & 0x80808080) !== 0) bits |= 0x80;
  const done = lead + words * 4;
  return bits | unmask(source, sourceAt + done, target, targetAt + done, count - done, mask);
}
