import { readdirSync, readFileSync } from 'node:fs';
import { METRICS_TOKEN } from './stage.mjs';

/**
 * How a process is: resident memory, open handles, and how late its event loop ran what was due since it
 * was last looked at, as the process itself has measured it: the prober's own waiting is no part of it.
 *
 * @typedef {object} Vitals
 * @property {number} seconds
 * @property {number} rssMegabytes
 * @property {number} handles
 * @property {number} meanMillis
 * @property {number} p99Millis
 * @property {number} maxMillis
 */

/** The timer that measures is due so often, and its interval is part of what it tells. */
const INTERVAL_MILLIS = 10;

/**
 * The first look begins the measuring.
 *
 * @param {{ pid: number, port: number }} node
 * @param {number} seconds
 * @returns {Promise<Vitals>}
 */
export async function vitals({ pid, port }, seconds) {
  const response = await fetch(`http://127.0.0.1:${port}/@metrics`, {
    headers: { authorization: `Bearer ${METRICS_TOKEN}` },
  });
  const page = await response.text();
  if (response.status !== 200) throw new Error(`/@metrics answered ${response.status}: ${page}`);
  const lag = (/** @type {string} */ name) => {
    const value = new RegExp(`^nodejs_eventloop_lag_${name}_seconds (\\S+)$`, 'm').exec(page)?.[1];
    return Math.max(0, Math.round((Number(value) * 1000 - INTERVAL_MILLIS) * 10) / 10);
  };
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    seconds: Math.round(seconds),
    rssMegabytes: Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024),
    handles: readdirSync(`/proc/${pid}/fd`).length,
    meanMillis: lag('mean'),
    p99Millis: lag('p99'),
    maxMillis: lag('max'),
  };
}

const BARS = '▁▂▃▄▅▆▇█';

/**
 * One line per vital sign, from nothing to the most there was.
 *
 * @param {readonly Vitals[]} samples
 */
export function plot(samples) {
  const signs = /** @type {const} */ ([
    ['rssMegabytes', 'memory, MB'],
    ['handles', 'handles'],
    ['meanMillis', 'loop late, mean ms'],
    ['p99Millis', 'loop late, p99 ms'],
    ['maxMillis', 'loop late, most ms'],
  ]);
  return signs.map(([sign, name]) => {
    const values = samples.map((sample) => sample[sign]);
    const most = Math.max(...values, Number.MIN_VALUE);
    const bars = values.map((value) => BARS[Math.min(7, Math.floor((value / most) * 8))] ?? '');
    const ends = `${values[0]} … ${values.at(-1)}, at most ${Math.max(...values)}`;
    return `${name.padEnd(20)} ${bars.join('')}  ${ends}`;
  });
}
