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
export const SOCKETS_BEFORE = 1_000;
/** Rounds in which sockets are held are long, and differ little. */
const ROUNDS_MAX = { idle: 2, idleWorkers: 1, start: Number.POSITIVE_INFINITY };
/** Expected of a round. */
const ROUND_SECONDS = { idle: 12, idleWorkers: 30, start: 3.5 };
const SETTLE_MILLIS = 2_000;
const OPEN_MILLIS_MAX = 180_000;
/** Clients in one process; as many have one address's ports (`localAddressOf` in the holder). */
const SOCKETS_PER_HOLDER = 15_000;

/** @typedef {Readonly<Record<string, number>>} Figures by name, with their unit */

/**
 * @typedef {object} FootprintSeries
 * @property {import('./scenarios.mjs').Scenario} scenario
 * @property {import('./subjects/subject.mjs').Subject} subject
 * @property {Figures[]} rounds
 * @property {number} errors
 * @property {import('./measure/faults.mjs').Fault[]} faults
 * @property {string | null} failure of a round, the first one's reason; the others go on
 */

/**
 * How long a run is expected to take.
 *
 * @param {readonly import('./scenarios.mjs').Scenario[]} scenarios
 * @param {Pick<import('./run.mjs').RunPlan, 'subjects' | 'rounds'>} plan
 */
export function footprintSeconds(scenarios, { subjects, rounds }) {
  return scenarios.reduce((sum, { kind }) => {
    const count = subjects.filter(({ kinds }) => kinds.includes(kind)).length;
    return sum + count * Math.min(rounds, ofKind(ROUNDS_MAX, kind)) * ofKind(ROUND_SECONDS, kind);
  }, 0);
}

/**
 * @param {Readonly<Record<string, number>>} table
 * @param {import('./scenarios.mjs').Scenario['kind']} kind
 */
function ofKind(table, kind) {
  return table[kind] ?? 0;
}

/**
 * @param {Omit<import('./run.mjs').RunPlan, 'seconds' | 'sockets'>} plan
 * @returns {Promise<FootprintSeries[]>}
 */
export async function runFootprints({ scenarios, subjects, rounds, progress, signal }) {
  /** @type {FootprintSeries[]} */
  const all = scenarios.flatMap((scenario) =>
    subjects
      .filter(({ kinds }) => kinds.includes(scenario.kind))
      .map((subject) => ({
        scenario,
        subject,
        rounds: [],
        errors: 0,
        faults: [],
        failure: null,
      })),
  );
  for (let round = 1; round <= rounds; round += 1) {
    // Who goes first alternates, so that going second is nobody's advantage.
    for (const series of round % 2 === 0 ? all.toReversed() : all) {
      signal.throwIfAborted();
      const { scenario, subject } = series;
      if (round > ofKind(ROUNDS_MAX, scenario.kind)) continue;
      const told = await attempt(series, signal);
      const line = `${scenario.name}: round ${round} of ${rounds}: ${subject.label} ${told}`;
      progress(line, ofKind(ROUND_SECONDS, scenario.kind));
    }
  }
  return all;
}

/** @param {Figures} figures */
export function inWords(figures) {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${value.toFixed(1)}`)
    .join('; ');
}

/**
 * @param {FootprintSeries} series
 * @param {AbortSignal} signal
 * @returns {Promise<string>} how it went
 */
async function attempt(series, signal) {
  try {
    const figures = await measure(series);
    series.rounds.push(figures);
    return inWords(figures);
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    series.failure ??= reason;
    series.errors += 1;
    return `FAILED: ${reason}`;
  }
}

/**
 * @param {FootprintSeries} series
 * @returns {Promise<Figures>}
 */
async function measure(series) {
  const { scenario, subject } = series;
  const backend = new ForkedProcess(new URL('./processes/backend.mjs', import.meta.url));
  const held = (scenario.sockets ?? 0) + SOCKETS_BEFORE;
  const holders = Array.from(
    { length: scenario.kind === 'start' ? 0 : Math.ceil(held / SOCKETS_PER_HOLDER) },
    () => new ForkedProcess(new URL('./load/holder.mjs', import.meta.url)),
  );
  /** @type {import('./subjects/subject.mjs').Server | null} */
  let server = null;
  try {
    const { httpPort } = await backend.call('listen', { echoes: false });
    const started = await subject.start({ scenario, backendPort: httpPort });
    server = started.server;
    await backend.call('guard', { pids: [server.pid] });
    const figures =
      scenario.kind === 'start'
        ? await startFigures(started)
        : await idleFigures(started, holders, scenario.sockets ?? 0);
    for (const holder of holders) series.faults.push(...(await holder.call('takeFaults', {})));
    if (server.endedEarly) series.faults.push({ kind: 'ended', count: 1, sample: server.output });
    series.errors = countFaults(series.faults) + (series.failure === null ? 0 : 1);
    return figures;
  } finally {
    await Promise.all(holders.map((holder) => holder.call('drop', {}).catch(() => {})));
    await Promise.all(holders.map((holder) => holder.stop()));
    await server?.stop();
    await backend.call('guard', { pids: [] }).catch(() => {});
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
 * @param {readonly ForkedProcess[]} holders
 * @param {number} sockets
 * @returns {Promise<Figures>}
 */
async function idleFigures({ server, host, port, talk }, holders, sockets) {
  /** Each of the holders in turn, so that one's connecting is never another's delay. @param {number} count */
  const open = async (count) => {
    const share = Math.ceil(count / holders.length);
    for (const [index, holder] of holders.entries()) {
      const first = index * SOCKETS_PER_HOLDER;
      const own = Math.min(share, count - index * share);
      await holder.call('open', { host, port, talk, first, count: own }, OPEN_MILLIS_MAX);
    }
  };
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
