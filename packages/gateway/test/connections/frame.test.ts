import { expect, test } from 'vitest';
import * as ws from 'ws';
import { encodeFrame, opcodes } from '../../src/connections/frame.ts';

/** Exported by ws, though its published types do not say so. */
const { Sender } = ws as unknown as {
  Sender: {
    frame(
      data: Buffer,
      options: {
        readonly fin: boolean;
        readonly opcode: number;
        readonly mask: boolean;
        readonly readOnly: boolean;
        readonly rsv1: boolean;
      },
    ): Buffer[];
  };
};

test.each([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])(
  'a frame of %i bytes is the one that the library writes',
  (length) => {
    const payload = Buffer.alloc(length, 'abc');
    for (const opcode of Object.values(opcodes)) {
      for (const fin of [true, false]) {
        const options = { fin, opcode, mask: false, readOnly: true, rsv1: false };
        const expected = Buffer.concat(Sender.frame(payload, options));
        expect(encodeFrame(opcode, fin, payload).equals(expected)).toBe(true);
      }
    }
  },
);
