import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pause } from './load.mjs';
import { perform } from './stage.mjs';

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
    name: 'disk',
    title: 'one process whose disk fills up, then turns read-only (needs root)',
    run: disk,
  },
  {
    name: 'clock',
    title: 'one process whose time of day is set hours forward and back (needs faketime)',
    run: clock,
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
    note(`${load.connected} clients are connected`);
    rmSync(join(folder, 'filler'));
    note('there is room again');
    await calm();
    note(`${load.connected} clients are connected`);
    const { code } = await node.drain();
    execFileSync('mount', ['-o', 'remount,ro', folder]);
    note(`SIGTERM: exit ${code}; the folder is read-only: ${await node.refusal()}`);
    execFileSync('mount', ['-o', 'remount,rw', folder]);
    await node.start();
    note('it can be written again, and the gateway is started');
    await calm();
    note(`${load.connected} clients are connected`);
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
      note(`${load.connected} clients are connected`);
    }
  });
}
