import { execFile, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EmbeddedEngine } from '../../src/engines/embedded/embedded-engine.ts';
import { describeConnectionDirectory } from './connection-directory.contract.ts';
import { describeEngine } from './engine.contract.ts';

const inFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
  const create = () => new EmbeddedEngine({ folder });
  const cleanUp = () => rm(folder, { recursive: true, force: true });
  return { create, reopen: create, another: create, cleanUp };
};
const ephemeral = () => ({ create: () => new EmbeddedEngine({ ephemeral: true }) });

describeEngine('embedded, in a folder,', inFolder);
describeEngine('embedded, ephemeral,', ephemeral);
describeConnectionDirectory('embedded, in a folder,', inFolder);
describeConnectionDirectory('embedded, ephemeral,', ephemeral);

test('a commit that fails half-way, on a key too long for LMDB, writes nothing', async () => {
  const engine = new EmbeddedEngine({ ephemeral: true });
  await engine.start();
  const change = { value: 1, expectedVersion: 0 };
  const commit = engine.resources.commit([
    { ...change, key: 'api/a1' },
    { ...change, key: `api/${'x'.repeat(3000)}` },
  ]);
  await expect(commit).rejects.toThrow(/key/i);
  expect(await engine.resources.list('')).toEqual([]);
  expect(await engine.resources.commit([{ ...change, key: 'api/a2' }])).toBe(true);
  await engine.stop();
});

describe('the data folder', () => {
  let scratch: string;
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'postern-test-'));
  });
  afterEach(() => rm(scratch, { recursive: true, force: true }));

  test('is for its owner alone: it holds secrets', async () => {
    const folder = join(scratch, 'data');
    const engine = new EmbeddedEngine({ folder });
    await engine.start();
    const modes = [folder, ...readdirSync(folder).map((name) => join(folder, name))].map(
      (path) => statSync(path).mode & 0o077,
    );
    expect(modes).toEqual(modes.map(() => 0));
    await engine.stop();
  });

  test('is made when it is missing, parents included, whatever its name', async () => {
    const folder = join(scratch, 'deep', 'data.d');
    const engine = new EmbeddedEngine({ folder });
    await engine.start();
    await engine.stop();
    expect(readdirSync(folder)).toContain('postern.mdb');
  });

  test.each([
    ['a file', 'file', 'it is a file'],
    ['below a file', 'file/below', 'a part of the path is a file'],
  ])('that is %s is refused with a way out', async (_, path, cause) => {
    writeFileSync(join(scratch, 'file'), '');
    const folder = join(scratch, path);
    await expect(new EmbeddedEngine({ folder }).start()).rejects.toThrow(
      `Cannot open the data folder ${folder}: ${cause}. ` +
        'Choose another with --data, or run with --ephemeral.',
    );
  });

  test.runIf(process.platform === 'linux')(
    'where a file system takes no folders is refused, in bounded time',
    async () => {
      const folder = '/proc/postern/data';
      await expect(new EmbeddedEngine({ folder }).start()).rejects.toThrow(
        /^Cannot open the data folder \/proc\/postern\/data: no folder can be made there\. Choose another/,
      );
    },
  );

  test('that another user may not write to is refused with a way out', async () => {
    const folder = join(scratch, 'data');
    mkdirSync(folder);
    // Its files are LMDB's to make, which says so in its own way.
    chmodSync(scratch, 0o755);
    chmodSync(folder, 0o555);
    const program = join(import.meta.dirname, 'support', 'open-as-another.ts');
    const loader = join(import.meta.dirname, '..', 'support', 'typescript-loader.mjs');
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...['--import', loader],
      ...[program, folder],
    ]);
    expect(stdout).toBe(
      `Cannot open the data folder ${folder}: it is not writable by this user. ` +
        'Choose another with --data, or run with --ephemeral.\n',
    );
  });

  test('whose file is not a store is refused with a way out', async () => {
    writeFileSync(join(scratch, 'postern.mdb'), 'x'.repeat(20_000));
    await expect(new EmbeddedEngine({ folder: scratch }).start()).rejects.toThrow(
      `Cannot open the data folder ${scratch}: its postern.mdb is not a store of Postern. ` +
        'Choose another with --data, or run with --ephemeral.',
    );
  });

  test('of an ephemeral engine is a temporary one, gone after stop', async () => {
    vi.stubEnv('TMPDIR', scratch);
    const engine = new EmbeddedEngine({ ephemeral: true });
    await engine.start();
    expect(readdirSync(scratch)).toEqual([expect.stringMatching(/^postern-/)]);
    await engine.stop();
    expect(readdirSync(scratch)).toEqual([]);
    vi.unstubAllEnvs();
  });

  // The child writes as fast as it can, eight at a time, and prints a number once its commit
  // resolved. Killed without warning, it must have left every printed number behind.
  test('holds every acknowledged commit after kill -9', async () => {
    const acknowledged = (await linesOfKilled('endless-writer.ts', 60)).map(Number);
    expect(acknowledged.length).toBeGreaterThanOrEqual(60);

    const engine = new EmbeddedEngine({ folder: scratch });
    await engine.start();
    const stored = await engine.resources.list('api/');
    await engine.stop();
    const kept = new Set(stored.map(({ value }) => (value as { number: number }).number));
    expect(acknowledged.filter((number) => !kept.has(number))).toEqual([]);
  });

  test('holds every connection that was not removed after kill -9', async () => {
    const lines = await linesOfKilled('endless-connections.ts', 400);
    const ended = new Set(
      lines.filter((line) => line.startsWith('-')).map((line) => line.slice(1)),
    );
    const added = lines.filter((line) => line.startsWith('+')).map((line) => line.slice(1));
    const owed = added.filter((number) => !ended.has(number));
    expect(owed.length).toBeGreaterThanOrEqual(150);

    const engine = new EmbeddedEngine({ folder: scratch });
    await engine.start();
    const claimed = await engine.connections.claim(100_000);
    await engine.stop();
    const kept = new Set(claimed.map(({ value }) => String((value as { number: number }).number)));
    expect(owed.filter((number) => !kept.has(number))).toEqual([]);
  });

  /** What a process printed until it was killed, without warning, after so many lines. */
  async function linesOfKilled(program: string, count: number): Promise<string[]> {
    const loader = join(import.meta.dirname, '..', 'support', 'typescript-loader.mjs');
    const path = join(import.meta.dirname, 'support', program);
    const child = spawn(process.execPath, ['--import', loader, path, scratch], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (lines.length === count) child.kill('SIGKILL');
    }
    await exited;
    return lines;
  }
});
