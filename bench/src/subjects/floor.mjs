import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServerProcess } from '../processes/server-process.mjs';

/** What the kernel alone costs: `floor.c`, compiled when it starts. */

const SOURCE = fileURLToPath(new URL('./floor.c', import.meta.url));

/** @type {import('./subject.mjs').Subject} */
export const floor = {
  label: 'C floor',
  folder: null,
  about: 'one thread of C over epoll that checks nothing: what the kernel alone costs',
  version: () => execFileSync('gcc', ['--version'], { encoding: 'utf8' }).split('\n', 1)[0] ?? '',
  isOurs: true,
  programs: { '/usr/bin/gcc': 'gcc libc6-dev' },
  kinds: ['push', 'message', 'echo', 'connect', 'fanOut', 'idle', 'start'],
  async start({ scenario, backendPort }) {
    const { server, ready } = await ServerProcess.start({
      command: '/bin/sh',
      args(folder) {
        const program = join(folder, 'floor');
        execFileSync('gcc', ['-O2', '-o', program, SOURCE]);
        return ['-c', `exec ${program} 0 ${backendPort} ${scenario.kind === 'echo' ? 1 : 0}`];
      },
      ready: /^ready on (\d+)/m,
    });
    return { server, host: '127.0.0.1', port: Number(ready[1]), talk: TALK };
  },
};

/** @type {import('./subject.mjs').Talk} */
const TALK = {
  socketPath: '/socket/{n}',
  pushPath: '/push/{id}',
  toMany: { socketPath: '/socket/{n}', path: '/push/all' },
  pushPort: null,
  pushBody: 'raw',
  success: 'HTTP/1.1 200 ',
  tellsIds: false,
  verifies: false,
};
