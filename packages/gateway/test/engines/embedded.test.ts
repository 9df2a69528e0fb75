import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EmbeddedEngine } from '../../src/engines/embedded/embedded-engine.ts';
import { describeEngine } from './engine.contract.ts';

describeEngine('embedded, in a folder,', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
  const create = () => new EmbeddedEngine({ folder });
  const cleanUp = () => rm(folder, { recursive: true, force: true });
  return { create, reopen: create, cleanUp };
});

describeEngine('embedded, ephemeral,', () => ({
  create: () => new EmbeddedEngine({ ephemeral: true }),
}));

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
    const loader = join(import.meta.dirname, '..', 'support', 'typescript-loader.mjs');
    const writer = join(import.meta.dirname, 'support', 'endless-writer.ts');
    const child = spawn(process.execPath, ['--import', loader, writer, scratch], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    const acknowledged: number[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.push(Number(line));
      if (acknowledged.length === 60) child.kill('SIGKILL');
    }
    await exited;
    expect(acknowledged.length).toBeGreaterThanOrEqual(60);

    const engine = new EmbeddedEngine({ folder: scratch });
    await engine.start();
    const stored = await engine.resources.list('api/');
    await engine.stop();
    const kept = new Set(stored.map(({ value }) => (value as { number: number }).number));
    expect(acknowledged.filter((number) => !kept.has(number))).toEqual([]);
  });
});
