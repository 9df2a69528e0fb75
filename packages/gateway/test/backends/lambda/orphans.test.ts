import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { gone } from '../../support/gone.ts';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * A gateway that is killed has no chance to end its functions, and a function that never yields none
 * to notice. Both kinds of function spin here.
 */
test('functions end with the gateway, even when it is killed and they never yield', async () => {
  const loader = pathToFileURL(file('../../support/typescript-loader.mjs')).href;
  const gateway = spawn(process.execPath, ['--import', loader, file('support/doomed-gateway.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  for await (const line of createInterface(gateway.stdout)) {
    lines.push(line);
    if (lines.length === 3) break;
  }
  const [folder, ...pids] = lines as [string, string, string];
  expect(pids.every((pid) => Number(pid) > 1)).toBe(true);
  gateway.kill('SIGKILL');
  await Promise.all(pids.map((pid) => gone(Number(pid))));
  await rm(folder, { recursive: true });
});
