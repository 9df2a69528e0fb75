import { countFaults } from './measure/faults.mjs';
import { Rig } from './rig.mjs';

/**
 * One run: every scenario against every subject, in rounds that interleave them all, so that a
 * machine that is slower for a while is slower for everyone.
 */

/** Latency is taken at this share of what the same round could do at most. */
const PACED_SHARE = 0.5;
/** The warm-up's length in windows: compilers need tens of thousands of operations. */
const WARM_UP_WINDOWS = 2;

/** @typedef {import('./measure/faults.mjs').Fault} Fault */

/**
 * @typedef {object} Round
 * @property {number} operations in the saturated window
 * @property {number} cpuMicrosPerOperation gateway's user and system time
 * @property {number} operationsPerSecond
 * @property {{ gateway: number, backend: number, load: number, stolen: number }} coresBusy
 * @property {{ operations: number, ratePerSecond: number,
 *   micros: import('./measure/percentiles.mjs').LatencySummary }} latency
 */

/**
 * @typedef {object} Series the rounds of one scenario against one subject
 * @property {import('./scenarios.mjs').Scenario} scenario
 * @property {import('./subjects/subject.mjs').Subject} subject
 * @property {Round[]} rounds
 * @property {number} errors
 * @property {Fault[]} faults
 */

/**
 * @typedef {object} RunPlan
 * @property {readonly import('./scenarios.mjs').Scenario[]} scenarios
 * @property {readonly import('./subjects/subject.mjs').Subject[]} subjects
 * @property {number} rounds
 * @property {number} seconds length of each measured window
 * @property {number} sockets
 * @property {(line: string) => void} progress
 * @property {AbortSignal} signal
 */

/**
 * @param {RunPlan} plan
 * @returns {Promise<Series[]>}
 */
export async function runBench(plan) {
  const entries = plan.scenarios.flatMap((scenario) =>
    subjectsOf(plan.subjects, scenario).map((subject) => ({
      rig: new Rig(scenario, subject),
      series: newSeries(scenario, subject),
    })),
  );
  try {
    for (const { rig } of entries) {
      plan.signal.throwIfAborted();
      await rig.start(plan.sockets);
    }
    if (entries.length > 0) plan.progress('warming up');
    for (const { rig, series } of entries) {
      plan.signal.throwIfAborted();
      note(series, await rig.saturate(WARM_UP_WINDOWS * plan.seconds * 1e3));
    }
    for (let round = 1; round <= plan.rounds; round += 1) {
      for (const scenario of plan.scenarios) {
        plan.signal.throwIfAborted();
        const group = entries.filter(({ series }) => series.scenario === scenario);
        // Who goes first alternates, so that going second is nobody's advantage.
        await runRound(round % 2 === 0 ? group.toReversed() : group, plan);
        plan.progress(`round ${round} of ${plan.rounds}: ${describe(group)}`);
      }
    }
  } finally {
    await Promise.all(entries.map(({ rig }) => rig.stop()));
  }
  return entries.map(({ series }) => series);
}

/**
 * One round of one scenario: each subject saturated, then each at the same, lower rate.
 *
 * @param {readonly { rig: Rig, series: Series }[]} group
 * @param {RunPlan} plan
 */
async function runRound(group, plan) {
  const windowMillis = plan.seconds * 1e3;
  const saturated = [];
  for (const { rig, series } of group) {
    plan.signal.throwIfAborted();
    saturated.push(note(series, await rig.saturate(windowMillis)));
  }
  const rates = saturated.map(({ operations, seconds }) => operations / seconds);
  const ratePerSecond = Math.max(1, Math.round(Math.min(...rates) * PACED_SHARE));
  for (const [index, { rig, series }] of group.entries()) {
    plan.signal.throwIfAborted();
    const paced = note(series, await rig.pace(windowMillis, ratePerSecond));
    const { operations, seconds, used } = saturated[index];
    series.rounds.push({
      operations,
      cpuMicrosPerOperation: used.gatewayMicros / operations,
      operationsPerSecond: operations / seconds,
      coresBusy: {
        gateway: used.gatewayMicros / seconds / 1e6,
        backend: used.backendMicros / seconds / 1e6,
        load: used.loadMicros / seconds / 1e6,
        stolen: used.stolenMicros / seconds / 1e6,
      },
      latency: { operations: paced.operations, ratePerSecond, micros: paced.latencyMicros },
    });
  }
}

/**
 * @param {import('./scenarios.mjs').Scenario} scenario
 * @param {import('./subjects/subject.mjs').Subject} subject
 * @returns {Series}
 */
function newSeries(scenario, subject) {
  return { scenario, subject, rounds: [], errors: 0, faults: [] };
}

/**
 * Those that can do what the scenario asks.
 *
 * @param {readonly import('./subjects/subject.mjs').Subject[]} subjects
 * @param {import('./scenarios.mjs').Scenario} scenario
 */
function subjectsOf(subjects, scenario) {
  return subjects.filter(({ kinds }) => kinds.includes(scenario.kind));
}

/**
 * Adds a phase's faults to its series; a phase in which nothing arrived cannot be counted at all.
 *
 * @template {{ operations: number, faults: Fault[] }} T
 * @param {Series} series
 * @param {T} result
 * @returns {T}
 */
function note(series, result) {
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

/** @param {readonly { series: Series }[]} group */
function describe(group) {
  return group
    .map(({ series }) => {
      const micros = series.rounds.at(-1)?.cpuMicrosPerOperation ?? Number.NaN;
      return `${series.scenario.name} (${series.subject.label}) ${micros.toFixed(1)} µs CPU`;
    })
    .join(', ');
}
