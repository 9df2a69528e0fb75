import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const LOADER = join(import.meta.dirname, '..', 'support', 'typescript-loader.mjs');
const PROGRAM = join(import.meta.dirname, '..', 'support', 'few-files.ts');

test.runIf(process.platform === 'linux')(
  'a process that runs out of files says so once, and when there are files again',
  () => {
    const command = 'ulimit -n 64 && exec "$@"';
    const program = [process.execPath, '--import', LOADER, PROGRAM];
    const said = execFileSync('sh', ['-c', command, 'sh', ...program], { encoding: 'utf8' });
    const advice = 'raise LimitNOFILE= of the service, or ulimit -n';
    expect(said.trim().split('\n')).toEqual([
      `connectionsMax is more than this process can open: ${advice} {"connectionsMax":1000,"filesMax":64}`,
      `Nine tenths of the files this process may open are open: ${advice} {"filesMax":64}`,
      `No more files can be opened, new clients are hung up on: ${advice} {"filesMax":64}`,
      'Files can be opened again {"filesMax":64}',
    ]);
  },
);
