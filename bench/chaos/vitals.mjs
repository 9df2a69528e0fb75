import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';

/**
 * How a process is: resident memory, open handles, and how long it takes to answer `/@health/live`, which
 * waits for nothing but the event loop.
 *
 * @typedef {object} Vitals
 * @property {number} seconds
 * @property {number} rssMegabytes
 * @property {number} handles
 * @property {number} medianMillis
 * @property {number} worstMillis
 */

const PROBES = 20;
const PROBE_PAUSE_MILLIS = 100;

/**
 * @param {{ pid: number, port: number }} node
 * @param {number} seconds
 * @returns {Promise<Vitals>}
 */
export async function vitals({ pid, port }, seconds) {
  const times = [];
  for (let probe = 0; probe < PROBES; probe += 1) {
    times.push(await answerMillis(port));
    await new Promise((resolve) => setTimeout(resolve, PROBE_PAUSE_MILLIS));
  }
  times.sort((one, other) => one - other);
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    seconds: Math.round(seconds),
    rssMegabytes: Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024),
    handles: readdirSync(`/proc/${pid}/fd`).length,
    medianMillis: rounded(times[PROBES / 2]),
    worstMillis: rounded(times[PROBES - 1]),
  };
}

/** @param {number} port */
function answerMillis(port) {
  const startedAt = performance.now();
  return new Promise((/** @type {(millis: number) => void} */ resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/@health/live', agent: false }, (response) => {
      response.resume();
      response.on('end', () => resolve(performance.now() - startedAt));
    })
      .on('error', reject)
      .end();
  });
}

const rounded = (/** @type {number | undefined} */ millis = 0) => Math.round(millis * 10) / 10;

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
    ['medianMillis', 'answers, median ms'],
    ['worstMillis', 'answers, worst ms'],
  ]);
  return signs.map(([sign, name]) => {
    const values = samples.map((sample) => sample[sign]);
    const most = Math.max(...values);
    const bars = values.map((value) => BARS[Math.min(7, Math.floor((value / most) * 8))] ?? '');
    const ends = `${values[0]} … ${values.at(-1)}, at most ${most}`;
    return `${name.padEnd(20)} ${bars.join('')}  ${ends}`;
  });
}
