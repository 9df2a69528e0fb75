import { createSigner } from '../src/wire/sigv4.mjs';
import { CREDENTIALS, pause } from './load.mjs';

/** A change through each node in turn, and how long the others take to serve by it. */

const API = '/v2/apis/chaoschaos';
const LOOK_MILLIS = 5;
const WAIT_MILLIS_MAX = 60_000;

/**
 * @param {readonly import('./gateway-node.mjs').GatewayNode[]} nodes
 * @param {(what: string) => void} note
 */
export async function deployThroughEach(nodes, note) {
  const times = [];
  for (const node of nodes) {
    const stageName = `through-${node.name}`;
    await change(node, `${API}/stages`, { stageName });
    await change(node, `${API}/deployments`, { stageName });
    const answeredAt = performance.now();
    await Promise.all(nodes.map((one) => isServed(one, stageName)));
    times.push(performance.now() - answeredAt);
  }
  const longest = Math.max(...times).toFixed(0);
  note(`a deployment through each node: in force on all within ${longest} ms of its answer`);
}

/**
 * @param {import('./gateway-node.mjs').GatewayNode} node
 * @param {string} path
 * @param {object} members
 */
async function change({ host: address, port }, path, members) {
  const host = `${address}:${port}`;
  const body = Buffer.from(JSON.stringify(members));
  const sign = createSigner({ ...CREDENTIALS, service: 'apigateway' }, new Date());
  const { amzDate, authorization } = sign({ method: 'POST', host, path, body });
  const headers = { 'x-amz-date': amzDate, authorization, 'content-type': 'application/json' };
  const response = await fetch(`http://${host}${path}`, { method: 'POST', headers, body });
  if (response.status !== 201)
    throw new Error(`${path}: ${response.status} ${await response.text()}`);
}

/**
 * Where nobody knows of a stage, its path is not one that wants an upgrade.
 *
 * @param {import('./gateway-node.mjs').GatewayNode} node
 * @param {string} stageName
 */
async function isServed({ name, host, port }, stageName) {
  const until = performance.now() + WAIT_MILLIS_MAX;
  while (performance.now() < until) {
    const response = await fetch(`http://${host}:${port}/${stageName}`);
    await response.text();
    if (response.status === 426) return;
    await pause(LOOK_MILLIS);
  }
  throw new Error(`${name} does not serve the stage ${stageName}`);
}
