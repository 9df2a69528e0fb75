import { spreadOf } from '../measure/percentiles.mjs';
import { Rig } from '../rig.mjs';
import { note, warmUp } from '../run.mjs';
import { SCENARIOS } from '../scenarios.mjs';
import { fleetSubject } from './fleet.mjs';
import { SHAPES } from './shapes.mjs';

/**
 * Every kind of work on every fleet, in interleaved rounds. A fleet of one scenario is started once for
 * all works that use it.
 */

/** Divisible by every number of nodes, so that each holds as many. */
const SOCKETS = 60;
/** Latency is taken at this rate: one that leaves every fleet idle most of the time. */
const PACED_RATE = 1000;
const PACED_MILLIS_MAX = 750;

/** @typedef {import('../measure/percentiles.mjs').Spread} Spread */

/**
 * @typedef {object} Row
 * @property {string} work
 * @property {string} shape
 * @property {'compare'} [checkout] of the second checkout, where one is compared with
 * @property {Spread} cpuMicros of all of the gateway's processes, per operation
 * @property {Spread | null} besideMicros per operation, of Redis; of workers, their supervisor's part of it
 * @property {Spread} operationsPerSecond
 * @property {Spread} p50 micros, at a thousand a second
 * @property {Spread} p99
 * @property {{ cpuMicros: number, besideMicros: number, operationsPerSecond: number, p50: number,
 *   p99: number }[]} rounds
 */

/**
 * @param {object} plan
 * @param {readonly import('./shapes.mjs').Work[]} plan.works
 * @param {number} plan.rounds
 * @param {number} plan.seconds
 * @param {string} plan.folder of the checkout
 * @param {string | null} [plan.compare] folder of a second one, measured in the same rounds
 * @param {string | null} plan.profile
 * @param {{ url: string, pid: number }} plan.redis
 * @param {(line: string) => void} plan.progress
 * @param {AbortSignal} plan.signal
 * @returns {Promise<Row[]>}
 */
export async function measureScaling(plan) {
  const rows = [];
  for (const name of new Set(plan.works.map(({ scenario }) => scenario))) {
    rows.push(...(await measureScenario(name, plan)));
  }
  return rows;
}

/**
 * @param {string} name of the scenario
 * @param {Parameters<typeof measureScaling>[0]} plan
 */
async function measureScenario(name, plan) {
  const { works, rounds, seconds, progress, signal, folder, compare = null, ...parts } = plan;
  const scenario = SCENARIOS.find((one) => one.name === name);
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  const own = works.filter((work) => work.scenario === name);
  const checkouts = [{ folder }, ...(compare === null ? [] : [{ folder: compare, isOther: true }])];
  const entries = SHAPES.filter(({ label }) =>
    own.some(({ shapes }) => shapes.includes(label)),
  ).flatMap((shape, index) =>
    checkouts.map(({ folder: place, isOther = false }) => {
      const prefix = `bench-${name}-${index}${isOther ? '-compare' : ''}`;
      const subject = fleetSubject(shape, { ...parts, folder: place, prefix });
      return {
        shape,
        isOther,
        rig: new Rig({ ...scenario, lanes: lanesOf(scenario, shape) }, subject),
        /** @type {import('../run.mjs').Series} */
        series: { scenario, subject, rounds: [], errors: 0, faults: [], failure: null },
      };
    }),
  );
  const pairs = own.flatMap((work) =>
    entries
      .filter(({ shape }) => work.shapes.includes(shape.label))
      .map((entry) => ({ work, entry, rounds: /** @type {Row['rounds']} */ ([]) })),
  );
  try {
    progress(`${name}: starting and warming up ${entries.map(labelOf).join(', ')}`);
    for (const entry of entries) {
      signal.throwIfAborted();
      await entry.rig.start(SOCKETS);
      // Each process has its own compiler.
      for (let node = 0; node < processesOf(entry.shape); node += 1) {
        await warmUp(entry, seconds * 1e3);
      }
    }
    for (let round = 1; round <= rounds; round += 1) {
      // Who goes first alternates, so that going second is nobody's advantage.
      for (const { work, entry, rounds: taken } of round % 2 === 0 ? pairs.toReversed() : pairs) {
        signal.throwIfAborted();
        taken.push(await oneRound(entry, work, seconds * 1e3));
      }
      const told = pairs.map((pair) => {
        const micros = pair.rounds.at(-1)?.cpuMicros.toFixed(1);
        return `${pair.work.name}, ${labelOf(pair.entry)} ${micros}`;
      });
      progress(`${name}: round ${round} of ${rounds}: ${told.join('; ')}`);
    }
  } finally {
    await Promise.all(entries.map(({ rig }) => rig.stop()));
  }
  for (const entry of entries) {
    const [fault] = entry.series.faults;
    if (fault) throw new Error(`${name}, ${labelOf(entry)}: ${fault.kind}: ${fault.sample}`);
  }
  return pairs.map(({ work, entry, rounds: taken }) => rowOf(work, entry, taken));
}

/** @param {{ shape: import('./fleet.mjs').Shape, isOther: boolean }} entry */
function labelOf({ shape, isOther }) {
  return isOther ? `${shape.label} (compare)` : shape.label;
}

/** @param {import('./fleet.mjs').Shape} shape */
function processesOf({ workers, nodes }) {
  return workers * nodes;
}

/**
 * As many for each process as for one alone: a fleet of which each part has less to do is not full.
 *
 * @param {import('../scenarios.mjs').Scenario} scenario
 * @param {import('./fleet.mjs').Shape} shape
 */
function lanesOf({ lanes }, shape) {
  return lanes === null ? null : lanes * processesOf(shape);
}

/**
 * @param {{ rig: Rig, series: import('../run.mjs').Series }} entry
 * @param {import('./shapes.mjs').Work} work
 * @param {number} windowMillis
 */
async function oneRound({ rig, series }, { toHolder }, windowMillis) {
  const { operations, seconds, used } = note(
    series,
    await rig.saturate(windowMillis, { toHolder }),
  );
  const pacedMillis = Math.min(windowMillis, PACED_MILLIS_MAX);
  const paced = note(series, await rig.pace(pacedMillis, PACED_RATE, { toHolder }));
  return {
    cpuMicros: used.gatewayMicros / operations,
    besideMicros: used.besideMicros / operations,
    operationsPerSecond: operations / seconds,
    p50: paced.latencyMicros.p50,
    p99: paced.latencyMicros.p99,
  };
}

/**
 * @param {import('./shapes.mjs').Work} work
 * @param {{ shape: import('./fleet.mjs').Shape, isOther: boolean }} entry
 * @param {Row['rounds']} rounds
 * @returns {Row}
 */
function rowOf(work, { shape, isOther }, rounds) {
  /** @param {keyof Row['rounds'][number]} figure */
  const spread = (figure) => spreadOf(rounds.map((round) => round[figure]));
  return {
    work: work.name,
    shape: shape.label,
    ...(isOther && { checkout: 'compare' }),
    cpuMicros: spread('cpuMicros'),
    besideMicros: shape.engine === 'redis' || shape.workers > 1 ? spread('besideMicros') : null,
    operationsPerSecond: spread('operationsPerSecond'),
    p50: spread('p50'),
    p99: spread('p99'),
    rounds,
  };
}
