import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';

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

test.skipIf(!isBuilt)('a misused command ends with 2', async () => {
  const child = spawn(process.execPath, [join(gateway, 'bin/postern.js'), 'devv']);
  expect(await once(child, 'exit')).toEqual([2, null]);
});
