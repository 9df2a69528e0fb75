import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { forwardLines } from '../src/cli/forward-lines.ts';

function forward(chunks: readonly (string | Buffer)[]): Promise<string[]> {
  const stream = new PassThrough();
  const said: string[] = [];
  forwardLines(stream, (lines) => said.push(lines));
  return new Promise((resolve) => {
    stream.on('end', () => setImmediate(resolve, said));
    const write = ([chunk, ...others]: readonly (string | Buffer)[]) => {
      if (chunk === undefined) return void stream.end();
      stream.write(chunk);
      setImmediate(write, others);
    };
    write(chunks);
  });
}

test('lines that come together are handed on together', async () => {
  expect(await forward(['one\ntwo\nthree\n'])).toEqual(['one\ntwo\nthree\n']);
});

test('a line is handed on when it has come whole, and never in parts', async () => {
  expect(await forward(['one\ntw', 'o', '\nthree\n'])).toEqual(['one\n', 'two\nthree\n']);
});

test('what has no line feed at the end is a line as well', async () => {
  expect(await forward(['one\ntwo'])).toEqual(['one\n', 'two\n']);
});

test('a character that comes in two parts is one', async () => {
  const bytes = Buffer.from('naïve\n');
  expect(await forward([bytes.subarray(0, 3), bytes.subarray(3)])).toEqual(['naïve\n']);
});
