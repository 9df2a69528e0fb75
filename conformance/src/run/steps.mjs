import { setTimeout as sleep } from 'node:timers/promises';
import { fill } from '../match/placeholders.mjs';
import { Difference } from '../match/values.mjs';
import { event, request } from './backend-steps.mjs';
import { call, deleteConnection, get, push } from './caller-steps.mjs';
import { close, closed, connect, drop, frame, frames, ping, send } from './client-steps.mjs';
import { deploy } from './set-up.mjs';

/** What each verb does. Their options are listed in `cases/verbs.mjs`, and told in the README. */

/** @typedef {(world: import('./world.mjs').World, step: any) => Promise<void>} Step */

/** @type {Record<string, Step>} */
const STEPS = {
  connect,
  send,
  ping,
  frame,
  frames,
  close,
  closed,
  drop,
  push,
  get,
  delete: deleteConnection,
  call,
  request,
  event,
  deploy,
  wait: async (_, { wait: millis }) => sleep(millis),
  differ: async ({ variables }, { differ: names }) => expectDifferent(names, variables),
  answers: async (world, { answers }) => world.setAnswers(answers),
  functions: async (world, { functions }) => world.setFunctions(functions),
};

/**
 * @param {readonly string[]} names
 * @param {import('../match/placeholders.mjs').Variables} variables
 */
function expectDifferent(names, variables) {
  const values = names.map((name) => fill(`{{${name}}}`, variables));
  if (new Set(values).size < names.length) {
    throw new Difference(names.join(', '), 'different values', values);
  }
}

/**
 * Runs steps one after the other. A failure names the step.
 *
 * @param {import('./world.mjs').World} world
 * @param {readonly any[]} steps
 */
export async function runSteps(world, steps) {
  for (const [at, step] of steps.entries()) {
    const [verb] = Object.keys(step);
    try {
      await STEPS[verb](world, step);
      if (world.failure !== undefined) throw world.failure;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new Error(`step ${at + 1} (${verb}): ${message}`);
    }
  }
}
