import { describe, expect, test } from 'vitest';
import { LaneQueue } from '../src/load/lane-queue.mjs';
import { Load } from '../src/load/load.mjs';
import { Slots } from '../src/load/slots.mjs';
import { Stalls } from '../src/load/stalls.mjs';
import { nowMicros } from '../src/measure/clock.mjs';
import { countFaults, Faults } from '../src/measure/faults.mjs';

const noUsage = () => ({
  gatewayMicros: 0,
  backendMicros: 0,
  besideMicros: 0,
  loadMicros: 0,
  stolenMicros: 0,
});

describe('slots', () => {
  test('a slot is used again only after all others', () => {
    const slots = new Slots(3);
    expect([slots.take(1), slots.take(2)]).toEqual([0, 1]);
    expect(slots.release(0)).toBe(1);
    expect([slots.take(3), slots.take(4), slots.take(5)]).toEqual([2, 0, -1]);
    expect(slots.inUse).toBe(3);
    slots.releaseAll();
    expect(slots.inUse).toBe(0);
  });

  test('what is not in flight cannot arrive', () => {
    const slots = new Slots(2);
    slots.take(1);
    slots.release(0);
    expect(slots.release(0)).toBeNaN();
    expect(slots.release(-1)).toBeNaN();
    expect(slots.release(2)).toBeNaN();
  });
});

describe('lanes', () => {
  test('the lane that waited longest goes first, each as often as its window allows', () => {
    const lanes = new LaneQueue(4);
    lanes.fill(2);
    expect([lanes.shift(), lanes.shift(), lanes.shift()]).toEqual([0, 1, 0]);
    lanes.push(1);
    expect([lanes.shift(), lanes.shift(), lanes.shift()]).toEqual([1, 1, -1]);
  });

  test('a lane cannot be freed more often than it was taken', () => {
    const lanes = new LaneQueue(1);
    lanes.fill(1);
    expect(() => lanes.push(0)).toThrow('freed more often');
  });
});

describe('stalls', () => {
  test('a turn of 250 µs is none, a longer one is, unless it had that much to do', () => {
    const stalls = new Stalls();
    stalls.turned(0, 250, 0);
    stalls.turned(1000, 1350, 4);
    expect(stalls.micros).toBe(0);
    stalls.turned(2000, 2251, 0);
    stalls.turned(3000, 3351, 4);
    expect(stalls.micros).toBe(602);
  });

  test('they touch what was due or under way meanwhile, and nothing else', () => {
    const stalls = new Stalls();
    stalls.turned(1000, 2000, 0);
    stalls.turned(5000, 6000, 0);
    const touched = (dueAt: number, arrivedAt: number) => stalls.touch(dueAt, arrivedAt);
    expect([touched(900, 1000), touched(2000, 5000), touched(6000, 9000)]).toEqual([
      false,
      false,
      false,
    ]);
    expect([touched(900, 1001), touched(1999, 2100), touched(1200, 1300)]).toEqual([
      true,
      true,
      true,
    ]);
    expect([touched(5999, 7000), touched(2500, 5001), touched(0, 9000)]).toEqual([
      true,
      true,
      true,
    ]);
  });
});

const ordinary = {
  depth: 2,
  losesOperation: 0,
  stallsAt: 0,
  paceAttempts: 1,
  drainMillisMax: 20_000,
};

/** A load whose operations arrive on the next turn of the event loop, except some. */
function startLoad(options: Partial<typeof ordinary> = {}) {
  const { depth, losesOperation, stallsAt, paceAttempts, drainMillisMax } = {
    ...ordinary,
    ...options,
  };
  const faults = new Faults();
  const inFlight = new Map<number, number>();
  let inFlightMax = 0;
  let count = 0;
  const load = new Load({
    lanes: 2,
    depth,
    faults,
    paceAttempts,
    drainMillisMax,
    send: (lane, slot) => {
      count += 1;
      if (count === stallsAt) stall(20);
      inFlight.set(lane, (inFlight.get(lane) ?? 0) + 1);
      inFlightMax = Math.max(inFlightMax, inFlight.get(lane) ?? 0);
      const lost = count === losesOperation;
      setImmediate(() => {
        inFlight.set(lane, (inFlight.get(lane) ?? 0) - 1);
        if (!lost) load.arrived(slot, nowMicros());
        load.freeLane(load.laneOf(slot));
      });
    },
  });
  return { load, faults, sent: () => count, inFlightMax: () => inFlightMax };
}

/** Keeps the event loop from turning. */
function stall(millis: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, millis);
}

describe('load', () => {
  test('saturation keeps every window full and never over-full', async () => {
    const { load, faults, inFlightMax } = startLoad({ depth: 3 });
    const result = await load.saturate({ rampMillis: 10, windowMillis: 50, usage: noUsage });
    expect(inFlightMax()).toBe(3);
    expect(result.operations).toBeGreaterThan(0);
    expect(faults.take()).toEqual([]);
  });

  test('pacing sends as many operations as the schedule says, and times the measured ones', async () => {
    const { load, faults, sent } = startLoad();
    const result = await load.pace({ rampMillis: 20, windowMillis: 100, ratePerSecond: 1000 });
    expect(sent()).toBe(120);
    expect(result.operations).toBe(100);
    expect(result.latencyMicros.p50).toBeGreaterThan(0);
    expect(faults.take()).toEqual([]);
  });

  test('a window in which the generator itself was held up is told, and taken again', async () => {
    const once = startLoad({ stallsAt: 50 });
    const window = { rampMillis: 0, windowMillis: 100, ratePerSecond: 1000 };
    expect((await once.load.pace(window)).stalledShare).toBeGreaterThanOrEqual(0.19);
    const again = startLoad({ stallsAt: 50, paceAttempts: 2 });
    const result = await again.load.pace(window);
    expect(again.sent()).toBe(200);
    expect(result.operations).toBe(100);
  });

  test('what was due while the generator was held up is in the latencies, and told apart', async () => {
    const { load } = startLoad({ stallsAt: 50 });
    const result = await load.pace({ rampMillis: 0, windowMillis: 100, ratePerSecond: 1000 });
    expect(result.latencyMicros.max).toBeGreaterThanOrEqual(15_000);
    expect(result.touchedShare).toBeGreaterThanOrEqual(0.19);
    // All of them, where the machine has held it up as well.
    expect(result.untouchedMicros === null).toBe(result.touchedShare === 1);
    expect(result.untouchedMicros?.p50 ?? 1).toBeGreaterThan(0);
  });

  test('a stalled server cannot hide the delay of operations that were due meanwhile', async () => {
    const faults = new Faults();
    const held: number[] = [];
    const load: Load = new Load({
      lanes: 1,
      depth: 1,
      faults,
      paceAttempts: 1,
      send: (_lane, slot) => {
        held.push(slot);
        // The first answer takes 50 ms; with one operation in flight all others wait behind it.
        setTimeout(answer, held.length === 1 ? 50 : 0);
      },
    });
    const answer = () => {
      load.arrived(held.at(-1) ?? -1, nowMicros());
      load.freeLane(0);
    };
    const result = await load.pace({ rampMillis: 0, windowMillis: 40, ratePerSecond: 250 });
    expect(result.operations).toBe(10);
    expect(result.latencyMicros.max).toBeGreaterThanOrEqual(45_000);
    expect(result.latencyMicros.p50).toBeGreaterThanOrEqual(10_000);
    expect(faults.take()).toEqual([]);
  });

  test('an operation that never arrives is a fault', async () => {
    const { load, faults } = startLoad({ losesOperation: 5, drainMillisMax: 50 });
    await load.saturate({ rampMillis: 1, windowMillis: 20, usage: noUsage });
    expect(faults.take()).toEqual([{ kind: 'lost operation', count: 1, sample: '' }]);
  });

  test('an operation that arrives twice is a fault', () => {
    const { load, faults } = startLoad();
    expect(load.arrived(0, nowMicros())).toBe(false);
    expect(countFaults(faults.take())).toBe(1);
  });
});
