/** Runs docs/guides/production.md from its first command to its last, on ports that are free here. */
import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useCleanup } from './support/cleanup.ts';
import { freePort } from './support/free-port.ts';
import { quietEnvironment } from './support/process.ts';
import { repository } from './support/repository.ts';

const cleanup = useCleanup();
const PAGE = join(repository, 'docs/guides/production.md');
const MARK = '=== block ';

/** What the guide tells the reader to type, block by block. */
async function blocks(): Promise<string[]> {
  const text = await readFile(PAGE, 'utf8');
  const found = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block!);
  const ports = new Map<string, number>();
  for (const port of ['8443', '4081', '3000']) ports.set(port, await freePort());
  return found.map((block) =>
    block.replace(/\b(?:8443|4081|3000)\b/g, (port) => String(ports.get(port))),
  );
}

/** Lines that begin with `# ` outside of a file that is written: what the command before prints. */
function expected(block: string): string[] {
  const commands = block.replace(/<<'(\w+)'\n.*?^\1$/gms, '');
  return commands.split('\n').flatMap((line) => (line.startsWith('# ') ? [line.slice(2)] : []));
}

/** A curl that ends its output with a line end. */
async function commands(folder: string): Promise<string> {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'curl'), `#!/bin/bash\nexec /usr/bin/curl -w '\\n' "$@"\n`);
  await chmod(join(bin, 'curl'), 0o755);
  return bin;
}

test('every command of the guide does what the guide says', async () => {
  // Inside the clone, so that the packages are found.
  const folder = await mkdtemp(join(repository, 'node_modules/.postern-guide-'));
  cleanup.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  const bin = await commands(folder);
  const all = await blocks();
  const script = all.map((block, at) => `echo '${MARK}${at}'\n${block}`).join('\n');
  const child = spawn('/bin/bash', ['-e', '-m', '-c', `trap 'kill $(jobs -p)' EXIT\n${script}`], {
    cwd: folder,
    env: { ...quietEnvironment(), PATH: `${bin}:${process.env.PATH}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  cleanup.defer(() => void child.kill());
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  // A loop that waits for what never comes ends here, with everything that was said until then.
  const patience = setTimeout(() => child.kill(), 180_000);
  await new Promise((resolve) => child.once('close', resolve));
  clearTimeout(patience);

  const said = output.split(/^=== block \d+\n/m).slice(1);
  const logs = await Promise.all(
    ['gateway.log', 'backend.log'].map((name) =>
      readFile(join(folder, name), 'utf8').catch(() => ''),
    ),
  );
  expect(said.length, `${errors}\n${output}\n${logs.join('\n')}`).toBe(all.length);
  for (const [at, block] of all.entries()) {
    const lines = said[at]!.split('\n').filter((line) => line.trim() !== '');
    expect(lines, block).toEqual(expected(block));
  }
});
