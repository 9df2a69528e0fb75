import fc from 'fast-check';
import { expect, test } from 'vitest';
import { strangeIn } from '../../src/server/visible-bytes.ts';

const isVisible = (byte: number) => byte > 0x20 && byte < 0x7f;
const wordOf = (bytes: readonly number[]) => Buffer.from(bytes).readInt32LE();

test('each byte in each place, beside the first and the last that are visible', () => {
  for (const beside of [0x21, 0x7e]) {
    for (let place = 0; place < 4; place += 1) {
      for (let byte = 0; byte < 256; byte += 1) {
        const bytes = [beside, beside, beside, beside].with(place, byte);
        const said = strangeIn(wordOf(bytes));
        expect([...bytes, said === 0]).toEqual([...bytes, isVisible(byte)]);
        // Its own bit is among them.
        if (!isVisible(byte)) expect((said >>> (place * 8)) & 0x80).toBe(0x80);
      }
    }
  }
});

test('of any four bytes, nothing is strange only where all are visible, and each that is strange is said', () => {
  const byte = fc.oneof(
    fc.nat(255),
    fc.constantFrom(0, 0x1f, 0x20, 0x21, 0x7e, 0x7f, 0x80, 0xa0, 0xff),
  );
  fc.assert(
    fc.property(fc.array(byte, { minLength: 4, maxLength: 4 }), (bytes) => {
      const said = strangeIn(wordOf(bytes));
      expect(said === 0).toBe(bytes.every(isVisible));
      for (const [place, one] of bytes.entries()) {
        if (!isVisible(one)) expect((said >>> (place * 8)) & 0x80).toBe(0x80);
      }
    }),
    { seed: 20_261_128, numRuns: 5000 },
  );
});
