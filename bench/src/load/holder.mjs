import { Faults } from '../measure/faults.mjs';
import { answerCalls } from '../processes/calls.mjs';
import { assertLoopback } from '../wire/loopback.mjs';
import { ClientSocket } from './client-socket.mjs';

/** Holds idle WebSocket clients, as many as it is asked for; a process of its own. */

/** Sockets opened at the same time; more would only measure the listen queue. */
const HANDSHAKES_AT_ONCE = 64;
const ATTEMPTS_MAX = 5;
/**
 * From one address to one port there are some 28,000 ports. Clients beyond these have addresses of
 * their own: only they, because a port taken with an address is nobody else's on this machine.
 */
const SOCKETS_PER_ADDRESS = 15_000;

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
      clients.push(await openOne({ host, port, path, ...localAddressOf(number) }));
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
  const block = Math.floor(number / SOCKETS_PER_ADDRESS);
  return block === 0 ? {} : { localAddress: `127.0.0.${1 + block}` };
}

answerCalls({ open, takeFaults: () => faults.take() });
