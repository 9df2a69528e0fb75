/**
 * Clients that left without a word: a phone out of reach, a cable pulled. TCP may take a quarter of an
 * hour to notice. A sweep sends each connection that fits a ping and drops those from which not a byte
 * has come when the wait is over; their `$disconnect` follows as after any lost connection.
 */
import { badRequest } from '../resources/problems.ts';
import { isObject } from '../resources/read-fields.ts';
import { fittingConnections } from './connections.ts';
import type { Call, Operation } from './operation.ts';

const WAIT_SECONDS_DEFAULT = 5;
const WAIT_SECONDS_MAX = 60;

export const sweepOperation: Operation = {
  operation: 'SweepConnections',
  method: 'POST',
  path: '/sweep',
  sentence:
    'Pings the connections that fit, and drops those whose client has sent nothing when the wait is over. ' +
    'Answers after the wait: how many were `asked`, and which were `dropped`.',
  body: [
    {
      name: 'idleForSeconds',
      sentence: 'only connections without a frame for so long; all when left out',
    },
    { name: 'apiId', sentence: 'only connections of this API' },
    { name: 'stage', sentence: 'only those of stages with this name' },
    {
      name: 'waitSeconds',
      sentence: `how long a client may take, 1 to ${WAIT_SECONDS_MAX}; ${WAIT_SECONDS_DEFAULT}`,
    },
  ],
  handler: sweep,
  takesMillis: ({ bytes }) => readBody(bytes).waitSeconds * 1000,
  gather(answers, { context }) {
    const all = answers as readonly Awaited<ReturnType<typeof sweep>>[];
    return {
      asked: all.reduce((sum, { asked }) => sum + asked, 0),
      dropped: all.flatMap(({ dropped }) => dropped),
      node: context.about.node,
    };
  },
};

async function sweep({ context, bytes }: Call) {
  const { query, waitSeconds } = readBody(bytes);
  const asked = fittingConnections(context, query).map((connection) => ({
    connection,
    isAlive: connection.ask(),
  }));
  await new Promise<void>((resolve) => context.clock.after(waitSeconds * 1000, resolve));
  const silent = asked.filter(({ connection, isAlive }) => connection.isOpen && !isAlive());
  for (const { connection } of silent) connection.terminate();
  return {
    asked: asked.length,
    dropped: silent.map(({ connection }) => connection.facts.connectionId),
    node: context.about.node,
  };
}

function readBody(bytes: Buffer) {
  const body: unknown = bytes.length === 0 ? {} : parsed(bytes);
  if (!isObject(body)) throw badRequest('Invalid request body: expected a JSON object');
  const query = new URLSearchParams();
  for (const name of ['apiId', 'stage', 'idleForSeconds']) {
    if (body[name] !== undefined) query.set(name, String(body[name]));
  }
  const waitSeconds = body.waitSeconds ?? WAIT_SECONDS_DEFAULT;
  if (Number.isInteger(waitSeconds) && Number(waitSeconds) >= 1) {
    if (Number(waitSeconds) <= WAIT_SECONDS_MAX) return { query, waitSeconds: Number(waitSeconds) };
  }
  throw badRequest(`Invalid waitSeconds specified. Must be a number from 1 to ${WAIT_SECONDS_MAX}`);
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw badRequest('Invalid request body: expected a JSON object');
  }
}
