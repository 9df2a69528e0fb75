import { countFaults } from './measure/faults.mjs';
import { Rig } from './rig.mjs';

/**
 * One run: every scenario against every subject, in rounds that interleave the subjects, so that a
 * machine that is slower for a while is slower for everyone.
 */

/** Latency is taken at this share of what the same round could do at most. */
const PACED_SHARE = 0.5;
/** Closer than this, half of what the gateway reached is not worth a window of its own. */
const RATES_APART = 1.2;
/** A paced window is shorter: it counts operations one by one, not ticks of the kernel's clock. */
const PACED_WINDOW_SHARE = 0.5;
/** The warm-up's parts, in windows, and how many there may be: compilers need tens of thousands of operations. */
const WARM_UP_SHARE = 1 / 3;
const WARM_UP_PARTS = { min: 3, max: 6 };
/** A part of it that costs more than this beside the cheapest so far: it has stopped falling. */
const WARM_SHARE = 0.97;

/** @typedef {import('./measure/faults.mjs').Fault} Fault */

/**
 * @typedef {object} Latency
 * @property {number} operations
 * @property {number} ratePerSecond
 * @property {number} stalledShare of the window in which the load generator was held up
 * @property {import('./measure/percentiles.mjs').LatencySummary} micros
 * @property {number} touchedShare of the operations, due or under way while it was held up
 * @property {import('./measure/percentiles.mjs').LatencySummary | null} untouchedMicros of the others
 */

/**
 * @typedef {object} Round
 * @property {number} operations in the saturated window
 * @property {number} cpuMicrosPerOperation gateway's user and system time
 * @property {number} operationsPerSecond
 * @property {{ gateway: number, backend: number, load: number, stolen: number }} coresBusy
 * @property {Latency} latency at the same rate for all
 * @property {Latency | null} latencyAtHalf at half of what the first subject reached, which is the
 *   gateway; null of peers, and where that is hardly above the rate of all
 */

/**
 * @typedef {object} Series the rounds of one scenario against one subject
 * @property {import('./scenarios.mjs').Scenario} scenario
 * @property {import('./subjects/subject.mjs').Subject} subject
 * @property {Round[]} rounds
 * @property {number} errors
 * @property {Fault[]} faults
 * @property {string | null} failure why it ended before its last round
 */

/**
 * @typedef {object} RunPlan
 * @property {readonly import('./scenarios.mjs').Scenario[]} scenarios
 * @property {readonly import('./subjects/subject.mjs').Subject[]} subjects the gateway first
 * @property {number} rounds
 * @property {number} seconds length of each measured window
 * @property {number} sockets
 * @property {import('./progress.mjs').Tell} progress
 * @property {AbortSignal} signal
 */

/** @typedef {{ rig: Rig, series: Series }} Entry */

/** What a server and its clients take to be there, and a window beyond its length: expected, not measured. */
const START_SECONDS = 1.5;
const BESIDE_WINDOW_SECONDS = 0.4;
/** Of a round: one saturated, one paced, and some of the paced ones again. */
const WINDOWS_OF_ROUND = 2.5;

/**
 * How long a run is expected to take.
 *
 * @param {readonly import('./scenarios.mjs').Scenario[]} scenarios
 * @param {Pick<RunPlan, 'subjects' | 'rounds' | 'seconds'>} plan
 */
export function benchSeconds(scenarios, { subjects, rounds, seconds }) {
  const count = scenarios.flatMap((scenario) => subjectsOf(subjects, scenario)).length;
  return count * (startSeconds(seconds) + rounds * roundSeconds(seconds));
}

/** @param {number} seconds of a window */
function startSeconds(seconds) {
  const parts = (WARM_UP_PARTS.min + WARM_UP_PARTS.max) / 2;
  return START_SECONDS + parts * WARM_UP_SHARE * seconds;
}

/** @param {number} seconds of a window */
function roundSeconds(seconds) {
  return (
    seconds +
    (WINDOWS_OF_ROUND - 1) * PACED_WINDOW_SHARE * seconds +
    WINDOWS_OF_ROUND * BESIDE_WINDOW_SECONDS
  );
}

/**
 * @param {RunPlan} plan
 * @returns {Promise<Series[]>}
 */
export async function runBench(plan) {
  /** @type {Series[]} */
  const all = [];
  for (const scenario of plan.scenarios) all.push(...(await runScenario(scenario, plan)));
  return all;
}

/**
 * @param {import('./scenarios.mjs').Scenario} scenario
 * @param {RunPlan} plan
 */
async function runScenario(scenario, plan) {
  /** @type {Entry[]} */
  const group = subjectsOf(plan.subjects, scenario).map((subject) => ({
    rig: new Rig(scenario, subject),
    series: { scenario, subject, rounds: [], errors: 0, faults: [], failure: null },
  }));
  try {
    plan.progress(`${scenario.name}: warming up ${group.map(labelOf).join(', ')}`);
    for (const entry of group) {
      await attempt(entry, plan, async () => {
        await entry.rig.start(plan.sockets);
        await warmUp(entry, plan.seconds * 1e3);
        await entry.rig.beginProfile();
      });
    }
    for (let round = 1; round <= plan.rounds; round += 1) {
      const alive = group.filter(isAlive);
      // Who goes first alternates, so that going second is nobody's advantage.
      await runRound(round % 2 === 0 ? alive.toReversed() : alive, plan);
      const expected =
        (round === 1 ? startSeconds : () => 0)(plan.seconds) + roundSeconds(plan.seconds);
      plan.progress(
        `${scenario.name}: round ${round} of ${plan.rounds}: ${describe(group)}`,
        group.length * expected,
      );
    }
  } finally {
    await Promise.all(group.map(({ rig }) => rig.stop()));
  }
  return group.map(({ series }) => series);
}

/**
 * One that fails is left out from then on, with the reason; the others go on.
 *
 * @template T
 * @param {Entry} entry
 * @param {RunPlan} plan
 * @param {() => Promise<T>} work
 * @returns {Promise<T | null>}
 */
async function attempt({ rig, series }, plan, work) {
  plan.signal.throwIfAborted();
  try {
    return await work();
  } catch (error) {
    plan.signal.throwIfAborted();
    series.failure = error instanceof Error ? error.message : String(error);
    series.errors += 1;
    plan.progress(`${series.scenario.name} (${series.subject.label}) FAILED: ${series.failure}`);
    await rig.stop();
    return null;
  }
}

/**
 * Full load in parts, until an operation has stopped to cost less from one to the next.
 *
 * @param {Entry} entry
 * @param {number} windowMillis
 */
export async function warmUp({ rig, series }, windowMillis) {
  let cheapest = Number.POSITIVE_INFINITY;
  for (let part = 1; part <= WARM_UP_PARTS.max; part += 1) {
    const result = await rig.saturate(windowMillis * WARM_UP_SHARE, { rampMillis: 0 });
    // It is short, and the machine may have had something else to do.
    if (result.operations === 0 && part < WARM_UP_PARTS.max) continue;
    const { used, operations } = note(series, result);
    const micros = used.gatewayMicros / operations;
    if (part >= WARM_UP_PARTS.min && micros >= WARM_SHARE * cheapest) return;
    cheapest = Math.min(cheapest, micros);
  }
}

/**
 * One round of one scenario: each subject saturated, then each at the same, lower rate; what is ours
 * at half of what the gateway reached, too, where a peer is slower.
 *
 * @param {readonly Entry[]} group
 * @param {RunPlan} plan
 */
async function runRound(group, plan) {
  const windowMillis = plan.seconds * 1e3;
  /** @type {Map<Entry, import('./load/load.mjs').SaturationResult>} */
  const saturated = new Map();
  for (const entry of group) {
    const result = await attempt(entry, plan, async () =>
      note(entry.series, await entry.rig.saturate(windowMillis)),
    );
    if (result !== null) saturated.set(entry, result);
  }
  const half = Math.min(...[...saturated.values()].map(halfOf));
  const own = [...saturated].find(([{ series }]) => series.subject === plan.subjects[0]);
  const ownHalf = own === undefined ? half : halfOf(own[1]);
  for (const [entry, { operations, seconds, used }] of saturated) {
    /** @param {number} rate */
    const pace = async (rate) =>
      latencyOf(note(entry.series, await entry.rig.pace(windowMillis * PACED_WINDOW_SHARE, rate)));
    const latency = await attempt(entry, plan, () => pace(half));
    if (latency === null) continue;
    const isPacedAgain = entry.series.subject.isOurs === true && ownHalf > half * RATES_APART;
    const paced = isPacedAgain ? await attempt(entry, plan, () => pace(ownHalf)) : null;
    entry.series.rounds.push({
      operations,
      cpuMicrosPerOperation: used.gatewayMicros / operations,
      operationsPerSecond: operations / seconds,
      coresBusy: {
        gateway: used.gatewayMicros / seconds / 1e6,
        backend: used.backendMicros / seconds / 1e6,
        load: used.loadMicros / seconds / 1e6,
        stolen: used.stolenMicros / seconds / 1e6,
      },
      latency,
      latencyAtHalf: paced,
    });
  }
}

/** @param {import('./load/load.mjs').SaturationResult} result */
function halfOf({ operations, seconds }) {
  return Math.max(1, Math.round((operations / seconds) * PACED_SHARE));
}

/**
 * @param {import('./load/load.mjs').PaceResult} result
 * @returns {Latency}
 */
function latencyOf(result) {
  const { operations, ratePerSecond, stalledShare, touchedShare, untouchedMicros } = result;
  const micros = result.latencyMicros;
  return { operations, ratePerSecond, stalledShare, micros, touchedShare, untouchedMicros };
}

/**
 * Those that can do what the scenario asks, and are asked to.
 *
 * @param {readonly import('./subjects/subject.mjs').Subject[]} subjects
 * @param {import('./scenarios.mjs').Scenario} scenario
 */
function subjectsOf(subjects, { kind, ownOnly }) {
  return subjects.filter(({ kinds, isOurs }) => kinds.includes(kind) && (isOurs || !ownOnly));
}

/**
 * Adds a phase's faults to its series; a phase in which nothing arrived cannot be counted at all.
 *
 * @template {{ operations: number, faults: Fault[] }} T
 * @param {Series} series
 * @param {T} result
 * @returns {T}
 */
export function note(series, result) {
  for (const fault of result.faults) {
    const known = series.faults.find(({ kind }) => kind === fault.kind);
    if (known === undefined) series.faults.push({ ...fault });
    else known.count += fault.count;
  }
  series.errors += countFaults(result.faults);
  if (result.operations === 0) {
    const [first] = result.faults;
    throw new Error(
      `${series.scenario.name}: no operation arrived. ${first?.kind} ${first?.sample}`,
    );
  }
  return result;
}

/** @param {Entry} entry */
function isAlive({ series }) {
  return series.failure === null;
}

/** @param {Entry} entry */
function labelOf({ series }) {
  return series.subject.label;
}

/** @param {readonly Entry[]} group */
function describe(group) {
  return group
    .map(({ series }) => {
      const micros = series.rounds.at(-1)?.cpuMicrosPerOperation;
      const told = micros === undefined ? 'failed' : `${micros.toFixed(1)} µs`;
      return `${series.subject.label} ${told}`;
    })
    .join(', ');
}
