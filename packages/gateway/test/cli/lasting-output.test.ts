import { Writable } from 'node:stream';
import { beforeEach, expect, test } from 'vitest';
import { LastingOutput, OUTPUT_BYTES_MAX } from '../../src/cli/lasting-output.ts';

/** Takes a piece, and the next one only when it is told to. */
class SlowReader extends Writable {
  readonly read: string[] = [];
  #next = () => {};

  override _write(piece: Buffer, _encoding: string, done: () => void): void {
    this.read.push(piece.toString());
    this.#next = done;
  }

  async catchUp(): Promise<void> {
    while (this.writableLength > 0) {
      this.#next();
      await new Promise(setImmediate);
    }
  }
}

const note = (lines: number) => `${lines} missing\n`;
const line = (length: number) => `${'x'.repeat(length - 1)}\n`;

let reader: SlowReader;
let output: LastingOutput;
beforeEach(() => {
  reader = new SlowReader();
  output = new LastingOutput(reader);
});

test('as much waits as may; what comes then is dropped, and counted where it is missing', async () => {
  output.bound(note);
  output.write(line(OUTPUT_BYTES_MAX - 2));
  output.write('1\n');
  expect(reader.writableLength).toBe(OUTPUT_BYTES_MAX);
  output.write('\n');
  output.write(Buffer.from('two\nthree\n'));
  expect(reader.writableLength).toBe(OUTPUT_BYTES_MAX);
  await reader.catchUp();
  output.write('four\n');
  output.write('five\n');
  await reader.catchUp();
  expect(reader.read.slice(1)).toEqual(['1\n', '3 missing\n', 'four\n', 'five\n']);
});

test('nothing is dropped of a command’s output', () => {
  output.write(line(OUTPUT_BYTES_MAX));
  output.write('the end\n');
  expect(reader.writableLength).toBe(OUTPUT_BYTES_MAX + 8);
});
