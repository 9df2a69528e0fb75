import { readFileSync } from 'node:fs';
import { SOCKETS_BEFORE } from './footprint.mjs';

/** Whether this machine lets a process have as many files as it would hold sockets. */

/** Files that a server or a client has open besides sockets. */
const OTHER_FILES = 200;
/** Of several workers, one may have more than its share of the clients. */
const UNEVEN = 1.1;

/**
 * @param {Pick<import('./scenarios.mjs').Scenario, 'name' | 'sockets' | 'workers'>} scenario
 * @param {number} [files] that one process may have open
 * @returns {string | null} what is missing for it, with both numbers; null when nothing is
 */
export function filesMissing({ name, sockets = 0, workers = 1 }, files = filesMax()) {
  if (sockets === 0) return null;
  const share = ((sockets + SOCKETS_BEFORE) / workers) * (workers > 1 ? UNEVEN : 1);
  const needed = Math.ceil(share) + OTHER_FILES;
  if (needed <= files) return null;
  return `${name}: needs ${needed} open files in one process, ulimit -Hn is ${files}`;
}

/** What one process may have; Node.js takes all of it, and so do those it starts. */
function filesMax() {
  const limits = readFileSync('/proc/self/limits', 'latin1');
  const [, max = '0'] = /^Max open files +\S+ +(\S+)/m.exec(limits) ?? [];
  return max === 'unlimited' ? Number.POSITIVE_INFINITY : Number(max);
}
