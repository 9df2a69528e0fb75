import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HISTORY_LINES_MAX, HistoryFile } from '../../src/cli/history-file.ts';

let folder: string;
let path: string;
let warnings: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
  path = join(folder, '.postern_history');
  warnings = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = () => new HistoryFile(path, (sentence) => warnings.push(sentence));

test('what was typed is there the next time, newest first, for its owner alone', () => {
  expect(open().read()).toEqual([]);
  open().keep(['newest', 'older']);
  expect(open().read()).toEqual(['newest', 'older']);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(warnings).toEqual([]);
});

test('the oldest lines are left out', () => {
  const lines = Array.from({ length: HISTORY_LINES_MAX + 1 }, (_, index) => `line ${index}`);
  open().keep(lines.slice(1));
  expect(open().read()).toHaveLength(HISTORY_LINES_MAX);
  open().keep(lines);
  expect(open().read()).toEqual(lines.slice(0, HISTORY_LINES_MAX));
});

test('where nothing can be read or written it is said once, and nothing ends', () => {
  mkdirSync(path);
  const history = open();
  expect(history.read()).toEqual([]);
  history.keep(['one']);
  history.keep(['two', 'one']);
  expect(warnings).toEqual([
    expect.stringMatching(/^What is typed is not kept for the next time: EISDIR/),
  ]);
});

test('where there is no folder for it, neither', () => {
  path = join(folder, 'missing', '.postern_history');
  const history = open();
  expect(history.read()).toEqual([]);
  history.keep(['one']);
  expect(warnings).toEqual([expect.stringContaining('ENOENT')]);
  expect(() => readFileSync(path)).toThrow();
});
