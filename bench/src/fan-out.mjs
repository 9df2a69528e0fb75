import { setTimeout as sleep } from 'node:timers/promises';
import { inWords } from './footprint.mjs';
import { FRAME, LATE, LATE_WITH_WAITS, WAITS_PERCENT } from './goals.mjs';
import { readCoreTimes, waitedForOthers } from './measure/core-wait.mjs';
import { countFaults } from './measure/faults.mjs';
import { percentile } from './measure/percentiles.mjs';
import { findProcessTree, readCpuMicros } from './measure/proc-stat.mjs';
import { ForkedProcess } from './processes/calls.mjs';
import { CREDENTIALS } from './subjects/postern.mjs';

/**
 * One call, a frame at each of many clients. A server holds its clients through all rounds; a round is
 * some calls one after another, each begun when every client has the message before.
 */

const OPEN_MILLIS_MAX = 60_000;
const SHOUT_MILLIS_MAX = 60_000;
/** Frames of a round: some tenths of a second of CPU time. Half as many come before, to warm up. */
const FRAMES = 100_000;
/** How late a server is, is looked at so often in a round, each time for a tenth of a round's frames. */
const LOOKS = 20;
/** What was due when the last client had its message has run by then. */
const LOOK_PAUSE_MILLIS = 20;
/** A server that was without a core for longer than that was late for another program's sake. */
const WAIT_MILLIS_MAX = 1;

/** Expected of opening ten thousand clients and the warm-up, of a round, and of its looks. */
const START_SECONDS = 2;
const ROUND_SECONDS = 1;
const LOOKS_SECONDS = 2;

/**
 * How long a run is expected to take.
 *
 * @param {readonly import('./scenarios.mjs').Scenario[]} scenarios
 * @param {Pick<import('./run.mjs').RunPlan, 'subjects' | 'rounds'>} plan
 */
export function fanOutSeconds(scenarios, { subjects, rounds }) {
  return scenarios
    .flatMap(({ kind }) => subjects.filter(({ kinds }) => kinds.includes(kind)))
    .reduce((sum, subject) => sum + START_SECONDS + rounds * roundSeconds(subject), 0);
}

/** @param {import('./subjects/subject.mjs').Subject} subject of which checkouts tell how late they are */
function roundSeconds({ folder }) {
  return ROUND_SECONDS + (folder === null ? 0 : LOOKS_SECONDS);
}

/**
 * @typedef {object} Look
 * @property {number} lateMillis of what was due in it, the latest
 * @property {number} waitedMillis for a core that another program had
 */

/**
 * How late a server's event loop was, as far as that was its own doing: without the looks in which it had no
 * core. Where it had one in none of them there is no such figure.
 *
 * @param {readonly Look[]} looks not empty
 * @returns {import('./footprint.mjs').Figures}
 */
export function latenessOf(looks) {
  /** @param {readonly Look[]} some */
  const sorted = (some) => some.map(({ lateMillis }) => lateMillis).sort((a, b) => a - b);
  const own = sorted(looks.filter(({ waitedMillis }) => waitedMillis <= WAIT_MILLIS_MAX));
  return {
    ...(own.length > 0 && {
      [LATE]: percentile(own, 0.99),
      'ms, p50': percentile(own, 0.5),
    }),
    [LATE_WITH_WAITS]: percentile(sorted(looks), 0.99),
    [WAITS_PERCENT]: (1 - own.length / looks.length) * 100,
  };
}

/**
 * @param {Omit<import('./run.mjs').RunPlan, 'seconds' | 'sockets'> & { frames?: number }} plan
 * @returns {Promise<import('./footprint.mjs').FootprintSeries[]>}
 */
export async function runFanOuts(plan) {
  const { scenarios, subjects, rounds, progress, signal, frames = FRAMES } = plan;
  const all = [];
  for (const scenario of scenarios) {
    const entries = subjects
      .filter(({ kinds }) => kinds.includes(scenario.kind))
      .map((subject) => new Assembly(scenario, subject, frames));
    all.push(...entries.map(({ series }) => series));
    try {
      for (const entry of entries) {
        signal.throwIfAborted();
        const isThere = await entry.attempt(() => entry.start(), plan);
        const { label } = entry.series.subject;
        if (isThere) progress(`${scenario.name}: ${label} has its clients`, START_SECONDS);
      }
      for (let round = 1; round <= rounds; round += 1) {
        // Who goes first alternates, so that going second is nobody's advantage.
        for (const entry of round % 2 === 0 ? entries.toReversed() : entries) {
          signal.throwIfAborted();
          if (entry.series.failure !== null) continue;
          const figures = await entry.attempt(() => entry.round(), plan);
          if (figures === null) continue;
          const { label } = entry.series.subject;
          const line = `${scenario.name}: round ${round} of ${rounds}: ${label} ${inWords(figures)}`;
          progress(line, roundSeconds(entry.series.subject));
        }
      }
    } finally {
      await Promise.all(entries.map((entry) => entry.stop()));
    }
  }
  return all;
}

/** A server with its crowd. */
class Assembly {
  #backend = new ForkedProcess(new URL('./processes/backend.mjs', import.meta.url));
  #crowd = new ForkedProcess(new URL('./load/crowd.mjs', import.meta.url));
  #frames;
  /** @type {import('./subjects/subject.mjs').Started | null} */
  #started = null;

  /**
   * @param {import('./scenarios.mjs').Scenario} scenario
   * @param {import('./subjects/subject.mjs').Subject} subject
   * @param {number} frames of a round
   */
  constructor(scenario, subject, frames) {
    this.#frames = frames;
    /** @type {import('./footprint.mjs').FootprintSeries} */
    this.series = { scenario, subject, rounds: [], errors: 0, faults: [], failure: null };
  }

  /**
   * One that fails is left out from then on, with the reason.
   *
   * @template T
   * @param {() => Promise<T>} work
   * @param {Pick<import('./run.mjs').RunPlan, 'progress' | 'signal'>} plan
   * @returns {Promise<T | null>}
   */
  async attempt(work, { progress, signal }) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      const { scenario, subject } = this.series;
      this.series.failure = error instanceof Error ? error.message : String(error);
      this.series.errors += 1;
      progress(`${scenario.name} (${subject.label}) FAILED: ${this.series.failure}`);
      return null;
    }
  }

  /** @returns {Promise<true>} */
  async start() {
    const { scenario, subject } = this.series;
    const { httpPort } = await this.#backend.call('listen', { echoes: false });
    const started = await subject.start({ scenario, backendPort: httpPort });
    this.#started = started;
    const { server, host, port, talk } = started;
    await this.#backend.call('guard', { pids: [server.pid] });
    const credentials = scenario.signed && talk.verifies ? CREDENTIALS : null;
    const count = scenario.sockets ?? 0;
    await this.#crowd.call('open', { host, port, talk, credentials, count }, OPEN_MILLIS_MAX);
    await this.#shout(this.#frames / 2);
    await started.profiler?.begin(server.pid);
    return true;
  }

  /** @returns {Promise<import('./footprint.mjs').Figures>} */
  async round() {
    const pids = findProcessTree(this.#started?.server.pid ?? 0);
    const cpuBefore = readCpuMicros(pids);
    const { frames, lastMillis } = await this.#shout(this.#frames);
    const cpuMicros = readCpuMicros(pids) - cpuBefore;
    const lateness = await this.#lateness();
    const sorted = [...lastMillis].sort((a, b) => a - b);
    const figures = {
      [FRAME]: cpuMicros / frames,
      'ms until the last client has it, p50': percentile(sorted, 0.5),
      'ms, p99': percentile(sorted, 0.99),
      ...lateness,
    };
    this.series.rounds.push(figures);
    return figures;
  }

  async stop() {
    try {
      await this.#started?.profiler?.end();
    } finally {
      if (this.#started !== null) {
        await this.#crowd.call('close', {}, OPEN_MILLIS_MAX).catch(() => {});
        await this.#started.server.stop();
        await this.#backend.call('guard', { pids: [] }).catch(() => {});
      }
      await Promise.all([this.#crowd.stop(), this.#backend.stop()]);
    }
  }

  /** @param {number} framesWanted */
  async #shout(framesWanted) {
    const { series } = this;
    const count = series.scenario.sockets ?? 1;
    const calls = Math.ceil(framesWanted / count);
    const { faults, lastMillis } = await this.#crowd.call('shout', { calls }, SHOUT_MILLIS_MAX);
    const server = this.#started?.server;
    if (server?.endedEarly) faults.push({ kind: 'ended', count: 1, sample: server.output });
    series.faults.push(...faults);
    series.errors += countFaults(faults);
    return { frames: calls * count, lastMillis };
  }

  /** In calls of their own, because a look costs what a thousand frames do. */
  async #lateness() {
    const { lagMillis, server } = this.#started ?? {};
    if (!lagMillis || !server) return {};
    const looks = [];
    let next = readCoreTimes(server.pid);
    await lagMillis();
    for (let look = 0; look < LOOKS; look += 1) {
      const before = next;
      await this.#shout(this.#frames / 10);
      await sleep(LOOK_PAUSE_MILLIS);
      next = readCoreTimes(server.pid);
      const lateMillis = await lagMillis();
      looks.push({ lateMillis, waitedMillis: waitedForOthers(before, readCoreTimes(server.pid)) });
    }
    return latenessOf(looks);
  }
}
