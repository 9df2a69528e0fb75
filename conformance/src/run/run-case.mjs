import { Difference } from '../match/values.mjs';
import { NEEDS } from './needs.mjs';
import { setUpApi, setVariables, tearDownApi } from './set-up.mjs';
import { runSteps } from './steps.mjs';
import { World } from './world.mjs';

/**
 * @typedef {object} Result
 * @property {'as documented' | 'differs' | 'not run'} outcome
 * @property {string} [why] the difference, or why it was not run
 * @property {number} millis
 */

/**
 * Runs one case in a world of its own. Never rejects: what goes wrong is the result.
 *
 * @param {import('../cases/load-cases.mjs').Case} item
 * @param {string} key unique in this run
 * @param {import('./world.mjs').Target} target
 * @param {{ backend: import('../servers/recording-backend.mjs').RecordingBackend,
 *   lambda: import('../servers/lambda-endpoint.mjs').LambdaEndpoint }} servers
 * @returns {Promise<Result>}
 */
export async function runCase(item, key, target, { backend, lambda }) {
  const missing = item.needs.find((need) => !target.offers.has(need));
  const why = item.notRun ?? (missing && NEEDS[missing]);
  if (why !== undefined) return { outcome: 'not run', why, millis: 0 };
  const startedAt = Date.now();
  const world = new World(key, target, (steps) => runSteps(world, steps));
  backend.add(key, (request) => world.onRequest(request));
  lambda.add(key, (invocation) => world.onInvocation(invocation));
  const millis = () => Date.now() - startedAt;
  try {
    setVariables(world);
    world.setAnswers(item.answers);
    world.setFunctions(item.functions);
    if (item.api) await setUpApi(world, item.api);
    await runSteps(world, item.steps);
    expectNoMore(world);
    return { outcome: 'as documented', millis: millis() };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { outcome: 'differs', why: message, millis: millis() };
  } finally {
    world.close();
    await tearDownApi(world).catch(() => {});
    backend.remove(key);
    lambda.remove(key);
  }
}

/** A message that no step asked for is one too many. */
function expectNoMore(/** @type {World} */ { sockets }) {
  for (const { arrivals } of sockets.values()) {
    const arrival = arrivals.peek();
    if (arrival?.kind === 'message') throw new Difference('at the end', undefined, arrival.text);
  }
}
