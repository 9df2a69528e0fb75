import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ClosablePort } from './closable-port.mjs';
import { pause } from './load.mjs';
import { inOwnNetwork } from './own-network.mjs';
import { RedisServer } from './redis-server.mjs';
import { freePort, perform } from './stage.mjs';
import { plot, vitals } from './vitals.mjs';

/**
 * What is done to the gateway while clients talk through it. Each scenario is a story told by its code; its
 * report says what was lost.
 */

/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {string} title
 * @property {(size: import('./stage.mjs').Size, tell: (line: string) => void) =>
 *   Promise<import('./stage.mjs').Report>} run
 */

/** @type {readonly Scenario[]} */
export const SCENARIOS = [
  {
    name: 'process',
    title: 'one process, embedded engine: kill -9 and restart, drain and restart',
    run: oneProcess,
  },
  {
    name: 'workers',
    title: 'two workers on one folder: kill -9 of one, freeze one, restart all',
    run: workers,
  },
  {
    name: 'cluster',
    title: 'three nodes on Redis: kill -9, freeze, cut off, stall, Redis killed, all rolled',
    run: cluster,
  },
  {
    name: 'network',
    title: 'three nodes and Redis, each in a network of its own: cut off, one way too (needs root)',
    run: (size, tell) => inOwnNetwork(new URL('cut-off.mjs', import.meta.url).href, size, tell),
  },
  {
    name: 'disk',
    title: 'one process whose disk fills up, then turns read-only (needs root)',
    run: disk,
  },
  {
    name: 'clock',
    title: 'one process whose time of day is set hours forward and back (needs faketime)',
    run: clock,
  },
  {
    name: 'soak',
    title: 'one process under constant load, clients coming and going, for thirty times --calm',
    run: soak,
  },
];

/**
 * @param {import('./stage.mjs').Size} size
 * @param {(line: string) => void} tell
 */
function oneProcess(size, tell) {
  const play = {
    scenario: 'process',
    size,
    tell,
    names: ['a'],
    node: (/** @type {{ folder: string }} */ { folder }) => ({
      args: ['--data', join(folder, 'data')],
    }),
    disconnectFailsEvery: 20,
  };
  return perform(play, async ({ nodes: [node], calm, note }) => {
    await calm();
    await node.kill();
    note('kill -9');
    await pause(1000);
    await node.start();
    note('started again');
    await calm();
    const { code, millis } = await node.drain();
    note(`SIGTERM: exit ${code} after ${millis} ms`);
    await node.start();
    note('started again');
    await calm();
  });
}

/**
 * @param {import('./stage.mjs').Size} size
 * @param {(line: string) => void} tell
 */
function workers(size, tell) {
  const play = {
    scenario: 'workers',
    size,
    tell,
    names: ['a'],
    node: (/** @type {{ folder: string }} */ { folder }) => ({
      args: ['--data', join(folder, 'data'), '--workers', '2'],
    }),
    disconnectFailsEvery: 20,
  };
  return perform(play, async ({ nodes: [node], load, calm, note }) => {
    const connected = () => load.tally();
    await calm();
    process.kill(node.workers()[0], 'SIGKILL');
    note('kill -9 of one worker');
    await calm();
    note(connected());
    const frozen = node.workers()[0];
    process.kill(frozen, 'SIGSTOP');
    note('one worker is frozen');
    await calm();
    process.kill(frozen, 'SIGCONT');
    note(`it goes on; ${connected()}`);
    await calm();
    const { code, millis } = await node.drain();
    note(`SIGTERM: exit ${code} after ${millis} ms`);
    await node.start();
    note('started again');
    await calm();
    note(connected());
  });
}

/**
 * Each node reaches Redis by a port of its own, which can be closed.
 *
 * @param {import('./stage.mjs').Size} size
 * @param {(line: string) => void} tell
 */
async function cluster(size, tell) {
  const redisPort = await freePort();
  const redis = new RedisServer(redisPort);
  await redis.start();
  const names = ['a', 'b', 'c'];
  const ports = await Promise.all(names.map(() => freePort()));
  const ways = ports.map((port) => new ClosablePort(port, redisPort));
  for (const way of ways) await way.open();
  const play = {
    scenario: 'cluster',
    size,
    tell,
    names,
    node: (/** @type {{ index: number }} */ { index }) => ({
      args: ['--engine', `redis://127.0.0.1:${ports[index]}`],
    }),
    disconnectFailsEvery: 20,
    after: async () => {
      for (const way of ways) await way.close();
      await redis.stop();
    },
  };
  return perform(play, async ({ nodes, load, calm, note }) => {
    const [, b, c] = nodes;
    // Five seconds of silence, and a heartbeat or two.
    const lostMillis = Math.max(7, size.calmSeconds * 1.5) * 1000;
    const connected = () => {
      const whys = nodes.flatMap(({ name, ends }) => {
        const list = [...ends].map(([rule, count]) => `${rule} ${count}`).join(', ');
        ends.clear();
        return list === '' ? [] : [`${name}: ${list}`];
      });
      return [load.tally(), ...whys].join('; ');
    };
    await calm();
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
  });
}

const DISK_BYTES = 64 * 1024 * 1024;

/**
 * @param {import('./stage.mjs').Size} size
 * @param {(line: string) => void} tell
 */
function disk(size, tell) {
  let folder = '';
  const play = {
    scenario: 'disk',
    size,
    tell,
    names: ['a'],
    node: (/** @type {{ folder: string }} */ at) => {
      folder = join(at.folder, 'disk');
      mkdirSync(folder);
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', folder]);
      return { args: ['--data', join(folder, 'data')] };
    },
    after: () => void execFileSync('umount', [folder]),
  };
  return perform(play, async ({ nodes: [node], load, calm, note, size: { sockets } }) => {
    await calm();
    fill(join(folder, 'filler'));
    note('the disk is full');
    await calm();
    load.churn(Math.ceil(sockets / 4));
    note('a quarter of the clients left and want to come back');
    await calm();
    note(load.tally());
    rmSync(join(folder, 'filler'));
    note('there is room again');
    await calm();
    note(load.tally());
    const { code } = await node.drain();
    execFileSync('mount', ['-o', 'remount,ro', folder]);
    note(`SIGTERM: exit ${code}; the folder is read-only: ${await node.refusal()}`);
    execFileSync('mount', ['-o', 'remount,rw', folder]);
    await node.start();
    note('it can be written again, and the gateway is started');
    await calm();
    note(load.tally());
  });
}

/** @param {string} path */
function fill(path) {
  const block = Buffer.alloc(64 * 1024, 1);
  const file = openSync(path, 'w');
  try {
    for (;;) writeSync(file, block);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
}

const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';

/**
 * @param {import('./stage.mjs').Size} size
 * @param {(line: string) => void} tell
 */
function clock(size, tell) {
  let file = '';
  const set = (/** @type {string} */ offset) => writeFileSync(file, `${offset}\n`);
  const play = {
    scenario: 'clock',
    size,
    tell,
    names: ['a'],
    node: (/** @type {{ folder: string }} */ { folder }) => {
      file = join(folder, 'time');
      set('+0');
      return {
        args: ['--data', join(folder, 'data')],
        env: {
          LD_PRELOAD: FAKETIME,
          FAKETIME_TIMESTAMP_FILE: file,
          FAKETIME_NO_CACHE: '1',
          FAKETIME_DONT_FAKE_MONOTONIC: '1',
        },
      };
    },
    disconnectFailsEvery: 5,
  };
  return perform(play, async ({ calm, note, load }) => {
    // Signatures are held against the time of day: pushes are refused while it is wrong, by more than 5 min.
    for (const offset of ['+4m', '-4m', '+3h', '-3h', '+0']) {
      set(offset);
      note(`the clock says ${offset}`);
      await calm();
      note(load.tally());
    }
  });
}

const SOAK_CALMS = 30;
const SAMPLES = 60;

/**
 * @param {import('./stage.mjs').Size} size
 * @param {(line: string) => void} tell
 */
function soak(size, tell) {
  const play = {
    scenario: 'soak',
    size,
    tell,
    names: ['a'],
    node: (/** @type {{ folder: string }} */ { folder }) => ({
      args: ['--data', join(folder, 'data')],
    }),
    disconnectFailsEvery: 50,
  };
  return perform(play, async ({ nodes: [node], load, note, size: { sockets, calmSeconds } }) => {
    const startedAt = performance.now();
    const seconds = calmSeconds * SOAK_CALMS;
    const elapsed = () => (performance.now() - startedAt) / 1000;
    const churn = setInterval(() => load.churn(Math.ceil(sockets / 100)), 1000);
    const samples = [];
    await vitals(node, 0);
    try {
      for (let at = 0; at < SAMPLES; at += 1) {
        await pause(Math.max(0, ((at + 1) * seconds) / SAMPLES - elapsed()) * 1000);
        samples.push(await vitals(node, elapsed()));
      }
    } finally {
      clearInterval(churn);
    }
    note(`${Math.round(elapsed() / 60)} minutes, ${SAMPLES} looks at the process:`);
    for (const line of plot(samples)) note(line);
  });
}
