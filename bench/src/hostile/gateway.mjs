import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServerProcess } from '../processes/server-process.mjs';

/** This checkout's gateway with one API that is open to everybody, on a free port. */

const PROGRAM = fileURLToPath(new URL('../../../packages/gateway/bin/postern.js', import.meta.url));
const READY = /^Postern ready on http:\/\/(127\.0\.0\.1):(\d+)/m;
const STAGE_PATH = '/production';

/** @param {number} backendPort */
const config = (backendPort) => `apis:
  hostile:
    settings: { permessageDeflate: true }
    routes:
      $default: { url: 'http://127.0.0.1:${backendPort}/', twoWay: true }
`;

/**
 * @param {number} backendPort
 * @returns {Promise<{ server: ServerProcess, target: import('./wire.mjs').Target }>}
 */
export async function startGateway(backendPort) {
  const { server, ready } = await ServerProcess.start({
    command: process.execPath,
    async args(folder) {
      const file = join(folder, 'postern.yaml');
      await writeFile(file, config(backendPort));
      return [PROGRAM, 'dev', '--port', '0', '--ephemeral', '--config', file];
    },
    ready: READY,
  });
  const [, host = '', port] = ready;
  return { server, target: { host, port: Number(port), path: STAGE_PATH } };
}
