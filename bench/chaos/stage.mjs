import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Backend } from './backend.mjs';
import { GatewayNode } from './gateway-node.mjs';
import { Ledger } from './ledger.mjs';
import { CREDENTIALS, Load, pause, STAGE } from './load.mjs';
import { judge } from './verdict.mjs';

/**
 * Everything a scenario plays with, and the play itself: start, connect, load, whatever the scenario does,
 * then quiet, every client leaves, and the ledger is compared.
 */

/** Of the user who may read `/@metrics`. */
export const METRICS_TOKEN = 'a-token-for-the-vital-signs';

/**
 * @typedef {object} Size
 * @property {number} sockets
 * @property {number} pushesPerSecond
 * @property {number} messagesPerSecond
 * @property {number} calmSeconds how long nothing happens between two blows
 * @property {number} toldSeconds how long a `$disconnect` may take to arrive in the end
 */

/**
 * @typedef {object} Play
 * @property {Ledger} ledger
 * @property {Backend} backend
 * @property {GatewayNode[]} nodes
 * @property {Load} load
 * @property {Size} size
 * @property {string} folder
 * @property {(what: string) => void} note a line of the report
 * @property {() => Promise<void>} calm
 */

/**
 * @typedef {object} Report
 * @property {string} scenario
 * @property {Size} size
 * @property {number} seconds
 * @property {string[]} story
 * @property {import('./verdict.mjs').Verdict} verdict
 * @property {string[]} errors lines the nodes logged as errors
 */

/**
 * @param {object} play
 * @param {string} play.scenario
 * @param {Size} play.size
 * @param {readonly string[]} play.names of the nodes
 * @param {(at: { name: string, folder: string, index: number }) => NodeSettings} play.node
 * @param {string} [play.host] where the backend listens; loopback when left out
 * @param {number} [play.disconnectFailsEvery] the backend answers 500 to so many first attempts
 * @param {string} [play.settings] further lines of postern.yaml
 * @param {(line: string) => void} [play.tell]
 * @param {() => void | Promise<void>} [play.after] once every node has ended, however the play did
 * @param {(play: Play) => Promise<void>} script
 * @returns {Promise<Report>}
 *
 * @typedef {object} NodeSettings
 * @property {readonly string[]} args
 * @property {string | undefined} [host] where it listens; loopback when left out
 * @property {readonly string[] | undefined} [prefix]
 * @property {Record<string, string>} [env]
 */
export async function perform(play, script) {
  const { scenario, size, tell = () => {} } = play;
  const folder = await mkdtemp(join(tmpdir(), 'postern-chaos-'));
  const ledger = new Ledger();
  const backend = new Backend(ledger);
  const url = await backend.start(play.host ?? '127.0.0.1');
  backend.failsEvery = play.disconnectFailsEvery ?? 0;
  await writeFile(join(folder, 'postern.yaml'), configuration(url, play.settings ?? ''));
  /** @type {GatewayNode[]} */
  const nodes = [];
  for (const [index, name] of play.names.entries()) {
    const port = await freePort();
    nodes.push(new GatewayNode({ name, port, folder, ...play.node({ name, folder, index }) }));
  }
  const load = new Load(ledger, nodes, size);
  /** @type {string[]} */
  const story = [];
  const note = (/** @type {string} */ what) => {
    const line = `${(ledger.now() / 1000).toFixed(1).padStart(7)} s  ${what}`;
    story.push(line);
    tell(line);
  };
  try {
    for (const node of nodes) await node.start();
    await load.connect(size.sockets);
    note(`${load.connected} clients are connected to ${nodes.length} node(s)`);
    load.start();
    const calm = () => pause(size.calmSeconds * 1000);
    await script({ ledger, backend, nodes, load, size, folder, note, calm });
    await load.quiet();
    note(`quiet: ${load.connected} clients connected`);
    await load.leave();
    await everybodyTold(ledger, size.toldSeconds);
    note('every client has left');
    const verdict = judge(ledger);
    const errors = nodes.flatMap((node) => node.errors);
    return { scenario, size, seconds: Math.round(ledger.now() / 1000), story, verdict, errors };
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
    await backend.stop();
    await play.after?.();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {Ledger} ledger
 * @param {number} seconds
 */
async function everybodyTold(ledger, seconds) {
  const until = performance.now() + seconds * 1000;
  const isOwed = (/** @type {import('./ledger.mjs').ConnectionRow} */ { openedAt, told }) =>
    openedAt !== undefined && !told.some(({ isTaken }) => isTaken);
  while (performance.now() < until && [...ledger.connections.values()].some(isOwed)) {
    await pause(100);
  }
  // What comes twice comes soon after.
  await pause(2500);
}

/**
 * @param {string} backend
 * @param {string} settings
 */
function configuration(backend, settings) {
  return `${settings}
apis:
  chaos:
    id: chaoschaos
    stage: ${STAGE}
    headers: { connectionId: context.connectionId }
    routes:
      $connect: ${backend}/connect
      $disconnect: { url: '${backend}/disconnect', headers: { code: context.disconnectStatusCode } }
      $default: { url: '${backend}/message', twoWay: true }
users:
  - name: backend
    tokens: ['${METRICS_TOKEN}']
    accessKeys:
      - accessKeyId: ${CREDENTIALS.accessKeyId}
        secretAccessKey: ${CREDENTIALS.secretAccessKey}
    policies:
      - Version: '2012-10-17'
        Statement:
          - { Effect: Allow, Action: 'execute-api:ManageConnections', Resource: '*' }
          - { Effect: Allow, Action: 'postern:GetMetrics', Resource: '*' }
`;
}

/** @returns {Promise<number>} */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  await new Promise((resolve) => server.close(resolve));
  return port;
}
