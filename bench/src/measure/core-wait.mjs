import { readdirSync, readFileSync } from 'node:fs';

/**
 * How long a process was ready to run and had no core, because the kernel gave it to another program, from
 * /proc/PID/task/TID/schedstat (Linux). What is late meanwhile is not late by its own doing.
 */

/**
 * @typedef {object} CoreTimes so far
 * @property {number} waitedMillis the first thread was ready and had no core; it is Node.js's event loop
 * @property {number} besideMillis the others ran, and may have had its core
 */

/**
 * @param {number} pid
 * @returns {CoreTimes} zeros where the kernel does not count them
 */
export function readCoreTimes(pid) {
  const times = { waitedMillis: 0, besideMillis: 0 };
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const { ranMillis, waitedMillis } = readThread(pid, thread);
    if (thread === String(pid)) times.waitedMillis = waitedMillis;
    else times.besideMillis += ranMillis;
  }
  return times;
}

/**
 * What a process's event loop has waited for other programs between two readings: what its own threads may
 * have kept it waiting is taken off.
 *
 * @param {CoreTimes} before
 * @param {CoreTimes} after
 */
export function waitedForOthers(before, after) {
  // Less than before where a thread has ended.
  const beside = Math.max(0, after.besideMillis - before.besideMillis);
  return Math.max(0, after.waitedMillis - before.waitedMillis - beside);
}

/** @param {number} pid @param {string} thread */
function readThread(pid, thread) {
  try {
    return parseCoreTimes(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1'));
  } catch (error) {
    const code = /** @type {NodeJS.ErrnoException} */ (error).code;
    // It has ended, or this kernel has no such file.
    if (code === 'ENOENT' || code === 'ESRCH') return { ranMillis: 0, waitedMillis: 0 };
    throw error;
  }
}

/**
 * @param {string} line nanoseconds that a thread ran, nanoseconds that it waited, how often it ran
 */
export function parseCoreTimes(line) {
  const [ran = Number.NaN, waited = Number.NaN] = line.split(' ').map(Number);
  if (Number.isNaN(ran + waited)) throw new Error(`not a record of the scheduler: ${line}`);
  return { ranMillis: ran / 1e6, waitedMillis: waited / 1e6 };
}
