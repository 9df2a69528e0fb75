import { existsSync, readFileSync } from 'node:fs';
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../processes/free-port.mjs';
import { ServerProcess } from '../processes/server-process.mjs';

/**
 * serverless-offline, the emulator of API Gateway that most people run, under osls (the free line of the
 * Serverless Framework). Its backend is a function: it runs in the same process, which is the cheapest
 * way it has, and its log is off. It knows no backend over HTTP, so a message is told to the counting
 * backend by the function, over one connection and without waiting, and an echo never leaves the process.
 */

const PACKAGES = fileURLToPath(new URL('../../peers/serverless-offline', import.meta.url));
const COMMAND = join(PACKAGES, 'node_modules/serverless/bin/serverless.js');
const READY = 'postern-bench: ready';

const SERVICE = `
service: bench
provider: { name: aws, runtime: nodejs20.x }
plugins: [./ready, serverless-offline]
functions:
  connect:
    handler: functions.connect
    events: [{ websocket: $connect }]
  message:
    handler: functions.message
    events: [{ websocket: { route: $default, routeResponseSelectionExpression: $default } }]
`;

/** Says when sockets may come: at the level at which its log is quiet, nothing else does. */
const READY_PLUGIN = `
module.exports = class {
  hooks = { 'offline:start:ready': () => console.log('${READY}') };
};
`;

/** @param {number} backendPort @param {boolean} echoes */
const functions = (backendPort, echoes) => `
const { connect } = require('node:net');
let backend;
function tell({ requestContext, body }) {
  backend ??= connect(${backendPort}, '127.0.0.1').resume();
  backend.write(
    'POST /ws/message HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nconnectionId: ' + requestContext.connectionId +
      '\\r\\nContent-Length: ' + Buffer.byteLength(body) + '\\r\\n\\r\\n' + body,
  );
}
exports.connect = async () => ({ statusCode: 200 });
exports.message = async (event) => {
  if (${echoes}) return { statusCode: 200, body: event.body };
  tell(event);
  return { statusCode: 200 };
};
`;

/** @type {import('./subject.mjs').Subject} */
export const serverlessOffline = {
  label: 'serverless-offline',
  folder: null,
  about:
    'an emulator for development: its backend is a function in its own process, so `message`, `echo` ' +
    'and `connect-backend` have no request to a backend over HTTP; no signatures, no policies',
  version() {
    const { version } = JSON.parse(
      readFileSync(join(PACKAGES, 'node_modules/serverless-offline/package.json'), 'utf8'),
    );
    return `serverless-offline ${version}, Node ${process.version}`;
  },
  programs: {},
  packages: PACKAGES,
  kinds: ['push', 'message', 'echo', 'connectCall', 'idle', 'start'],
  async start({ scenario, backendPort }) {
    if (!existsSync(COMMAND)) throw new Error(`run "npm ci" in ${PACKAGES}`);
    const [http, port, lambda, alb] = await Promise.all(Array.from({ length: 4 }, freePort));
    const { server } = await ServerProcess.start({
      command: process.execPath,
      async args(folder) {
        await Promise.all([
          symlink(join(PACKAGES, 'node_modules'), join(folder, 'node_modules')),
          writeFile(join(folder, 'serverless.yml'), SERVICE),
          writeFile(join(folder, 'ready.js'), READY_PLUGIN),
          writeFile(join(folder, 'functions.js'), functions(backendPort, scenario.kind === 'echo')),
        ]);
        const ports = { http, websocket: port, lambda, alb };
        const flags = Object.entries(ports).flatMap(([name, one]) => [`--${name}Port`, `${one}`]);
        const quiet = ['--noSponsor', '--noTimeout', '--noAuth', '--useInProcess'];
        return [COMMAND, 'offline', 'start', '--host', '127.0.0.1', ...flags, ...quiet];
      },
      ready: new RegExp(`^${READY}`, 'm'),
      env: { SLS_LOG_LEVEL: 'error', SLS_TELEMETRY_DISABLED: '1', SLS_NOTIFICATIONS_MODE: 'off' },
    });
    return { server, host: '127.0.0.1', port: Number(port), talk: TALK };
  },
};

/** @type {import('./subject.mjs').Talk} */
const TALK = {
  socketPath: '/',
  pushPath: '/@connections/{id}',
  pushPort: null,
  pushBody: 'raw',
  success: 'HTTP/1.1 20',
  tellsIds: true,
  verifies: false,
};
