import { existsSync } from 'node:fs';
import { freePort } from '../processes/free-port.mjs';
import { ServerProcess } from '../processes/server-process.mjs';

/** A Redis of the bench's own, on a free port of 127.0.0.1, which keeps nothing on disk. */

const PROGRAM = '/usr/bin/redis-server';

/** @returns {Promise<{ server: ServerProcess, url: string }>} */
export async function startRedis() {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: install redis-server`);
  const port = await freePort();
  const { server } = await ServerProcess.start({
    command: PROGRAM,
    args: (folder) => [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
      ...['--save', '', '--appendonly', 'no'],
    ],
    ready: /Ready to accept connections/,
  });
  return { server, url: `redis://127.0.0.1:${port}` };
}
