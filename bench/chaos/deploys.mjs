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
 * A node that cannot reach the store for a moment says so with 503, and is asked again; what it was asked
 * before may have been done all the same.
 *
 * @param {import('./gateway-node.mjs').GatewayNode} node
 * @param {string} path
 * @param {object} members
 */
async function change(node, path, members) {
  const until = performance.now() + WAIT_MILLIS_MAX;
  for (let isAgain = false; ; isAgain = true) {
    const { status, text } = await ask(node, path, members);
    if (status === 201 || (isAgain && status === 409)) return;
    if (status !== 503 || performance.now() > until) throw new Error(`${path}: ${status} ${text}`);
    await pause(LOOK_MILLIS);
  }
}

/**
 * @param {import('./gateway-node.mjs').GatewayNode} node
 * @param {string} path
 * @param {object} members
 */
async function ask({ host: address, port }, path, members) {
  const host = `${address}:${port}`;
  const body = Buffer.from(JSON.stringify(members));
  const sign = createSigner({ ...CREDENTIALS, service: 'apigateway' }, new Date());
  const { amzDate, authorization } = sign({ method: 'POST', host, path, body });
  const headers = { 'x-amz-date': amzDate, authorization, 'content-type': 'application/json' };
  const response = await fetch(`http://${host}${path}`, { method: 'POST', headers, body });
  return { status: response.status, text: await response.text() };
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
