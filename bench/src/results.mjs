import { execFileSync } from 'node:child_process';
import { arch, cpus, loadavg, platform, release } from 'node:os';
import { spreadOf } from './measure/percentiles.mjs';
import { SCENARIOS } from './scenarios.mjs';
import { PAYLOAD_BYTES } from './wire/payload.mjs';
import { pushHeaders } from './wire/push-request.mjs';

/**
 * The results file: what was run, every round, and each figure's median with its spread.
 */

/** @typedef {import('./measure/percentiles.mjs').Spread} Spread */

/**
 * @typedef {object} Summary
 * @property {number} operations of all saturated windows together
 * @property {Spread} cpuMicrosPerOperation
 * @property {Spread} operationsPerSecond
 * @property {{ p50: Spread, p90: Spread, p99: Spread, max: Spread }} latencyMicros
 * @property {Untouched} untouched
 * @property {Spread} latencyRatePerSecond
 * @property {{ ratePerSecond: Spread, p50: Spread, p99: Spread, untouched: Untouched } | null} latencyAtHalf
 *   micros, at half of what the gateway reached; null of peers, and where that is about the rate of all
 * @property {Spread} stalledShare of the paced windows, in which the load generator was held up
 * @property {{ gateway: Spread, backend: Spread, load: Spread, stolen: Spread }} coresBusy
 */

/**
 * @typedef {object} Untouched latency without the operations that were due or under way while the load
 *   generator itself was held up
 * @property {Spread} touchedShare of the operations: those left out
 * @property {Spread | null} p99 micros of the others; null where a round had none
 */

/**
 * @typedef {object} ScenarioResult
 * @property {string} scenario
 * @property {string} title
 * @property {string} checkout `this`, `compare`, or a peer's name
 * @property {boolean} isOurs whether its errors are the run's
 * @property {string} command how the gateway was started
 * @property {{ lanes: number, depth: number }} window
 * @property {readonly string[]} requestHeaders
 * @property {number} errors
 * @property {import('./measure/faults.mjs').Fault[]} faults
 * @property {string | null} failure why it ended before its last round
 * @property {Summary | null} summary null when it failed in the first
 * @property {import('./run.mjs').Round[]} rounds
 */

/**
 * @typedef {object} Comparison this checkout divided by the other, round by round
 * @property {string} scenario
 * @property {Spread} cpuMicrosPerOperation
 * @property {Spread} operationsPerSecond
 * @property {Spread} latencyP50
 * @property {Spread} latencyP99
 */

/**
 * @typedef {object} FootprintComparison this checkout divided by the other, round by round
 * @property {string} scenario
 * @property {Record<string, Spread>} ratios figures by name
 */

/**
 * @typedef {object} FootprintResult of a scenario in which nothing travels
 * @property {string} scenario
 * @property {string} title
 * @property {string} checkout
 * @property {boolean} isOurs
 * @property {string | null} failure of a round
 * @property {number} errors
 * @property {import('./measure/faults.mjs').Fault[]} faults
 * @property {Record<string, Spread>} summary figures by name
 * @property {import('./footprint.mjs').Figures[]} rounds
 */

/** @typedef {ReturnType<typeof buildResults>} Results */

/**
 * @typedef {object} Settings
 * @property {number} rounds
 * @property {number} seconds
 * @property {number} sockets
 * @property {string} priority of the bench and all it starts, in words
 */

/**
 * What is the same in all parts of a run, known before anything is measured.
 *
 * @param {readonly import('./subjects/subject.mjs').Subject[]} subjects
 * @param {Settings} settings
 * @param {{ startedAt: Date, loadAverage: number }} circumstances one-minute load before the run
 */
export function headOf(subjects, settings, { startedAt, loadAverage }) {
  return {
    format: 'postern-bench/1',
    startedAt: startedAt.toISOString(),
    node: process.version,
    machine: {
      platform: `${platform()} ${release()} ${arch()}`,
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      loadAverageBefore: loadAverage,
    },
    settings: { ...settings, payloadBytes: PAYLOAD_BYTES, tls: false, host: '127.0.0.1' },
    checkouts: subjects.flatMap(({ label, folder }) =>
      folder === null ? [] : [{ label, revision: revisionOf(folder) }],
    ),
  };
}

/**
 * @param {readonly import('./run.mjs').Series[]} series
 * @param {Settings} settings
 * @param {{ startedAt: Date, loadAverage: number }} circumstances one-minute load before the run
 * @param {readonly import('./footprint.mjs').FootprintSeries[]} [footprints]
 */
export function buildResults(series, settings, circumstances, footprints = []) {
  const all = [...series, ...footprints];
  const subjects = [...new Set(all.map(({ subject }) => subject))];
  const head = headOf(subjects, settings, circumstances);
  return {
    ...head,
    machine: { ...head.machine, loadAverageAfter: loadavg()[0] ?? 0 },
    subjects: subjects.map(({ label, about, version }) => ({
      label,
      about,
      version: version(),
    })),
    scenarios: series.map((one) => scenarioResult(one, settings.sockets)),
    comparisons: compare(series),
    footprints: footprints.map(footprintResult),
    footprintComparisons: compareFootprints(footprints),
    errors: all.reduce((sum, { errors, subject }) => sum + (subject.isOurs ? errors : 0), 0),
  };
}

/** @typedef {Omit<ReturnType<typeof headOf>, 'startedAt'>} Head */

/**
 * Throws, naming each difference, where two parts are of different revisions, machines or settings.
 *
 * @param {Head} earlier
 * @param {Head} later
 */
export function assertSameRun(earlier, later) {
  const [there, here] = [groundOf(earlier), groundOf(later)];
  const names = [...new Set([...Object.keys(there), ...Object.keys(here)])];
  const differences = names
    .filter((name) => there[name] !== here[name])
    .map((name) => `${name}: ${there[name] ?? 'none'} there, ${here[name] ?? 'none'} here`);
  if (differences.length === 0) return;
  throw new Error(`--add: not a part of this run: ${differences.join('; ')}`);
}

/**
 * @param {Head} head
 * @returns {Record<string, unknown>} by name
 */
function groundOf({ format, node, machine, settings, checkouts }) {
  return {
    format,
    'Node.js': node,
    kernel: machine.platform,
    processor: machine.cpu,
    ...settings,
    ...Object.fromEntries(
      checkouts.map(({ label, revision }) => [`revision (${label})`, revision]),
    ),
  };
}

/**
 * A run in parts: what the later part measured, and what only the earlier one did, in the order of the
 * table of scenarios. Throws where they are of different revisions, machines or settings.
 *
 * @param {Results} earlier
 * @param {Results} later
 * @returns {Results}
 */
export function addResults(earlier, later) {
  assertSameRun(earlier, later);
  const measured = new Set(
    [...later.scenarios, ...later.footprints].map(({ scenario }) => scenario),
  );
  /** @template {{ scenario: string }} T @param {readonly T[]} kept @param {readonly T[]} added */
  const join = (kept, added) =>
    [...kept.filter(({ scenario }) => !measured.has(scenario)), ...added].sort(
      (one, other) => placeOf(one.scenario) - placeOf(other.scenario),
    );
  const labels = new Set(later.subjects.map(({ label }) => label));
  const scenarios = join(earlier.scenarios, later.scenarios);
  const footprints = join(earlier.footprints, later.footprints);
  return {
    ...later,
    startedAt: earlier.startedAt,
    machine: { ...later.machine, loadAverageBefore: earlier.machine.loadAverageBefore },
    subjects: [...later.subjects, ...earlier.subjects.filter(({ label }) => !labels.has(label))],
    scenarios,
    footprints,
    errors: [...scenarios, ...footprints].reduce(
      (sum, { errors, isOurs }) => sum + (isOurs ? errors : 0),
      0,
    ),
  };
}

/** @param {string} name */
function placeOf(name) {
  return SCENARIOS.findIndex((scenario) => scenario.name === name);
}

/**
 * @param {import('./run.mjs').Series} series
 * @param {number} sockets
 * @returns {ScenarioResult}
 */
function scenarioResult({ scenario, subject, rounds, errors, faults, failure }, sockets) {
  return {
    scenario: scenario.name,
    title: scenario.title,
    checkout: subject.label,
    isOurs: subject.isOurs === true,
    command: `postern ${scenario.command}`,
    window: { lanes: scenario.lanes ?? sockets, depth: scenario.depth },
    requestHeaders:
      scenario.kind === 'push' ? pushHeaders(scenario.sdk ?? 'boto3', scenario.signed) : [],
    errors,
    faults,
    failure,
    summary: rounds.length === 0 ? null : summarize(rounds),
    rounds,
  };
}

/**
 * @param {import('./footprint.mjs').FootprintSeries} series
 * @returns {FootprintResult}
 */
function footprintResult({ scenario, subject, rounds, errors, faults, failure }) {
  const names = longest(rounds.map((round) => Object.keys(round)));
  return {
    scenario: scenario.name,
    title: scenario.title,
    checkout: subject.label,
    isOurs: subject.isOurs === true,
    failure,
    errors,
    faults,
    summary: Object.fromEntries(
      names.map((name) => [name, spreadOf(rounds.flatMap((round) => round[name] ?? []))]),
    ),
    rounds,
  };
}

/**
 * What all rounds have, and what only some could measure, in the order in which they have it.
 *
 * @param {readonly string[][]} names of the figures of each round
 */
function longest(names) {
  return names.reduce((most, one) => (one.length > most.length ? one : most), []);
}

/**
 * @param {readonly import('./run.mjs').Round[]} rounds
 * @returns {Summary}
 */
function summarize(rounds) {
  /** @param {(round: import('./run.mjs').Round) => number} figure */
  const spread = (figure) => spreadOf(rounds.map(figure));
  const halves = rounds.flatMap(({ latencyAtHalf }) =>
    latencyAtHalf === null ? [] : [latencyAtHalf],
  );
  return {
    operations: rounds.reduce((sum, { operations }) => sum + operations, 0),
    cpuMicrosPerOperation: spread((round) => round.cpuMicrosPerOperation),
    operationsPerSecond: spread((round) => round.operationsPerSecond),
    latencyMicros: {
      p50: spread((round) => round.latency.micros.p50),
      p90: spread((round) => round.latency.micros.p90),
      p99: spread((round) => round.latency.micros.p99),
      max: spread((round) => round.latency.micros.max),
    },
    untouched: untouchedOf(rounds.map(({ latency }) => latency)),
    latencyRatePerSecond: spread((round) => round.latency.ratePerSecond),
    latencyAtHalf:
      halves.length === 0
        ? null
        : {
            ratePerSecond: spreadOf(halves.map(({ ratePerSecond }) => ratePerSecond)),
            p50: spreadOf(halves.map(({ micros }) => micros.p50)),
            p99: spreadOf(halves.map(({ micros }) => micros.p99)),
            untouched: untouchedOf(halves),
          },
    stalledShare: spread((round) =>
      Math.max(round.latency.stalledShare, round.latencyAtHalf?.stalledShare ?? 0),
    ),
    coresBusy: {
      gateway: spread((round) => round.coresBusy.gateway),
      backend: spread((round) => round.coresBusy.backend),
      load: spread((round) => round.coresBusy.load),
      stolen: spread((round) => round.coresBusy.stolen),
    },
  };
}

/**
 * @param {readonly import('./run.mjs').Latency[]} latencies one of each round
 * @returns {Untouched}
 */
function untouchedOf(latencies) {
  const left = latencies.flatMap(({ untouchedMicros }) => untouchedMicros?.p99 ?? []);
  return {
    touchedShare: spreadOf(latencies.map(({ touchedShare }) => touchedShare)),
    p99: left.length < latencies.length ? null : spreadOf(left),
  };
}

/**
 * @param {readonly import('./run.mjs').Series[]} series
 * @returns {Comparison[]} empty when there is only one checkout
 */
function compare(series) {
  return pairsOf(series).map(([own, other]) => {
    /** @param {(round: import('./run.mjs').Round) => number} figure */
    const ratio = (figure) =>
      spreadOf(
        own.rounds
          .slice(0, other.rounds.length)
          .map((round, index) => figure(round) / figure(other.rounds[index])),
      );
    return {
      scenario: other.scenario.name,
      cpuMicrosPerOperation: ratio((round) => round.cpuMicrosPerOperation),
      operationsPerSecond: ratio((round) => round.operationsPerSecond),
      latencyP50: ratio((round) => round.latency.micros.p50),
      latencyP99: ratio((round) => round.latency.micros.p99),
    };
  });
}

/**
 * Of each scenario both checkouts, where both have been measured.
 *
 * @template {import('./run.mjs').Series | import('./footprint.mjs').FootprintSeries} T
 * @param {readonly T[]} series
 * @returns {[T, T][]} this one, and the other
 */
function pairsOf(series) {
  const measured = series.filter(({ rounds }) => rounds.length > 0);
  return measured
    .filter(({ subject }) => subject.label === 'this')
    .flatMap((own) => {
      const other = measured.find(
        ({ scenario, subject }) => scenario === own.scenario && subject.label === 'compare',
      );
      return other === undefined ? [] : [/** @type {[T, T]} */ ([own, other])];
    });
}

/**
 * @param {readonly import('./footprint.mjs').FootprintSeries[]} series
 * @returns {FootprintComparison[]}
 */
function compareFootprints(series) {
  return pairsOf(series).map(([own, other]) => {
    const pairs = own.rounds.slice(0, other.rounds.length).map((round, index) => ({
      round,
      against: other.rounds[index],
    }));
    // What both have in each round, and of which one is not nothing.
    const names = Object.keys(other.rounds[0] ?? {}).filter((name) =>
      pairs.every(({ round, against }) => name in round && (against[name] ?? 0) > 0),
    );
    return {
      scenario: other.scenario.name,
      ratios: Object.fromEntries(
        names.map((name) => [
          name,
          spreadOf(pairs.map(({ round, against }) => round[name] / against[name])),
        ]),
      ),
    };
  });
}

/** What the bench itself writes: no change of what is measured. */
const PAGES = ['docs/benchmarks.md', 'docs/scaling.md'];

/**
 * The commit of a checkout, marked where files differ from it.
 *
 * @param {string} folder
 */
export function revisionOf(folder) {
  /** @param {readonly string[]} args */
  const git = (args) =>
    execFileSync('git', ['-C', folder, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const others = ['--', '.', ...PAGES.map((page) => `:!${page}`)];
    const isClean = git(['status', '--porcelain', '--untracked-files=no', ...others]) === '';
    return `${git(['describe', '--always'])}${isClean ? '' : '-dirty'}`;
  } catch {
    return 'unknown';
  }
}
