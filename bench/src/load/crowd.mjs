import { setTimeout as sleep } from 'node:timers/promises';
import { nowMicros } from '../measure/clock.mjs';
import { Faults } from '../measure/faults.mjs';
import { answerCalls } from '../processes/calls.mjs';
import { assertLoopback } from '../wire/loopback.mjs';
import { decodeSlot } from '../wire/payload.mjs';
import { preparePushRequests } from '../wire/push-request.mjs';
import { ClientSocket } from './client-socket.mjs';
import { PushLanes } from './push-lanes.mjs';

/**
 * Many WebSocket clients and one caller that speaks to all of them at once; a process of its own. A message
 * is called out when the one before has been answered and every client has it.
 */

/** Sockets opened at the same time; more would only measure the listen queue. */
const HANDSHAKES_AT_ONCE = 64;
/** For every client to have a message. */
const ARRIVAL_MILLIS_MAX = 20_000;
const POLL_MILLIS = 1;

/**
 * @typedef {object} OpenParams
 * @property {string} host
 * @property {number} port
 * @property {import('../subjects/subject.mjs').Talk} talk
 * @property {import('../wire/sigv4.mjs').Credentials | null} credentials
 * @property {number} count
 */

const faults = new Faults();
/** @type {ClientSocket[]} */
const clients = [];
/** @type {OpenParams} */
let settings;
/** The last message that each client has. */
let lastOf = new Int32Array(0);
/** The message under way, and how many clients have it. */
let current = -1;
let arrived = 0;
let isAnswered = false;
let lastArrivedAt = 0;

/** @param {OpenParams} params */
async function open(params) {
  settings = params;
  const { host, port, talk, count } = params;
  assertLoopback(host);
  lastOf = new Int32Array(count).fill(-1);
  let next = 0;
  const openOneByOne = async () => {
    while (next < count) {
      const number = next;
      next += 1;
      const client = new ClientSocket(
        { host, port, path: talk.toMany?.socketPath ?? talk.socketPath },
        {
          onText: (bytes, start, end) => receive(number, decodeSlot(bytes, start, end, 'push')),
          onFault: (kind, sample) => faults.add(kind, sample),
          takesBinary: talk.sendsBinary === true,
        },
      );
      await client.open();
      clients.push(client);
    }
  };
  await Promise.all(Array.from({ length: HANDSHAKES_AT_ONCE }, openOneByOne));
}

/**
 * Each message once, in order: what comes twice, late or not at all is a fault.
 *
 * @param {number} number of the client
 * @param {number} message
 */
function receive(number, message) {
  if (message !== current || lastOf[number] !== message - 1) {
    faults.add('unexpected message', `${message} at ${number}, whose last was ${lastOf[number]}`);
    return;
  }
  lastOf[number] = message;
  arrived += 1;
  if (arrived === settings.count) lastArrivedAt = nowMicros();
}

/**
 * Calls out so many messages.
 *
 * @param {{ calls: number }} params
 * @returns {Promise<{ faults: import('../measure/faults.mjs').Fault[], lastMillis: number[] }>} for each,
 *   how long after its call the last client had it
 */
async function shout({ calls }) {
  const { host, port, talk, credentials, count } = settings;
  const target = { ...talk, pushPath: talk.toMany?.path ?? '' };
  const requests = preparePushRequests(
    { host, port, talk: target, connectionIds: [''], credentials },
    calls,
    new Date(),
  );
  const lanes = new PushLanes([requests], {
    success: talk.success,
    onAnswered: () => {
      isAnswered = true;
    },
    onFault: (kind, sample) => faults.add(kind, sample),
  });
  lastOf.fill(-1);
  const lastMillis = [];
  try {
    await lanes.open({ host, ports: [port], lanes: 1 });
    for (let call = 0; call < calls; call += 1) {
      current = call;
      arrived = 0;
      isAnswered = false;
      const startedAt = nowMicros();
      const giveUpAt = startedAt + ARRIVAL_MILLIS_MAX * 1e3;
      lanes.send(0, call);
      while ((arrived < count || !isAnswered) && nowMicros() < giveUpAt) await sleep(POLL_MILLIS);
      if (arrived < count) faults.add('never arrived', `message ${call}`, count - arrived);
      if (!isAnswered) faults.add('never answered');
      lastMillis.push((lastArrivedAt - startedAt) / 1e3);
    }
  } finally {
    lanes.close();
  }
  return { faults: faults.take(), lastMillis };
}

answerCalls({
  open,
  shout,
  /** Resolves when the server has seen them off: one that ends has nobody left to say goodbye to. */
  close: () =>
    Promise.all(clients.map((client) => new Promise((gone) => client.leave(() => gone(0))))),
});
