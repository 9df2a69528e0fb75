import { setTimeout as sleep } from 'node:timers/promises';
import { nowMicros } from '../measure/clock.mjs';
import { summarizeLatencies } from '../measure/percentiles.mjs';
import { LaneQueue } from './lane-queue.mjs';
import { Slots } from './slots.mjs';
import { Stalls } from './stalls.mjs';

/**
 * Decides when operations start. Two phases: `saturate` keeps every lane's window full and is
 * where CPU per operation and throughput come from; `pace` starts operations at fixed times
 * whatever the answers do (open loop), so that a slow server cannot hide its own delays, and is
 * where latency comes from.
 */

export const SLOTS = 4096;

const OPERATIONS_MAX = 5_000_000;
const DRAIN_MILLIS_MAX = 5_000;
const DRAIN_POLL_MILLIS = 5;
/** Between two turns: what a turn makes is garbage, and a million of them a second are a lot of it. */
const PAUSE_MICROS = 4;
/** A paced window in which the generator stalled for more of the time is taken again, so often. */
const STALLED_SHARE_MAX = 0.005;
const PACE_ATTEMPTS_MAX = 3;

/**
 * @typedef {object} LoadParts
 * @property {number} lanes connections that carry operations
 * @property {number} depth operations in flight per lane
 * @property {(lane: number, slot: number) => void} send
 * @property {import('../measure/faults.mjs').Faults} faults
 * @property {number} [paceAttempts] how often a paced window may be taken
 * @property {number} [drainMillisMax] how long what is in flight at a phase's end may still take
 */

/**
 * @typedef {object} Usage CPU microseconds used so far
 * @property {number} gatewayMicros
 * @property {number} backendMicros
 * @property {number} loadMicros
 * @property {number} besideMicros of processes that are not the gateway's, such as Redis
 * @property {number} stolenMicros taken from all cores by the machine's host
 */

/**
 * @typedef {object} SaturationResult
 * @property {number} operations received within the window
 * @property {number} seconds the window's true length
 * @property {Usage} used
 */

/**
 * @typedef {object} PaceResult
 * @property {number} operations
 * @property {number} ratePerSecond
 * @property {number} stalledShare of the window in which the generator itself was held up
 * @property {import('../measure/percentiles.mjs').LatencySummary} latencyMicros of all of them
 * @property {number} touchedShare of the operations, due or under way while the generator was held up
 * @property {import('../measure/percentiles.mjs').LatencySummary | null} untouchedMicros of the others;
 *   null where there are none
 */

export class Load {
  #lanes;
  #send;
  #faults;
  #drainMillisMax;
  #paceAttempts;
  #slots = new Slots(SLOTS);
  #laneOfSlot = new Int32Array(SLOTS);
  #free;
  #received = 0;
  #issued = 0;
  #stalls = new Stalls();

  /** When the next operation is due; Infinity when none is. @type {() => number} */
  #nextDue = () => Number.POSITIVE_INFINITY;
  /** @type {((startedAt: number, arrivedAt: number) => void) | null} */
  #onArrival = null;

  /** @param {LoadParts} parts */
  constructor({
    lanes,
    depth,
    send,
    faults,
    paceAttempts = PACE_ATTEMPTS_MAX,
    drainMillisMax = DRAIN_MILLIS_MAX,
  }) {
    this.#lanes = lanes;
    this.#send = send;
    this.#faults = faults;
    this.#paceAttempts = paceAttempts;
    this.#drainMillisMax = drainMillisMax;
    this.#free = new LaneQueue(lanes * depth);
    this.#free.fill(lanes);
  }

  /**
   * @param {{ rampMillis: number, windowMillis: number, usage: () => Usage }} phase
   * @returns {Promise<SaturationResult>}
   */
  async saturate({ rampMillis, windowMillis, usage }) {
    this.#issued = 0;
    this.#nextDue = nowMicros;
    this.#pump();
    await sleep(rampMillis);
    const begin = { at: nowMicros(), received: this.#received, usage: usage() };
    await sleep(windowMillis);
    const end = { at: nowMicros(), received: this.#received, usage: usage() };
    await this.#drain();
    return {
      operations: end.received - begin.received,
      seconds: (end.at - begin.at) / 1e6,
      used: {
        gatewayMicros: end.usage.gatewayMicros - begin.usage.gatewayMicros,
        backendMicros: end.usage.backendMicros - begin.usage.backendMicros,
        loadMicros: end.usage.loadMicros - begin.usage.loadMicros,
        besideMicros: end.usage.besideMicros - begin.usage.besideMicros,
        stolenMicros: end.usage.stolenMicros - begin.usage.stolenMicros,
      },
    };
  }

  /**
   * A generator that is off its core sends late and reads late, and no latency says whose fault that was. So
   * of a few windows the one counts in which that happened least, whatever its latencies.
   *
   * @param {{ rampMillis: number, windowMillis: number, ratePerSecond: number }} phase
   * @returns {Promise<PaceResult>}
   */
  async pace(phase) {
    let best = await this.#paceOnce(phase);
    for (let attempt = 2; attempt <= this.#paceAttempts; attempt += 1) {
      if (best.stalledShare <= STALLED_SHARE_MAX) break;
      const again = await this.#paceOnce(phase);
      if (again.stalledShare < best.stalledShare) best = again;
    }
    return best;
  }

  /**
   * @param {{ rampMillis: number, windowMillis: number, ratePerSecond: number }} phase
   * @returns {Promise<PaceResult>}
   */
  async #paceOnce({ rampMillis, windowMillis, ratePerSecond }) {
    const intervalMicros = 1e6 / ratePerSecond;
    const planned = Math.ceil(((rampMillis + windowMillis) / 1e3) * ratePerSecond);
    const dueTimes = new Float64Array(Math.min(planned, OPERATIONS_MAX));
    const arrivals = new Float64Array(dueTimes.length);
    const startAt = nowMicros();
    const measuredFrom = startAt + rampMillis * 1e3;
    let measured = 0;
    this.#issued = 0;
    this.#stalls = new Stalls();
    this.#nextDue = () =>
      this.#issued < planned ? startAt + this.#issued * intervalMicros : Number.POSITIVE_INFINITY;
    this.#onArrival = (startedAt, arrivedAt) => {
      if (startedAt < measuredFrom || measured === dueTimes.length) return;
      dueTimes[measured] = startedAt;
      arrivals[measured] = arrivedAt;
      measured += 1;
    };
    await this.#spinUntil(startAt + (rampMillis + windowMillis) * 1e3, planned);
    await this.#drain();
    this.#onArrival = null;
    if (measured === 0) throw new Error('no operation arrived in the paced phase');
    return {
      operations: measured,
      ratePerSecond,
      stalledShare: this.#stalls.micros / ((rampMillis + windowMillis) * 1e3),
      ...this.#latencies(dueTimes.subarray(0, measured), arrivals),
    };
  }

  /**
   * @param {Float64Array} dueTimes
   * @param {Float64Array} arrivals
   */
  #latencies(dueTimes, arrivals) {
    const untouched = new Float64Array(dueTimes.length);
    let count = 0;
    for (const [index, dueAt] of dueTimes.entries()) {
      if (this.#stalls.touch(dueAt, arrivals[index])) continue;
      untouched[count] = arrivals[index] - dueAt;
      count += 1;
    }
    return {
      latencyMicros: summarizeLatencies(dueTimes.map((dueAt, index) => arrivals[index] - dueAt)),
      touchedShare: 1 - count / dueTimes.length,
      untouchedMicros: count === 0 ? null : summarizeLatencies(untouched.subarray(0, count)),
    };
  }

  /**
   * One operation reached its receiver.
   *
   * @param {number} slot
   * @param {number} arrivedAt
   * @returns {boolean} whether such an operation was in flight
   */
  arrived(slot, arrivedAt) {
    const startedAt = this.#slots.release(slot);
    if (Number.isNaN(startedAt)) {
      this.#faults.add('unexpected operation', `slot ${slot} is not in flight`);
      return false;
    }
    this.#received += 1;
    this.#onArrival?.(startedAt, arrivedAt);
    // Only when every slot was taken can a lane be waiting for this one.
    if (this.#slots.inUse === SLOTS - 1) this.#pump();
    return true;
  }

  /**
   * @param {number} slot
   * @returns {number} the lane that carried the last operation in this slot
   */
  laneOf(slot) {
    return this.#laneOfSlot[slot];
  }

  /** @param {number} lane has room for one more operation */
  freeLane(lane) {
    this.#free.push(lane);
    this.#pump();
  }

  #pump() {
    while (this.#free.length > 0 && this.#issued < OPERATIONS_MAX) {
      const dueAt = this.#nextDue();
      if (dueAt > nowMicros()) return;
      const slot = this.#slots.take(dueAt);
      if (slot === -1) return;
      const lane = this.#free.shift();
      this.#laneOfSlot[slot] = lane;
      this.#issued += 1;
      this.#send(lane, slot);
    }
  }

  /**
   * Turns the event loop without sleeping, because timers only know whole milliseconds. Operations
   * that were due but found every window full are still sent after `endAt`, with their delay.
   *
   * @param {number} endAt
   * @param {number} planned
   * @returns {Promise<void>}
   */
  #spinUntil(endAt, planned) {
    const giveUpAt = endAt + this.#drainMillisMax * 1e3;
    let turnedAt = nowMicros();
    let handledBefore = this.#handled;
    return new Promise((resolve) => {
      const turn = () => {
        this.#pump();
        const now = nowMicros();
        const handled = this.#handled;
        if (now < endAt) this.#stalls.turned(turnedAt, now, handled - handledBefore);
        turnedAt = now;
        handledBefore = handled;
        const pauseEnd = Math.min(this.#nextDue(), now + PAUSE_MICROS);
        while (nowMicros() < pauseEnd);
        const done = now >= endAt && this.#issued >= Math.min(planned, OPERATIONS_MAX);
        if (!done && now < giveUpAt) {
          setImmediate(turn);
          return;
        }
        if (!done) this.#faults.add('never sent', '', planned - this.#issued);
        resolve();
      };
      turn();
    });
  }

  /** Operations sent and received so far. */
  get #handled() {
    return this.#issued + this.#received;
  }

  /** Starts nothing more and waits for what is in flight; what never arrives is a fault. */
  async #drain() {
    this.#nextDue = () => Number.POSITIVE_INFINITY;
    const deadline = nowMicros() + this.#drainMillisMax * 1e3;
    // A generator that was off its core until the deadline still reads what has come meanwhile.
    for (let isLate = false; !isLate && (this.#slots.inUse > 0 || !this.#free.isFull); ) {
      isLate = nowMicros() >= deadline;
      await sleep(DRAIN_POLL_MILLIS);
    }
    if (this.#slots.inUse > 0) this.#faults.add('lost operation', '', this.#slots.inUse);
    if (!this.#free.isFull) this.#faults.add('lane never answered');
    this.#slots.releaseAll();
    this.#free.fill(this.#lanes);
  }
}
