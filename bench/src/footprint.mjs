import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { countFaults } from './measure/faults.mjs';
import { readResidentBytes } from './measure/memory.mjs';
import { findProcessTree, readCpuMicros } from './measure/proc-stat.mjs';
import { ForkedProcess } from './processes/calls.mjs';

/**
 * What a server takes without doing anything: to start, and to hold sockets on which nothing travels.
 * Each round has a server of its own, because none gives back all the memory that it once had.
 */

/** Held before anything is counted, so that what the first clients cause is nobody's share. */
const SOCKETS_BEFORE = 1_000;
/** Rounds of `idle` are long, and differ little. */
const IDLE_ROUNDS_MAX = 3;
const SETTLE_MILLIS = 2_000;
const OPEN_MILLIS_MAX = 180_000;
/** Files that a server or a client has open besides sockets. */
const OTHER_FILES = 200;

/** @typedef {Readonly<Record<string, number>>} Figures by name, with their unit */

/**
 * @typedef {object} FootprintSeries
 * @property {import('./scenarios.mjs').Scenario} scenario
 * @property {import('./subjects/subject.mjs').Subject} subject
 * @property {Figures[]} rounds
 * @property {number} errors
 * @property {import('./measure/faults.mjs').Fault[]} faults
 */

/** @param {import('./scenarios.mjs').Scenario} scenario */
export function isFootprint({ kind }) {
  return kind === 'idle' || kind === 'start';
}

/**
 * @param {Omit<import('./run.mjs').RunPlan, 'seconds' | 'sockets'>} plan
 * @returns {Promise<FootprintSeries[]>}
 */
export async function runFootprints({ scenarios, subjects, rounds, progress, signal }) {
  for (const { name, sockets = 0 } of scenarios) assertFilesEnough(name, sockets, filesMax());
  /** @type {FootprintSeries[]} */
  const all = scenarios.flatMap((scenario) =>
    subjects
      .filter(({ kinds }) => kinds.includes(scenario.kind))
      .map((subject) => ({ scenario, subject, rounds: [], errors: 0, faults: [] })),
  );
  for (let round = 1; round <= rounds; round += 1) {
    // Who goes first alternates, so that going second is nobody's advantage.
    for (const series of round % 2 === 0 ? all.toReversed() : all) {
      signal.throwIfAborted();
      const { scenario, subject } = series;
      if (scenario.kind === 'idle' && round > IDLE_ROUNDS_MAX) continue;
      await measure(series);
      const figures = Object.entries(series.rounds.at(-1) ?? {})
        .map(([name, value]) => `${value.toFixed(1)} ${name}`)
        .join(', ');
      progress(`round ${round} of ${rounds}: ${scenario.name} (${subject.label}) ${figures}`);
    }
  }
  return all;
}

/**
 * @param {string} name
 * @param {number} sockets
 * @param {number} files that one process may have open
 */
export function assertFilesEnough(name, sockets, files) {
  const needed = sockets + SOCKETS_BEFORE + OTHER_FILES;
  if (sockets === 0 || needed <= files) return;
  throw new Error(`${name}: needs ${needed} open files in one process, ulimit -Hn is ${files}`);
}

/** What this machine lets one process have; Node.js takes all of it, and so do those it starts. */
function filesMax() {
  const limits = readFileSync('/proc/self/limits', 'latin1');
  const [, max = '0'] = /^Max open files +\S+ +(\S+)/m.exec(limits) ?? [];
  return max === 'unlimited' ? Number.POSITIVE_INFINITY : Number(max);
}

/** @param {FootprintSeries} series */
async function measure(series) {
  const { scenario, subject } = series;
  const backend = new ForkedProcess(new URL('./processes/backend.mjs', import.meta.url));
  const holder = new ForkedProcess(new URL('./load/holder.mjs', import.meta.url));
  /** @type {import('./subjects/subject.mjs').Server | null} */
  let server = null;
  try {
    const { httpPort } = await backend.call('listen', { echoes: false });
    const started = await subject.start({ scenario, backendPort: httpPort });
    server = started.server;
    await backend.call('guard', { pid: server.pid });
    series.rounds.push(
      scenario.kind === 'start'
        ? await startFigures(started)
        : await idleFigures(started, holder, scenario.sockets ?? 0),
    );
    const faults = await holder.call('takeFaults', {});
    if (server.endedEarly) faults.push({ kind: 'ended', count: 1, sample: server.output });
    series.faults.push(...faults);
    series.errors += countFaults(faults);
  } finally {
    await holder.stop();
    await server?.stop();
    await backend.call('guard', { pid: null }).catch(() => {});
    await backend.stop();
  }
}

/**
 * @param {import('./subjects/subject.mjs').Started} started
 * @returns {Promise<Figures>}
 */
async function startFigures({ server }) {
  const cpuMicros = readCpuMicros(findProcessTree(server.pid));
  await sleep(SETTLE_MILLIS);
  return {
    'ms to ready': server.readyMillis,
    'ms CPU to ready': cpuMicros / 1e3,
    'MB resident': residentBytes(server.pid) / 1e6,
  };
}

/**
 * @param {import('./subjects/subject.mjs').Started} started
 * @param {ForkedProcess} holder
 * @param {number} sockets
 * @returns {Promise<Figures>}
 */
async function idleFigures({ server, host, port, talk }, holder, sockets) {
  /** @param {number} count */
  const open = (count) => holder.call('open', { host, port, talk, count }, OPEN_MILLIS_MAX);
  await open(SOCKETS_BEFORE);
  await sleep(SETTLE_MILLIS);
  const pids = findProcessTree(server.pid);
  const bytesBefore = residentBytes(server.pid);
  const cpuBefore = readCpuMicros(pids);
  await open(sockets);
  const cpuMicros = readCpuMicros(pids) - cpuBefore;
  await sleep(SETTLE_MILLIS);
  return {
    'bytes resident per socket': (residentBytes(server.pid) - bytesBefore) / sockets,
    'µs CPU per socket opened': cpuMicros / sockets,
  };
}

/** @param {number} pid of the first of its processes */
function residentBytes(pid) {
  return findProcessTree(pid).reduce((sum, one) => sum + readResidentBytes(one), 0);
}
