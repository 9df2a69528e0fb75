import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { NODE_LINES, nodeProgram } from '../src/subjects/node-line.mjs';

const folder = mkdtempSync(join(tmpdir(), 'postern-node-line-'));

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const name = `node-linux-${process.arch}`;
const place = join(folder, NODE_LINES[26]);
const program = join(place, 'node_modules', name, 'bin/node');

/** An npm that brings what it is asked for, or nothing. */
function fakeNpm({ brings = true, status = 0 } = {}) {
  const calls: string[] = [];
  const npm = (args: readonly string[]) => {
    calls.push(args.join(' '));
    if (brings) {
      mkdirSync(join(program, '..'), { recursive: true });
      writeFileSync(program, '', { mode: 0o755 });
    }
    return { status, stderr: 'npm error E404' };
  };
  return { npm, calls };
}

test('a line is fetched once, in exactly one release, into a folder of its own', () => {
  const { npm, calls } = fakeNpm();
  expect(nodeProgram('26', { folder, npm })).toBe(program);
  expect(nodeProgram('26', { folder, npm })).toBe(program);
  expect(calls).toEqual([
    'install --no-save --no-package-lock --ignore-scripts --no-audit --no-fund ' +
      `--prefix ${place} ${name}@${NODE_LINES[26]}`,
  ]);
});

test('a line that cannot be had is an error with npm’s words', () => {
  const { npm } = fakeNpm({ brings: false, status: 1 });
  expect(() => nodeProgram('26', { folder, npm })).toThrow('--node 26: npm install failed: npm');
  const { npm: bringsNothing } = fakeNpm({ brings: false });
  expect(() => nodeProgram('26', { folder, npm: bringsNothing })).toThrow('is no program');
});

test('an unknown line and a path without a program are refused', () => {
  expect(() => nodeProgram('18')).toThrow('"18" is none of the lines 20, 22, 24, 26, nor a path');
  expect(() => nodeProgram(join(folder, 'node'))).toThrow(`${folder}/node is no program`);
  expect(nodeProgram(process.execPath)).toBe(process.execPath);
});
