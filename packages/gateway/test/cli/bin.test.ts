import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';

const gateway = join(import.meta.dirname, '../..');
const isBuilt = existsSync(join(gateway, 'dist/cli/main.js'));

// The rest of the command is tested in-process; this holds what only a process has.
test.skipIf(!isBuilt)(
  'the built command starts, is ready, and ends with 0 at SIGTERM',
  async () => {
    const argv = [join(gateway, 'bin/postern.js'), 'dev', '--port', '0', '--ephemeral'];
    const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (lines.length === 1) child.kill('SIGTERM');
    }
    expect(await exited).toEqual([0, null]);
    expect(lines[0]).toMatch(/^Postern ready on http:\/\/127\.0\.0\.1:\d+$/);
    expect(lines.at(-1)).toMatch(/Stopped\.$/);
  },
);

describe.skipIf(!isBuilt)('whoever reads the output has gone:', () => {
  const urlOf = (text: string) => /ready on (\S+)/.exec(text)?.[1];
  const run = (...argv: string[]) => {
    const all = [join(gateway, 'bin/postern.js'), ...argv, '--port', '0', '--ephemeral'];
    return spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'inherit'] });
  };

  test.each([
    ['one process', []],
    ['several', ['--workers', '2']],
  ])('a service goes on, %s', async (_, options) => {
    const child = run('start', ...options);
    const exited = once(child, 'exit');
    let text = '';
    for await (const chunk of child.stdout) {
      text += chunk;
      if (urlOf(text)) break;
    }
    // Each is a line of the log that nobody reads.
    for (let time = 0; time < 20; time += 1) {
      const answer = await fetch(`${urlOf(text)}/v2/apis`);
      expect(answer.status).toBe(403);
      await answer.text();
    }
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });
});

test.skipIf(!isBuilt)('a misused command ends with 2', async () => {
  const child = spawn(process.execPath, [join(gateway, 'bin/postern.js'), 'devv']);
  expect(await once(child, 'exit')).toEqual([2, null]);
});

describe('what the command is made of', () => {
  let folder: string | undefined;
  afterEach(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  /** What the real `bin/postern.js` says over a `dist` with these files, by path. */
  async function saysOver(files: Readonly<Record<string, string>>): Promise<string> {
    folder = mkdtempSync(join(tmpdir(), 'postern-bin-'));
    for (const name of ['bin', 'dist/cli', 'dist/bundle']) {
      mkdirSync(join(folder, name), { recursive: true });
    }
    const program = join(folder, 'bin/postern.js');
    copyFileSync(join(gateway, 'bin/postern.js'), program);
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
    const { stdout } = await promisify(execFile)(process.execPath, [program]);
    return stdout.trim();
  }

  const main = (word: string) => `main = async () => { console.log('${word}'); return 0; }`;
  const modules = `export const ${main('modules')}; export const processIo = () => ({});`;
  const bundle = `exports.${main('bundle')}; exports.processIo = () => ({});`;
  const both = { 'dist/cli/main.js': modules, 'dist/bundle/main.cjs': bundle };

  test('installed, it is the bundle', async () => {
    expect(await saysOver(both)).toBe('bundle');
  });

  test('a bundle of what was compiled last is taken', async () => {
    const records = { 'dist/.tsbuildinfo': 'one', 'dist/bundle/.tsbuildinfo': 'one' };
    expect(await saysOver({ ...both, ...records })).toBe('bundle');
  });

  test('a bundle of something else is left alone', async () => {
    const records = { 'dist/.tsbuildinfo': 'two', 'dist/bundle/.tsbuildinfo': 'one' };
    expect(await saysOver({ ...both, ...records })).toBe('modules');
  });

  test('where nothing was bundled, it is the compiled modules', async () => {
    expect(await saysOver({ 'dist/cli/main.js': modules })).toBe('modules');
  });
});
