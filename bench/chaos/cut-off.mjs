import { freePort } from '../src/processes/free-port.mjs';
import { pause } from './load.mjs';
import { HERE, Network } from './network.mjs';
import { RedisServer } from './redis-server.mjs';
import { lostMillisOf, scenario } from './stage.mjs';

/**
 * Three nodes and Redis on machines of their own, between which packets are lost: to both sides, one way
 * only, and all of them. Nobody is told: no connection ends by it.
 */
async function set() {
  const network = new Network();
  network.start();
  const store = await network.add('redis');
  const port = await freePort();
  const redis = new RedisServer(port, { host: store.address, prefix: store.prefix });
  await redis.start();
  const names = ['a', 'b', 'c'];
  /** @type {import('./network.mjs').Machine[]} */
  const machines = [];
  for (const name of names) machines.push(await network.add(name));
  return {
    names,
    host: HERE,
    node: (/** @type {{ index: number }} */ { index }) => ({
      args: ['--engine', `redis://${store.address}:${port}`],
      host: machines[index]?.address,
      prefix: machines[index]?.prefix,
    }),
    disconnectFailsEvery: 20,
    props: { network, store, machines },
    after: async () => {
      await redis.stop();
      network.stop();
    },
  };
}

export const network = scenario(
  'network',
  'three nodes and Redis, each in a network of its own: cut off, one way too (needs root)',
  set,
  async ({ load, ledger, size, calm, note, props: { network, store, machines } }) => {
    const [a, b, c] = machines;
    ledger.mayBeEarly = true;
    const lostMillis = lostMillisOf(size);
    const healed = async (/** @type {string} */ what) => {
      note(`${what}; ${load.tally()}`);
      await calm();
      note(load.tally());
    };
    await calm();
    network.lose(a, store);
    network.lose(store, a);
    note('a and Redis: nothing passes, either way');
    await pause(lostMillis);
    network.carry(a, store);
    network.carry(store, a);
    await healed('a and Redis: healed');
    network.lose(b, store);
    note('b hears Redis, and is not heard');
    await pause(lostMillis);
    network.carry(b, store);
    await healed('b is heard again');
    network.lose(store, c);
    note('Redis does what c asks, and c does not hear of it');
    await pause(lostMillis);
    network.carry(store, c);
    await healed('c hears again');
    network.lose(a, b);
    network.lose(b, a);
    note('a and b: nothing passes between them');
    await calm();
    network.carry(a, b);
    network.carry(b, a);
    await healed('a and b: healed');
    network.unplug(b);
    note('b: unplugged, from its clients too');
    await pause(lostMillis);
    network.plug(b);
    await healed('b: plugged in again');
    network.unplug(store);
    note('Redis: unplugged');
    await pause(lostMillis);
    network.plug(store);
    await healed('Redis: plugged in again');
  },
);
