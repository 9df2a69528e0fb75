import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServerProcess } from '../processes/server-process.mjs';
import { Profiler } from '../profile/profiler.mjs';
import { isFootprint } from '../scenarios.mjs';

/**
 * A checkout's gateway, started as its users start it: `postern dev` or `postern start` with a
 * postern.yaml, on a free port.
 */

/** The same command, from its modules. */
const PROFILED = fileURLToPath(new URL('../profile/start.mjs', import.meta.url));

export const STAGE = 'production';

export const CREDENTIALS = Object.freeze({
  accessKeyId: 'AKIAPOSTERNBENCH0001',
  secretAccessKey: 'bench-secret',
  region: 'us-east-1',
  service: 'execute-api',
});

/** Of whoever reads the live trace. */
const TOKEN = 'a-token-of-the-bench';

/** Members of the stage, by what is to look at its events. */
const STAGE_SETTINGS = {
  none: '{}',
  trace: '{}',
  accessLog: `{ accessLogSettings: { destinationArn: 'file:access', format: '${JSON.stringify({
    requestId: '$context.requestId',
    ip: '$context.identity.sourceIp',
    eventType: '$context.eventType',
    routeKey: '$context.routeKey',
    status: '$context.status',
    connectionId: '$context.connectionId',
    latency: '$context.integrationLatency',
  })}' } }`,
  executionLog: '{ defaultRouteSettings: { loggingLevel: INFO } }',
  dataTrace: '{ defaultRouteSettings: { loggingLevel: INFO, dataTraceEnabled: true } }',
};

/**
 * @param {number} backendPort
 * @param {Partial<Pick<import('../scenarios.mjs').Scenario, 'kind' | 'telemetry' | 'isToldOfEnds'>>} scenario
 */
export function gatewayConfig(backendPort, { kind, telemetry, isToldOfEnds = false } = {}) {
  const backend = `http://127.0.0.1:${backendPort}/ws`;
  return `apis:
  bench:
    id: benchbench
    stages:
      ${STAGE}: ${STAGE_SETTINGS[telemetry ?? 'none']}
    routes:
      $default: { url: '${backend}/message', twoWay: ${kind === 'echo'} }${
        kind === 'connectCall' ? `\n      $connect: ${backend}/connect` : ''
      }${isToldOfEnds ? `\n      $disconnect: ${backend}/disconnect` : ''}
users:
  - name: backend
    accessKeys:
      - accessKeyId: ${CREDENTIALS.accessKeyId}
        secretAccessKey: ${CREDENTIALS.secretAccessKey}
    tokens: [${TOKEN}]
    policies:
      - Version: '2012-10-17'
        Statement:
          - { Effect: Allow, Action: ['postern:FollowTrace', 'postern:GetMetrics'], Resource: '*' }
          - Effect: Allow
            Action: 'execute-api:ManageConnections'
            Resource: 'arn:aws:execute-api:us-east-1:000000000000:benchbench/${STAGE}/POST/@connections/*'
`;
}

export const READY = /^Postern ready on http:\/\/(127\.0\.0\.1):(\d+)/m;

/**
 * What Node.js is told, up to the gateway's own words.
 *
 * @param {string} checkout
 * @param {string | null} profile folder
 * @param {Profiler | null} [profiler] takes it of a part of the process's life, and not of the whole
 */
export function nodeWords(checkout, profile, profiler = null) {
  const program = join(checkout, 'packages/gateway/bin/postern.js');
  if (!existsSync(program)) {
    throw new Error(`${program} is missing: run "npm ci && npm run build" in that checkout`);
  }
  if (profile === null) return [program];
  const words = profiler?.nodeWords ?? ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  return [...words, PROFILED, checkout];
}

/**
 * @param {object} checkout
 * @param {string} checkout.label
 * @param {string} checkout.folder
 * @param {string} [checkout.node] program that it runs under; that of the bench when left out
 * @param {string | null} checkout.profile folder for a CPU profile of it under load; where nothing travels, of its
 *   whole life
 * @returns {import('./subject.mjs').Subject}
 */
export function posternSubject({ label, folder: checkout, node = process.execPath, profile }) {
  return {
    label,
    folder: checkout,
    about: 'this checkout: limits, log and metrics on; in `push`, signatures and policies too',
    version: () => `Node ${nodeVersion(node)}`,
    isOurs: true,
    programs: {},
    kinds: [
      'push',
      'message',
      'echo',
      'connect',
      'connectCall',
      'fanOut',
      'idle',
      'idleWorkers',
      'start',
    ],
    async start({ scenario, backendPort }) {
      const profiler =
        profile === null || isFootprint(scenario)
          ? null
          : new Profiler(join(profile, `${scenario.name}${suffixOf(label)}.cpuprofile`));
      const { server, ready } = await ServerProcess.start({
        command: node,
        async args(folder) {
          const config = join(folder, 'postern.yaml');
          await writeFile(config, gatewayConfig(backendPort, scenario));
          const options = ['--port', '0', '--ephemeral', '--config', config];
          if (scenario.workers !== undefined) options.push('--workers', String(scenario.workers));
          if (scenario.telemetry !== undefined) options.push('--stage-logs', join(folder, 'logs'));
          return [...nodeWords(checkout, profile, profiler), scenario.command, ...options];
        },
        ready: READY,
      });
      const [, host = '', port] = ready;
      const url = `http://${host}:${port}`;
      if (scenario.telemetry === 'trace') await followTrace(url);
      const lagMillis = () => readLag(url);
      return { server, host, port: Number(port), talk: TALK, lagMillis, profiler };
    },
  };
}

/** What a subject's files are called, beside the first one's. @param {string} label */
function suffixOf(label) {
  return label === 'this' ? '' : `-${label.replace(/[^\w.]+/g, '-')}`;
}

/** @param {string} node a Node.js program */
export function nodeVersion(node) {
  return execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
}

/**
 * Reads the live trace until the gateway ends, as a console that is open somewhere does.
 *
 * @param {string} url
 */
async function followTrace(url) {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const response = await fetch(`${url}/@api/trace`, { headers });
  if (response.status !== 200) throw new Error(`the live trace answered ${response.status}`);
  response.body?.pipeTo(new WritableStream()).catch(() => {
    // The gateway has ended.
  });
}

/** The timer that measures is due so often, and its interval is part of what it tells. */
const LAG_TIMER_MILLIS = 10;

/**
 * How late the gateway's event loop was at most since it was last asked. The first look begins the measuring.
 *
 * @param {string} url
 */
async function readLag(url) {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const response = await fetch(`${url}/@metrics`, { headers });
  const page = await response.text();
  if (response.status !== 200) throw new Error(`/@metrics answered ${response.status}: ${page}`);
  const seconds = /^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(page)?.[1];
  if (seconds === undefined) throw new Error('/@metrics does not tell how late the event loop is');
  return Math.max(0, Number(seconds) * 1e3 - LAG_TIMER_MILLIS);
}

/** @type {import('./subject.mjs').Talk} */
export const TALK = {
  socketPath: `/${STAGE}`,
  pushPath: `/${STAGE}/@connections/{id}`,
  toMany: { socketPath: `/${STAGE}`, path: `/${STAGE}/@connections` },
  pushPort: null,
  pushBody: 'raw',
  success: 'HTTP/1.1 200 ',
  tellsIds: true,
  verifies: true,
};
