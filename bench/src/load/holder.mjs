import { Faults } from '../measure/faults.mjs';
import { answerCalls } from '../processes/calls.mjs';
import { assertLoopback } from '../wire/loopback.mjs';
import { ClientSocket } from './client-socket.mjs';

/** Holds idle WebSocket clients, as many as it is asked for; a process of its own. */

/** Sockets opened at the same time; more would only measure the listen queue. */
const HANDSHAKES_AT_ONCE = 64;
const ATTEMPTS_MAX = 5;
/**
 * From one address there are some 28,000 ports, and one that is taken together with an address is nobody's who
 * names none. So all these clients have addresses of their own, and none are left to 127.0.0.1.
 */
const SOCKETS_PER_ADDRESS = 15_000;
const FIRST_ADDRESS = 2;

const faults = new Faults();
/** @type {ClientSocket[]} */
const clients = [];

/**
 * @param {{ host: string, port: number, talk: import('../subjects/subject.mjs').Talk,
 *   first: number, count: number }} params `first`: the number of this holder's first client
 */
async function open({ host, port, talk, first, count }) {
  assertLoopback(host);
  const end = first + clients.length + count;
  let next = first + clients.length;
  const openOneByOne = async () => {
    while (next < end) {
      const number = next;
      next += 1;
      const path = talk.socketPath.replace('{n}', String(number));
      clients.push(await openOne({ host, port, path, localAddress: localAddressOf(number) }));
    }
  };
  await Promise.all(Array.from({ length: HANDSHAKES_AT_ONCE }, openOneByOne));
}

/**
 * One that is refused comes again, as clients do; the refusal is counted.
 *
 * @param {import('./client-socket.mjs').Address} address
 */
async function openOne(address) {
  for (let attempt = 1; ; attempt += 1) {
    const client = new ClientSocket(address, {
      onText: () => faults.add('unexpected frame'),
      onFault: (kind, sample) => faults.add(kind, sample),
    });
    try {
      await client.open();
      return client;
    } catch (error) {
      client.close();
      if (attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

/** @param {number} number of the client */
function localAddressOf(number) {
  return `127.0.0.${FIRST_ADDRESS + Math.floor(number / SOCKETS_PER_ADDRESS)}`;
}

answerCalls({
  open,
  takeFaults: () => faults.take(),
  /** Whoever comes next finds every port free. */
  drop: () =>
    Promise.all(clients.map((client) => new Promise((gone) => client.drop(() => gone(0))))),
});
