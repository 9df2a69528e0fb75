import { execFileSync } from 'node:child_process';
import { arch, cpus, loadavg, platform, release } from 'node:os';
import { spreadOf } from './measure/percentiles.mjs';
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
 * @property {Spread} latencyRatePerSecond
 * @property {{ gateway: Spread, backend: Spread, load: Spread, stolen: Spread }} coresBusy
 */

/**
 * @typedef {object} ScenarioResult
 * @property {string} scenario
 * @property {string} title
 * @property {string} checkout `this` or `compare`
 * @property {string} command how the gateway was started
 * @property {{ lanes: number, depth: number }} window
 * @property {readonly string[]} requestHeaders
 * @property {number} errors
 * @property {import('./measure/faults.mjs').Fault[]} faults
 * @property {Summary} summary
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
 * @typedef {object} FootprintResult of a scenario in which nothing travels
 * @property {string} scenario
 * @property {string} title
 * @property {string} checkout
 * @property {number} errors
 * @property {import('./measure/faults.mjs').Fault[]} faults
 * @property {Record<string, Spread>} summary figures by name
 * @property {import('./footprint.mjs').Figures[]} rounds
 */

/** @typedef {ReturnType<typeof buildResults>} Results */

/**
 * @param {readonly import('./run.mjs').Series[]} series
 * @param {{ rounds: number, seconds: number, sockets: number }} settings
 * @param {{ startedAt: Date, loadAverage: number }} circumstances one-minute load before the run
 * @param {readonly import('./footprint.mjs').FootprintSeries[]} [footprints]
 */
export function buildResults(series, settings, { startedAt, loadAverage }, footprints = []) {
  const all = [...series, ...footprints];
  const subjects = [...new Set(all.map(({ subject }) => subject))];
  return {
    format: 'postern-bench/1',
    startedAt: startedAt.toISOString(),
    node: process.version,
    machine: {
      platform: `${platform()} ${release()} ${arch()}`,
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      loadAverageBefore: loadAverage,
      loadAverageAfter: loadavg()[0] ?? 0,
    },
    settings: { ...settings, payloadBytes: PAYLOAD_BYTES, tls: false, host: '127.0.0.1' },
    checkouts: subjects.flatMap(({ label, folder }) =>
      folder === null ? [] : [{ label, revision: revisionOf(folder) }],
    ),
    subjects: subjects.map(({ label, about, version }) => ({
      label,
      about,
      version: version(),
    })),
    scenarios: series.map((one) => scenarioResult(one, settings.sockets)),
    comparisons: compare(series),
    footprints: footprints.map(footprintResult),
    errors: all.reduce((sum, { errors }) => sum + errors, 0),
  };
}

/**
 * @param {import('./run.mjs').Series} series
 * @param {number} sockets
 * @returns {ScenarioResult}
 */
function scenarioResult({ scenario, subject, rounds, errors, faults }, sockets) {
  return {
    scenario: scenario.name,
    title: scenario.title,
    checkout: subject.label,
    command: `postern ${scenario.command}`,
    window: { lanes: scenario.lanes ?? sockets, depth: scenario.depth },
    requestHeaders:
      scenario.kind === 'push' ? pushHeaders(scenario.sdk ?? 'boto3', scenario.signed) : [],
    errors,
    faults,
    summary: summarize(rounds),
    rounds,
  };
}

/**
 * @param {import('./footprint.mjs').FootprintSeries} series
 * @returns {FootprintResult}
 */
function footprintResult({ scenario, subject, rounds, errors, faults }) {
  const names = Object.keys(rounds[0] ?? {});
  return {
    scenario: scenario.name,
    title: scenario.title,
    checkout: subject.label,
    errors,
    faults,
    summary: Object.fromEntries(
      names.map((name) => [name, spreadOf(rounds.map((round) => round[name] ?? Number.NaN))]),
    ),
    rounds,
  };
}

/**
 * @param {readonly import('./run.mjs').Round[]} rounds
 * @returns {Summary}
 */
function summarize(rounds) {
  /** @param {(round: import('./run.mjs').Round) => number} figure */
  const spread = (figure) => spreadOf(rounds.map(figure));
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
    latencyRatePerSecond: spread((round) => round.latency.ratePerSecond),
    coresBusy: {
      gateway: spread((round) => round.coresBusy.gateway),
      backend: spread((round) => round.coresBusy.backend),
      load: spread((round) => round.coresBusy.load),
      stolen: spread((round) => round.coresBusy.stolen),
    },
  };
}

/**
 * @param {readonly import('./run.mjs').Series[]} series
 * @returns {Comparison[]} empty when there is only one checkout
 */
function compare(series) {
  return series
    .filter(({ subject }) => subject.label === 'compare')
    .map((other) => {
      const own = series.find(
        ({ scenario, subject }) => scenario === other.scenario && subject.label === 'this',
      );
      /** @param {(round: import('./run.mjs').Round) => number} figure */
      const ratio = (figure) =>
        spreadOf(
          other.rounds.map((round, index) => {
            const ownRound = own?.rounds[index];
            return ownRound === undefined ? Number.NaN : figure(ownRound) / figure(round);
          }),
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

/** @param {string} folder */
function revisionOf(folder) {
  try {
    const args = ['-C', folder, 'describe', '--always', '--dirty'];
    return execFileSync('git', args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}
