import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/**
 * Whoever may puts a run before the machine's other programs: generator, backend and all that is measured
 * alike, because they inherit it. Otherwise a neighbour that compiles is in every percentile.
 */

/** Of real-time programs (1 to 99), for which all others wait. */
const REAL_TIME = 10;
/** What they may have of each second; by default the kernel keeps 5 % of each core for all the others. */
const SHARE_FILE = '/proc/sys/kernel/sched_rt_runtime_us';
/** Without that a busy run could keep everybody else out. */
const ALL_OF_IT = -1;
/** Of ordinary ones: lower goes first. */
const NICE = -10;
const POLICIES = ['ordinary', 'SCHED_FIFO', 'SCHED_RR', 'SCHED_BATCH', '', 'SCHED_IDLE'];

/**
 * @typedef {object} Standing how the kernel schedules this process
 * @property {number} policy
 * @property {number} realTime
 * @property {number} nice
 */

/**
 * @param {object} choice
 * @param {boolean} choice.isRealTime whether it may be real-time priority
 * @param {() => Standing} [choice.standing]
 * @param {() => number} [choice.share] microseconds of a second that real-time programs may have
 * @param {(command: string, args: readonly string[]) => boolean} [choice.run] whether it succeeded
 * @param {(priority: number) => void} [choice.setNice] throws where that is not allowed
 * @returns {string} what the run has now, in words
 */
export function goAhead({
  isRealTime,
  standing = ownStanding,
  share = realTimeShare,
  run = succeeds,
  setNice = setPriority,
}) {
  const { policy, nice } = standing();
  // Somebody who has chosen another one knows why.
  if (policy === 0 && nice === 0) {
    const rr = ['--all-tasks', '--rr', '--pid', `${REAL_TIME}`, `${process.pid}`];
    if (!isRealTime || share() === ALL_OF_IT || !run('chrt', rr)) beNice(setNice);
  }
  return inWords(standing());
}

/** @param {(priority: number) => void} setNice */
function beNice(setNice) {
  try {
    setNice(NICE);
  } catch {
    // Only root may; the run is as good as the machine is quiet.
  }
}

/** @param {Standing} standing */
export function inWords({ policy, realTime, nice }) {
  if (policy === 0) return nice === 0 ? 'ordinary priority' : `priority nice ${nice}`;
  const name = POLICIES[policy] || `scheduling policy ${policy}`;
  return realTime > 0 ? `real-time priority (${name} ${realTime})` : `priority ${name}`;
}

/** @returns {Standing} */
function ownStanding() {
  return { ...parseStanding(readFileSync('/proc/self/stat', 'latin1')), nice: getPriority() };
}

/**
 * From a line of /proc/PID/stat, whose name in parentheses may hold anything.
 *
 * @param {string} line
 */
export function parseStanding(line) {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return { realTime: Number(fields[37]), policy: Number(fields[38]) };
}

function realTimeShare() {
  return Number(readFileSync(SHARE_FILE, 'latin1'));
}

/** @param {string} command @param {readonly string[]} args */
function succeeds(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
