import {
  appendFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchFile } from '../../src/templates/watch-file.ts';

let folder: string;
let file: string;
let changes: number;
let end: () => void;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
  file = join(folder, 'postern.yaml');
  changes = 0;
  writeFileSync(file, 'port: 1');
  end = watchFile(file, () => {
    changes += 1;
  });
});
afterEach(async () => {
  end();
  await rm(folder, { recursive: true, force: true });
});

const seen = (count: number) => expect.poll(() => changes).toBe(count);

test('a file written in place is a change', async () => {
  writeFileSync(file, 'port: 2');
  await seen(1);
});

test('a file replaced by another is a change, each time', async () => {
  for (const round of [1, 2, 3]) {
    const fresh = join(folder, `.postern.yaml.${round}`);
    writeFileSync(fresh, `port: ${round + 1}`);
    renameSync(fresh, file);
    await seen(round);
  }
});

test('a file that goes and comes back is a change', async () => {
  rmSync(file);
  await seen(1);
  writeFileSync(file, 'port: 1');
  await seen(2);
});

test('many writes of one save are one change', async () => {
  for (let line = 0; line < 20; line++) appendFileSync(file, `\n# ${line}`);
  await seen(1);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(changes).toBe(1);
});

test('a touch and other files of the folder are no change', async () => {
  utimesSync(file, new Date(), new Date(Date.now() + 5000));
  writeFileSync(join(folder, 'other.yaml'), 'x');
  writeFileSync(file, 'port: 1');
  // A real change after them is the first to be seen.
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(changes).toBe(0);
  writeFileSync(file, 'port: 2');
  await seen(1);
});

test('nothing is heard after the end', async () => {
  writeFileSync(file, 'port: 2');
  end();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(changes).toBe(0);
});
