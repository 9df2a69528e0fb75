import { randomFillSync } from 'node:crypto';

/** Randomness, injected so that a test can make ids predictable. Fills and returns `length` bytes. */
export interface Random {
  bytes(length: number): Uint8Array;
  /** The same as text, of 4,095 bytes at most; without it, `randomText` makes it of `bytes`. */
  text?(length: number, encoding: RandomEncoding): string;
}

/**
 * `paddedBase64url`: with what equals signs `base64url` leaves out. `uuid`: of 16 bytes, version 4, six bits of
 * which say so (RFC 9562).
 */
export type RandomEncoding = 'hex' | 'base64url' | 'paddedBase64url' | 'uuid';

const POOL_BYTES = 16_384;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/** Where the next so many bytes of the pool begin. */
function draw(length: number): number {
  if (used + length > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const at = used;
  used += length;
  return at;
}

/** Cryptographic randomness, drawn from the system in blocks: one call for a thousand ids. */
export const systemRandom: Random = {
  bytes(length) {
    const at = draw(length);
    return Buffer.from(pool.subarray(at, at + length));
  },
  text(length, encoding) {
    const blocks = textBlocks[encoding];
    let block = blocks[length];
    if (block === undefined) {
      block = new TextBlock(length, encoding);
      blocks[length] = block;
    }
    return block.next();
  },
};

/** By length. */
const textBlocks: Record<RandomEncoding, TextBlock[]> = {
  hex: [],
  base64url: [],
  paddedBase64url: [],
  uuid: [],
};
/** A text is a piece of its block's, which lives as long as any of them does: blocks are short. */
const BLOCK_TEXTS_MAX = 64;
const EQUALS_SIGN = 0x3d;

/** Random texts of one kind, encoded many at a time: to encode one costs nearly as much. */
class TextBlock {
  readonly #encoding: RandomEncoding;
  /** Bytes and characters from one text's beginning to the next one's: of base64, whole groups. */
  readonly #bytesApart: number;
  readonly #charactersApart: number;
  /** Of the bytes, those that pad the last group: zero, so that bits of its last character are. */
  readonly #paddingBytes: number;
  readonly #length: number;
  #text = '';
  #at = 0;

  constructor(bytes: number, encoding: RandomEncoding) {
    const isBase64 = encoding !== 'hex' && encoding !== 'uuid';
    this.#encoding = encoding;
    this.#bytesApart = isBase64 ? Math.ceil(bytes / 3) * 3 : bytes;
    this.#charactersApart = isBase64 ? (this.#bytesApart / 3) * 4 : bytes * 2;
    if (encoding === 'uuid') this.#charactersApart = UUID_CHARACTERS;
    this.#paddingBytes = this.#bytesApart - bytes;
    this.#length = this.#charactersApart - (encoding === 'base64url' ? this.#paddingBytes : 0);
  }

  next(): string {
    if (this.#at === this.#text.length) this.#draw();
    const at = this.#at;
    this.#at = at + this.#charactersApart;
    return this.#text.slice(at, at + this.#length);
  }

  #draw(): void {
    const count = Math.min(BLOCK_TEXTS_MAX, Math.floor(POOL_BYTES / this.#bytesApart));
    const start = draw(count * this.#bytesApart);
    const end = start + count * this.#bytesApart;
    overwriteLast(this.#paddingBytes, pool.subarray(start, end), this.#bytesApart, 0);
    this.#at = 0;
    if (this.#encoding === 'uuid') {
      this.#text = uuids(pool.subarray(start, end));
      return;
    }
    const isHex = this.#encoding === 'hex';
    this.#text = pool.toString(isHex ? 'hex' : 'base64url', start, end);
    if (this.#encoding !== 'paddedBase64url') return;
    const text = Buffer.from(this.#text, 'latin1');
    overwriteLast(this.#paddingBytes, text, this.#charactersApart, EQUALS_SIGN);
    this.#text = text.toString('latin1');
  }
}

/** The last `count` bytes of every `apart`. */
function overwriteLast(count: number, bytes: Buffer, apart: number, byte: number): void {
  for (let from = 1; from <= count; from += 1) {
    for (let at = apart - from; at < bytes.length; at += apart) bytes[at] = byte;
  }
}

const UUID_BYTES = 16;
const UUID_CHARACTERS = 36;
const HYPHEN = 0x2d;
const HEX = Buffer.from('0123456789abcdef');

/** One behind the other. */
function uuids(bytes: Buffer): string {
  const text = Buffer.allocUnsafe((bytes.length / UUID_BYTES) * UUID_CHARACTERS);
  let at = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const place = index % UUID_BYTES;
    let byte = bytes[index]!;
    if (place === 6) byte = 0x40 | (byte & 0x0f);
    else if (place === 8) byte = 0x80 | (byte & 0x3f);
    text[at] = HEX[byte >> 4]!;
    text[at + 1] = HEX[byte & 0x0f]!;
    at += 2;
    if (place < 3 || place > 9 || place % 2 === 0) continue;
    text[at] = HYPHEN;
    at += 1;
  }
  return text.toString('latin1');
}

/** So many random bytes in letters and digits. */
export function randomText(random: Random, length: number, encoding: RandomEncoding): string {
  if (random.text) return random.text(length, encoding);
  const bytes = Buffer.from(random.bytes(length));
  if (encoding === 'uuid') return uuids(bytes);
  if (encoding !== 'paddedBase64url') return bytes.toString(encoding);
  return bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
