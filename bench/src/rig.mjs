import { setTimeout as sleep } from 'node:timers/promises';
import { countFaults } from './measure/faults.mjs';
import { findProcessTree } from './measure/proc-stat.mjs';
import { ForkedProcess } from './processes/calls.mjs';
import { CREDENTIALS } from './subjects/postern.mjs';

/**
 * Everything one scenario needs against one subject: its server, a counting backend and a load
 * generator, each a process of its own. A rig per pair, so that a figure does not depend on which
 * other scenarios run.
 */

/** The first part of each phase, not measured: connections open, queues fill. */
const RAMP_MILLIS = 200;
/** How long a phase may take beyond its window before the rig is given up. */
const PHASE_SLACK_MILLIS = 20_000;
const CONNECTION_IDS_MILLIS_MAX = 60_000;
/** The generator makes little garbage; with room for it, none is collected within a window. */
const GENERATOR_OPTIONS = ['--min-semi-space-size=16'];

/** @typedef {import('./measure/faults.mjs').Fault} Fault */
/** @typedef {import('./load/load.mjs').SaturationResult} SaturationResult */
/** @typedef {import('./load/load.mjs').PaceResult} PaceResult */

export class Rig {
  #backend = new ForkedProcess(new URL('./processes/backend.mjs', import.meta.url));
  #generator = new ForkedProcess(
    new URL('./load/generator.mjs', import.meta.url),
    GENERATOR_OPTIONS,
  );
  /** @type {import('./subjects/subject.mjs').Server | null} */
  #server = null;
  /** @type {import('./profile/profiler.mjs').Profiler | null} */
  #profiler = null;
  #watched = {
    gatewayPids: /** @type {number[]} */ ([]),
    backendPid: 0,
    besidePids: /** @type {number[]} */ ([]),
  };

  /**
   * @param {import('./scenarios.mjs').Scenario} scenario
   * @param {import('./subjects/subject.mjs').Subject} subject
   */
  constructor(scenario, subject) {
    this.scenario = scenario;
    this.subject = subject;
  }

  /** @param {number} sockets */
  async start(sockets) {
    const { kind, signed, sdk, lanes, depth } = this.scenario;
    const { httpPort, acknowledgementPort } = await this.#backend.call('listen', {
      echoes: kind === 'echo',
    });
    const { server, host, port, ports, talk, profiler } = await this.subject.start({
      scenario: this.scenario,
      backendPort: httpPort,
    });
    this.#server = server;
    this.#profiler = profiler ?? null;
    await this.#backend.call('guard', { pids: server.pids ?? [server.pid] });
    await this.#generator.call('open', {
      kind,
      sdk,
      host,
      ports: ports ?? [port],
      talk,
      sockets,
      lanes: lanes ?? sockets,
      depth,
      credentials: signed && talk.verifies ? CREDENTIALS : null,
      acknowledgementPort,
    });
    if (kind !== 'push' || !talk.tellsIds) return;
    const connectionIds = await this.#connectionIds(sockets);
    await this.#generator.call('addressTo', { connectionIds });
  }

  /**
   * @param {number} windowMillis
   * @param {{ rampMillis?: number, toHolder?: boolean }} [options]
   * @returns {Promise<SaturationResult & { faults: Fault[] }>}
   */
  async saturate(windowMillis, options) {
    const { besidePid } = this.#server ?? {};
    this.#watched = {
      gatewayPids: this.#gatewayPids(),
      backendPid: this.#backend.pid,
      besidePids: besidePid === undefined ? [] : [besidePid],
    };
    const result = await this.#phase('saturate', {
      windowMillis,
      watched: this.#watched,
      ...options,
    });
    const pidsNow = this.#gatewayPids();
    if (String(pidsNow) !== String(this.#watched.gatewayPids)) {
      result.faults.push({ kind: 'gateway processes changed', count: 1, sample: String(pidsNow) });
    }
    return result;
  }

  /**
   * @param {number} windowMillis
   * @param {number} ratePerSecond
   * @param {{ toHolder?: boolean }} [options]
   * @returns {Promise<PaceResult & { faults: Fault[] }>}
   */
  pace(windowMillis, ratePerSecond, options) {
    return this.#phase('pace', { windowMillis, ratePerSecond, ...options });
  }

  /** From here on, where one is wanted: what came before is starting and compiling. */
  async beginProfile() {
    await this.#profiler?.begin(this.#server?.pid ?? 0);
  }

  #gatewayPids() {
    const { pid = 0, pids = [pid] } = this.#server ?? {};
    return pids.flatMap(findProcessTree);
  }

  /** Ends all three processes; safe to call twice and on a rig that did not start. */
  async stop() {
    try {
      await this.#profiler?.end();
    } finally {
      if (this.#server !== null) {
        await this.#generator.call('close', {}).catch(() => {});
        await this.#server.stop();
        await this.#backend.call('guard', { pids: [] }).catch(() => {});
      }
      await Promise.all([this.#generator.stop(), this.#backend.stop()]);
    }
  }

  /**
   * @param {'saturate' | 'pace'} method
   * @param {{ windowMillis: number } & Record<string, unknown>} params
   */
  async #phase(method, params) {
    const timeoutMillis = params.windowMillis + PHASE_SLACK_MILLIS;
    const phase = { rampMillis: RAMP_MILLIS, ...params };
    const result = await this.#generator
      .call(method, phase, timeoutMillis)
      .catch((error) => Promise.reject(this.#explain(error)));
    result.faults.push(...(await this.#backend.call('takeFaults', {})));
    if (this.#server?.endedEarly) {
      result.faults.push({ kind: 'gateway ended', count: 1, sample: this.#server.output });
    }
    return result;
  }

  /**
   * Waits until the backend has seen every socket's connectionId.
   *
   * @param {number} sockets
   * @returns {Promise<string[]>} one per socket, in the sockets' order
   */
  async #connectionIds(sockets) {
    const deadline = Date.now() + CONNECTION_IDS_MILLIS_MAX;
    for (;;) {
      const known = await this.#backend.call('connectionIds', {});
      const ids = Object.values(known);
      if (ids.length === sockets) return ids;
      const faults = await this.#backend.call('takeFaults', {});
      if (countFaults(faults) > 0 || Date.now() > deadline) {
        const sample = faults[0]?.sample ?? '';
        throw this.#explain(new Error(`${ids.length} of ${sockets} connectionIds seen. ${sample}`));
      }
      await sleep(20);
    }
  }

  /** @param {Error} error */
  #explain(error) {
    const output = this.#server?.output ?? '';
    return new Error(`${this.scenario.name}: ${error.message}\nlast output of it:\n${output}`);
  }
}
