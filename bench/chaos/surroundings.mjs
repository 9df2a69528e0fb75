import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { scenario } from './stage.mjs';

/** What is done to the machine that a gateway runs on: its disk, its clock. */

const DISK_BYTES = 64 * 1024 * 1024;

function smallDisk() {
  const props = { folder: '' };
  return {
    names: ['a'],
    node: (/** @type {{ folder: string }} */ at) => {
      const folder = join(at.folder, 'disk');
      props.folder = folder;
      mkdirSync(folder);
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', folder]);
      return { args: ['--data', join(folder, 'data')] };
    },
    props,
    after: () => void execFileSync('umount', [props.folder]),
  };
}

export const disk = scenario(
  'disk',
  'one process whose disk fills up, then turns read-only (needs root)',
  smallDisk,
  async ({ nodes: [node], load, calm, note, size: { sockets }, props }) => {
    const { folder } = props;
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
  },
);

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

function fakeClock() {
  let file = '';
  const set = (/** @type {string} */ offset) => writeFileSync(file, `${offset}\n`);
  return {
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
    props: { set },
  };
}

export const clock = scenario(
  'clock',
  'one process whose time of day is set hours forward and back (needs faketime)',
  fakeClock,
  async ({ calm, note, load, props: { set } }) => {
    // Signatures are held against the time of day: pushes are refused while it is wrong, by more than 5 min.
    for (const offset of ['+4m', '-4m', '+3h', '-3h', '+0']) {
      set(offset);
      note(`the clock says ${offset}`);
      await calm();
      note(load.tally());
    }
  },
);
