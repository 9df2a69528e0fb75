import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServerProcess } from '../processes/server-process.mjs';

/**
 * A checkout's gateway, started as its users start it: `postern dev` or `postern start` with a
 * postern.yaml, on a free port.
 */

export const STAGE = 'production';

export const CREDENTIALS = Object.freeze({
  accessKeyId: 'AKIAPOSTERNBENCH0001',
  secretAccessKey: 'bench-secret',
  region: 'us-east-1',
  service: 'execute-api',
});

/** @param {number} backendPort */
export function gatewayConfig(backendPort) {
  return `apis:
  bench:
    id: benchbench
    stage: ${STAGE}
    routes:
      $default: http://127.0.0.1:${backendPort}/ws/message
users:
  - name: backend
    accessKeys:
      - accessKeyId: ${CREDENTIALS.accessKeyId}
        secretAccessKey: ${CREDENTIALS.secretAccessKey}
    policies:
      - Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Action: 'execute-api:ManageConnections'
            Resource: 'arn:aws:execute-api:us-east-1:000000000000:benchbench/${STAGE}/POST/@connections/*'
`;
}

const READY = /^Postern ready on http:\/\/(127\.0\.0\.1):(\d+)/m;

/**
 * @param {object} checkout
 * @param {string} checkout.label
 * @param {string} checkout.folder
 * @param {string | null} checkout.profile folder for a CPU profile of its whole life
 * @returns {import('./subject.mjs').Subject}
 */
export function posternSubject({ label, folder: checkout, profile }) {
  return {
    label,
    folder: checkout,
    kinds: ['push', 'message'],
    async start({ scenario, backendPort }) {
      const program = join(checkout, 'packages/gateway/bin/postern.js');
      if (!existsSync(program)) {
        throw new Error(`${program} is missing: run "npm ci && npm run build" in that checkout`);
      }
      const profiling = profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
      const { server, ready } = await ServerProcess.start({
        command: process.execPath,
        async args(folder) {
          const config = join(folder, 'postern.yaml');
          await writeFile(config, gatewayConfig(backendPort));
          const options = ['--port', '0', '--ephemeral', '--config', config];
          return [...profiling, program, scenario.command, ...options];
        },
        ready: READY,
      });
      const [, host = '', port] = ready;
      return { server, host, port: Number(port), talk: TALK };
    },
  };
}

/** @type {import('./subject.mjs').Talk} */
const TALK = {
  socketPath: `/${STAGE}`,
  pushPath: `/${STAGE}/@connections/{id}`,
  pushPort: null,
  pushBody: 'raw',
  success: 'HTTP/1.1 200 ',
  tellsIds: true,
  verifies: true,
};
