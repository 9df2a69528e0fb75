import { freePort } from '../src/processes/free-port.mjs';
import { ClosablePort } from './closable-port.mjs';
import { deployThroughEach } from './deploys.mjs';
import { pause } from './load.mjs';
import { RedisServer } from './redis-server.mjs';
import { lostMillisOf, scenario } from './stage.mjs';

/** Three nodes on Redis. Each reaches it by a port of its own, which can be closed. */
async function set() {
  const redisPort = await freePort();
  const redis = new RedisServer(redisPort);
  await redis.start();
  const names = ['a', 'b', 'c'];
  const ports = await Promise.all(names.map(() => freePort()));
  const ways = ports.map((port) => new ClosablePort(port, redisPort));
  for (const way of ways) await way.open();
  return {
    names,
    node: (/** @type {{ index: number }} */ { index }) => ({
      args: ['--engine', `redis://127.0.0.1:${ports[index]}`],
    }),
    disconnectFailsEvery: 20,
    props: { redis, ways },
    after: async () => {
      for (const way of ways) await way.close();
      await redis.stop();
    },
  };
}

export const cluster = scenario(
  'cluster',
  'three nodes on Redis: kill -9, freeze, cut off, stall, Redis killed, all rolled',
  set,
  async ({ nodes, load, ledger, size, calm, note, props: { redis, ways } }) => {
    const [, b, c] = nodes;
    ledger.mayBeEarly = true;
    const lostMillis = lostMillisOf(size);
    const connected = () => {
      const whys = nodes.flatMap(({ name, ends }) => {
        const list = [...ends].map(([rule, count]) => `${rule} ${count}`).join(', ');
        ends.clear();
        return list === '' ? [] : [`${name}: ${list}`];
      });
      return [load.tally(), ...whys].join('; ');
    };
    await calm();
    await deployThroughEach(nodes, note);
    await b.kill();
    note('b: kill -9');
    await calm();
    note(connected());
    await b.start();
    note('b: started again');
    await calm();
    c.freeze();
    note('c: frozen, for longer than the others wait');
    await pause(lostMillis);
    c.thaw();
    note(`c: goes on; ${connected()}`);
    await calm();
    note(connected());
    await ways[0].close();
    note('a: cut off from Redis, for longer than the others wait');
    await pause(lostMillis);
    await ways[0].open();
    note(`a: can reach it again; ${connected()}`);
    await calm();
    note(connected());
    ways[1].stall();
    note('b: nothing comes from Redis any more, and nobody says so');
    await pause(lostMillis + 2000);
    ways[1].resume();
    note(`b: hears again; ${connected()}`);
    await calm();
    note(connected());
    await redis.kill();
    note('Redis: kill -9');
    await pause(4000);
    await redis.start();
    note(`Redis: started again; ${connected()}`);
    await calm();
    note(connected());
    for (const node of nodes) {
      const { code, millis } = await node.drain();
      note(`${node.name}: SIGTERM, exit ${code} after ${millis} ms`);
      await node.start();
    }
    note(`all were rolled; ${connected()}`);
    await calm();
    note(connected());
  },
);
