import { readdirSync, readFileSync } from 'node:fs';

/**
 * CPU time of a process and all its descendants, from /proc/PID/stat (Linux). The time of
 * descendants that have ended is in their parent's record, so a tree's sum never goes back.
 */

/** Linux reports process times in ticks of 1/100 s to every program (USER_HZ). */
const MICROS_PER_TICK = 10_000;

/**
 * @typedef {object} ProcessStat
 * @property {number} pid
 * @property {number} parentPid
 * @property {number} cpuMicros user and system time, of waited-for children too
 */

/**
 * One line of /proc/PID/stat. The name in parentheses may hold spaces and parentheses itself, so
 * the fields are counted from the last one.
 *
 * @param {string} line
 * @returns {ProcessStat}
 */
export function parseProcessStat(line) {
  const nameEnd = line.lastIndexOf(')');
  const fields = line.slice(nameEnd + 2).split(' ');
  const [userTicks, systemTicks, childUserTicks, childSystemTicks] = fields.slice(11, 15);
  const ticks =
    Number(userTicks) + Number(systemTicks) + Number(childUserTicks) + Number(childSystemTicks);
  if (nameEnd === -1 || Number.isNaN(ticks)) throw new Error(`not a process record: ${line}`);
  return {
    pid: Number.parseInt(line, 10),
    parentPid: Number(fields[1]),
    cpuMicros: ticks * MICROS_PER_TICK,
  };
}

/**
 * The process and its descendants, oldest first. Looks at every process of the machine, which
 * takes milliseconds: call it outside the measured window.
 *
 * @param {number} rootPid
 * @returns {number[]}
 */
export function findProcessTree(rootPid) {
  /** @type {Map<number, number[]>} */
  const children = new Map();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : null;
    if (stat === null) continue;
    const siblings = children.get(stat.parentPid) ?? [];
    siblings.push(stat.pid);
    children.set(stat.parentPid, siblings);
  }
  const tree = [rootPid];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/**
 * CPU microseconds used so far by these processes together; those that have ended add nothing.
 *
 * @param {readonly number[]} pids
 * @returns {number}
 */
export function readCpuMicros(pids) {
  return pids.reduce((sum, pid) => sum + (readStat(pid)?.cpuMicros ?? 0), 0);
}

/**
 * CPU microseconds that this machine's cores wanted and its host gave to others (steal), from the
 * text of /proc/stat. Zero on bare metal; on a shared host it says how noisy a window was.
 *
 * @param {string} text
 * @returns {number}
 */
export function parseStolenMicros(text) {
  const fields = text.slice(0, text.indexOf('\n')).split(/ +/);
  return Number(fields[8] ?? 0) * MICROS_PER_TICK;
}

/** @returns {number} */
export function readStolenMicros() {
  return parseStolenMicros(readFileSync('/proc/stat', 'latin1'));
}

/**
 * @param {number} pid
 * @returns {ProcessStat | null} null when there is no such process any more
 */
function readStat(pid) {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch (error) {
    const code = /** @type {NodeJS.ErrnoException} */ (error).code;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}
