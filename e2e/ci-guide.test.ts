/** Runs what docs/guides/ci.md tells a reader to save, on ports that are free here. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, expect, test } from 'vitest';
import { useCleanup } from './support/cleanup.ts';
import { freePort } from './support/free-port.ts';
import { quietEnvironment } from './support/process.ts';
import { repository } from './support/repository.ts';

const cleanup = useCleanup();
const run = promisify(execFile);

let folder: string;
beforeEach(async () => {
  // Inside the clone, so that the packages are found.
  folder = await mkdtemp(join(repository, 'node_modules/.postern-guide-'));
  cleanup.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  const text = await readFile(join(repository, 'docs/guides/ci.md'), 'utf8');
  const port = String(await freePort());
  for (const [, name, body] of text.matchAll(/^```\w+ (\S+)\n(.*?)^```$/gms)) {
    await writeFile(join(folder, name!), body!.replaceAll('4080', port));
  }
  await writeFile(
    join(folder, 'ask.mjs'),
    `const answer = await fetch('http://127.0.0.1:${port}/v2/apis');
     console.log((await answer.json()).items.map(({ name }) => name));\n`,
  );
});

const here = () => ({ cwd: folder, env: quietEnvironment() });

test('test.sh has a gateway for as long as the tests take, and none after', async () => {
  const { stdout } = await run('sh', ['test.sh', process.execPath, 'ask.mjs'], here());
  expect(stdout).toBe("[ 'default' ]\n");
  expect(await readFile(join(folder, 'postern.log'), 'utf8')).toMatch(/Stopped\.\s*$/);
});

test('test.sh fails when the tests fail', async () => {
  await expect(run('sh', ['test.sh', 'false'], here())).rejects.toMatchObject({ code: 1 });
});

test('a gateway inside a test of Node.js', async () => {
  // Before Node.js 22 there is no WebSocket but that of ws, as the guide says.
  await writeFile(
    join(folder, 'socket.mjs'),
    "import { WebSocket } from 'ws';\nglobalThis.WebSocket ??= WebSocket;\n",
  );
  const argv = ['--import', './socket.mjs', '--test', 'gateway.test.mjs'];
  const { stdout } = await run(process.execPath, argv, here());
  expect(stdout).toMatch(/pass 1\b/);
});
