import { readFileSync, writeFileSync } from 'node:fs';

/** Resident memory of a process, from /proc/PID/status (Linux), in bytes. */

/** @param {number} pid what is resident from now on counts for the peak */
export function resetPeak(pid) {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** @param {number} pid */
export function readPeakBytes(pid) {
  return readKilobytes(pid, 'VmHWM') * 1024;
}

/** @param {number} pid */
export function readResidentBytes(pid) {
  return readKilobytes(pid, 'VmRSS') * 1024;
}

/**
 * @param {number} pid
 * @param {string} field
 */
function readKilobytes(pid, field) {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status);
  if (found === null) throw new Error(`no ${field} in /proc/${pid}/status`);
  return Number(found[1]);
}
