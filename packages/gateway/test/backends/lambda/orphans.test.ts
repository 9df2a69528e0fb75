import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { gone } from './support/functions.ts';

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
  const pids: number[] = [];
  for await (const line of createInterface(gateway.stdout)) {
    pids.push(Number(line));
    if (pids.length === 2) break;
  }
  expect(pids.every((pid) => pid > 1)).toBe(true);
  gateway.kill('SIGKILL');
  await Promise.all(pids.map(gone));
});
