import { expect, test } from 'vitest';
import { type RandomEncoding, randomText, systemRandom } from '../../src/ambient/random.ts';

const encodings: readonly RandomEncoding[] = ['hex', 'base64url', 'paddedBase64url'];

test('a text is what its bytes are written as, of whatever length, and none comes twice', () => {
  for (const encoding of encodings) {
    for (const length of [6, 7, 11, 12, 64, 1000]) {
      const texts = Array.from({ length: 130 }, () => randomText(systemRandom, length, encoding));
      expect(new Set(texts).size).toBe(texts.length);
      const drawn = texts.map((text) =>
        Buffer.from(text, encoding === 'hex' ? 'hex' : 'base64url'),
      );
      expect(drawn.filter((bytes) => bytes.length !== length)).toEqual([]);
      // Without bits of its own in the padding, and so the same as from anybody's encoder.
      const again = drawn.map((bytes) => randomText({ bytes: () => bytes }, length, encoding));
      expect(again).toEqual(texts);
    }
  }
});

test('a padded text has as many equals signs as base64 has', () => {
  const bytes = () => Buffer.from([251, 255, 0, 1]);
  expect(randomText({ bytes }, 4, 'paddedBase64url')).toBe('-_8AAQ==');
  expect(randomText({ bytes }, 4, 'base64url')).toBe('-_8AAQ');
  expect(randomText(systemRandom, 11, 'paddedBase64url')).toMatch(/^[\w-]{15}=$/);
});

test('every byte of a text is drawn: all values come', () => {
  const seen = Array.from({ length: 11 }, () => new Set<number>());
  for (let count = 0; count < 5000; count += 1) {
    const bytes = Buffer.from(randomText(systemRandom, 11, 'paddedBase64url'), 'base64url');
    for (const [at, byte] of bytes.entries()) seen[at]!.add(byte);
  }
  // Each is missing with a chance of one in some 300 million.
  expect(seen.map(({ size }) => size)).toEqual(seen.map(() => 256));
});

test('a UUID is its sixteen bytes, less the bits that say what it is', () => {
  const written = (byte: number) =>
    randomText({ bytes: (length) => Buffer.alloc(length, byte) }, 16, 'uuid');
  expect(written(0)).toBe('00000000-0000-4000-8000-000000000000');
  expect(written(255)).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
  const bytes = Buffer.from('0123456789abcdef'.repeat(2), 'hex');
  expect(randomText({ bytes: () => bytes }, 16, 'uuid')).toBe(
    '01234567-89ab-4def-8123-456789abcdef',
  );
  const drawn = Array.from({ length: 1000 }, () => randomText(systemRandom, 16, 'uuid'));
  expect(new Set(drawn).size).toBe(1000);
  const form = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
  expect(drawn.filter((text) => !form.test(text))).toEqual([]);
});
