import { Faults } from '../measure/faults.mjs';
import { answerCalls } from '../processes/calls.mjs';
import { assertLoopback } from '../wire/loopback.mjs';
import { ClientSocket } from './client-socket.mjs';

/** Holds idle WebSocket clients, as many as it is asked for; a process of its own. */

/** Sockets opened at the same time; more would only measure the listen queue. */
const HANDSHAKES_AT_ONCE = 64;
/**
 * From one address to one port there are some 28,000 ports. Clients beyond these have addresses of
 * their own: only they, because a port taken with an address is nobody else's on this machine.
 */
const SOCKETS_PER_ADDRESS = 20_000;

const faults = new Faults();
/** @type {ClientSocket[]} */
const clients = [];

/**
 * @param {{ host: string, port: number, talk: import('../subjects/subject.mjs').Talk,
 *   count: number }} params
 */
async function open({ host, port, talk, count }) {
  assertLoopback(host);
  const end = clients.length + count;
  let next = clients.length;
  const openOneByOne = async () => {
    while (next < end) {
      const number = next;
      next += 1;
      const client = new ClientSocket(
        {
          host,
          port,
          path: talk.socketPath.replace('{n}', String(number)),
          ...localAddressOf(number),
        },
        {
          onText: () => faults.add('unexpected frame'),
          onFault: (kind, sample) => faults.add(kind, sample),
        },
      );
      await client.open();
      clients.push(client);
    }
  };
  await Promise.all(Array.from({ length: HANDSHAKES_AT_ONCE }, openOneByOne));
}

/** @param {number} number of the client */
function localAddressOf(number) {
  const block = Math.floor(number / SOCKETS_PER_ADDRESS);
  return block === 0 ? {} : { localAddress: `127.0.0.${1 + block}` };
}

answerCalls({ open, takeFaults: () => faults.take() });
