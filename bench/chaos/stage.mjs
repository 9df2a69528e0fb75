import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../src/processes/free-port.mjs';
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
 * @property {any} props what the set brought for the script
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
 * @typedef {object} Scenario
 * @property {string} name
 * @property {string} title
 * @property {(size: Size, tell: (line: string) => void) => Promise<Report>} run
 */

/**
 * What is on the stage.
 *
 * @typedef {object} Set
 * @property {readonly string[]} names of the nodes
 * @property {(at: { name: string, folder: string, index: number }) => NodeSettings} node
 * @property {string} [host] where the backend listens; loopback when left out
 * @property {number} [disconnectFailsEvery] the backend answers 500 to so many first attempts
 * @property {any} [props] what the script needs beside
 * @property {() => void | Promise<void>} [after] once every node has ended, however the play did
 *
 * @typedef {object} NodeSettings
 * @property {readonly string[]} args
 * @property {string | undefined} [host] where it listens; loopback when left out
 * @property {readonly string[] | undefined} [prefix]
 * @property {Record<string, string>} [env]
 */

/**
 * A scenario: what is on the stage, made anew for each run, and what is done there.
 *
 * @param {string} name
 * @param {string} title
 * @param {() => Set | Promise<Set>} set
 * @param {(play: Play) => Promise<void>} script
 * @returns {Scenario}
 */
export function scenario(name, title, set, script) {
  const run = async (/** @type {Size} */ size, /** @type {(line: string) => void} */ tell) =>
    perform(name, size, tell, await set(), script);
  return { name, title, run };
}

/**
 * A gateway on a data folder of its own.
 *
 * @param {readonly string[]} [args]
 */
export function onFolder(args = []) {
  return (/** @type {{ folder: string }} */ { folder }) => ({
    args: ['--data', join(folder, 'data'), ...args],
  });
}

/**
 * How long a node is silent until the others have given it up: five seconds, and a heartbeat or two.
 *
 * @param {Size} size
 */
export function lostMillisOf({ calmSeconds }) {
  return Math.max(7, calmSeconds * 1.5) * 1000;
}

/**
 * @param {string} name
 * @param {Size} size
 * @param {(line: string) => void} tell
 * @param {Set} set
 * @param {(play: Play) => Promise<void>} script
 * @returns {Promise<Report>}
 */
async function perform(name, size, tell, set, script) {
  const folder = await mkdtemp(join(tmpdir(), 'postern-chaos-'));
  const ledger = new Ledger();
  const backend = new Backend(ledger);
  const url = await backend.start(set.host ?? '127.0.0.1');
  backend.failsEvery = set.disconnectFailsEvery ?? 0;
  await writeFile(join(folder, 'postern.yaml'), configuration(url));
  /** @type {GatewayNode[]} */
  const nodes = [];
  for (const [index, nodeName] of set.names.entries()) {
    const port = await freePort();
    const settings = set.node({ name: nodeName, folder, index });
    nodes.push(new GatewayNode({ name: nodeName, port, folder, ...settings }));
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
    await script({ ledger, backend, nodes, load, size, folder, note, calm, props: set.props });
    await load.quiet();
    note(`quiet: ${load.connected} clients connected`);
    await load.leave();
    await everybodyTold(ledger, size.toldSeconds);
    note('every client has left');
    const verdict = judge(ledger);
    const errors = nodes.flatMap((node) => node.errors);
    return {
      scenario: name,
      size,
      seconds: Math.round(ledger.now() / 1000),
      story,
      verdict,
      errors,
    };
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
    await backend.stop();
    await set.after?.();
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

/** @param {string} backend */
function configuration(backend) {
  return `apis:
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
          - { Effect: Allow, Action: ['postern:GetMetrics', 'apigateway:*'], Resource: '*' }
`;
}
