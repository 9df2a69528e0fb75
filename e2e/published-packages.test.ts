/** What npm would be given: exactly what the packages need, and nothing of the machine that made it. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { repository } from './support/repository.ts';

const run = promisify(execFile);
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'];

interface Packed {
  readonly name: string;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

async function pack(folder: string): Promise<Packed> {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: folder,
  });
  return JSON.parse(stdout)[0];
}

describe.each(['gateway', 'client', 'backend'])('packages/%s', (name) => {
  const folder = join(repository, 'packages', name);
  let packed: Packed;
  beforeAll(async () => {
    packed = await pack(folder);
  });

  test('publishes built files alone, without source maps', async () => {
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toContain('README.md');
    expect(paths).toContain('LICENSE');
    expect(paths).toContain('package.json');
    const shipped = /^(?:README\.md|LICENSE|package\.json|bin\/postern\.js|dist\/.+)$/;
    expect(paths.filter((path) => !shipped.test(path))).toEqual([]);
    expect(
      paths.filter((path) => /\.map$|tsbuildinfo|\.test\.|\.env|(?<!\.d)\.ts$/.test(path)),
    ).toEqual([]);
  });

  test('names no path of this machine and no source map in any file', async () => {
    const { files } = packed;
    const texts = await Promise.all(
      files.map(({ path }) => readFile(join(folder, path), 'latin1')),
    );
    const told = files.filter((_, at) => {
      const text = texts[at]!;
      return (
        text.includes(repository) ||
        (homedir() !== '/' && text.includes(`${homedir()}/`)) ||
        /^\/\/# sourceMappingURL=/m.test(text)
      );
    });
    expect(told.map(({ path }) => path)).toEqual([]);
  });

  test('runs nothing when it is installed', async () => {
    const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const scripts = Object.keys(manifest.scripts ?? {});
    expect(scripts.filter((script) => INSTALL_SCRIPTS.includes(script))).toEqual([]);
  });

  test('passes publint', async () => {
    const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const { messages } = await publint({ pkgDir: folder, level: 'warning', pack: 'npm' });
    expect(messages.map((message) => formatMessage(message, manifest))).toEqual([]);
  });
});

describe('the command, packed and put into an empty folder', () => {
  const gateway = join(repository, 'packages/gateway');
  let folder: string;
  let installed: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'postern-packed-'));
    installed = join(folder, 'node_modules/postern');
    await mkdir(installed, { recursive: true });
    await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: gateway });
    const archive = (await readdir(folder)).find((name) => name.endsWith('.tgz'))!;
    await run('tar', ['-xzf', join(folder, archive), '-C', installed, '--strip-components=1']);
    const { dependencies } = JSON.parse(await readFile(join(gateway, 'package.json'), 'utf8'));
    for (const name of Object.keys(dependencies)) {
      const link = join(folder, 'node_modules', name);
      await mkdir(dirname(link), { recursive: true });
      await symlink(join(repository, 'node_modules', name), link);
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('serves from its bundle', async () => {
    // Without the modules that the bundle was made of.
    await rm(join(installed, 'dist/server/gateway.js'));
    const argv = [join(installed, 'bin/postern.js'), 'dev', '--port', '0', '--ephemeral'];
    const child = spawn(process.execPath, argv, {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    let url: string | undefined;
    for await (const line of createInterface({ input: child.stdout })) {
      url ??= /^Postern ready on (.*)$/.exec(line)?.[1];
      if (url === undefined) continue;
      expect((await fetch(`${url}/@health/ready`)).status).toBe(200);
      expect((await fetch(`${url}/@console/`)).status).toBe(200);
      child.kill('SIGTERM');
      break;
    }
    expect(url).toBeDefined();
    child.stdout.resume();
    expect(await ended).toEqual([0, null]);
  });

  test('comes with the licences of what is in the bundle', async () => {
    const licenses = await readFile(join(installed, 'dist/bundle/LICENSES.txt'), 'utf8');
    for (const name of ['yaml', 'zod']) {
      expect(licenses).toContain(
        await readFile(join(repository, 'node_modules', name, 'LICENSE'), 'utf8'),
      );
    }
  });
});

test('of what the packages need, one alone has an install script', async () => {
  const lock = JSON.parse(await readFile(join(repository, 'package-lock.json'), 'utf8'));
  const packages = Object.entries<Record<string, unknown>>(lock.packages);
  const needed = packages.filter(
    ([path, { dev, optional, peer }]) =>
      path.startsWith('node_modules/') && !dev && !optional && !peer,
  );
  const withScript = needed.filter(([, { hasInstallScript }]) => hasInstallScript);
  // They look for a binary that npm has already put beside them: `--ignore-scripts` changes nothing.
  expect(withScript.map(([path]) => path)).toEqual(['node_modules/lmdb']);
});
