import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EmbeddedEngine } from '../src/engines/embedded/embedded-engine.ts';
import type { Counters } from '../src/engines/engine.ts';
import { EngineUnavailable } from '../src/engines/engine.ts';
import { SharedBucket } from '../src/throttling/shared-bucket.ts';
import { FakeClock } from './support/fake-clock.ts';

/** Two nodes draw from one bucket, each by a `SharedBucket` of its own. */
describe('a bucket of all nodes', () => {
  const clock = new FakeClock();
  let engine: EmbeddedEngine;
  beforeEach(async () => {
    engine = new EmbeddedEngine({ ephemeral: true, clock });
    await engine.start();
  });
  afterEach(() => engine.stop());

  const two = (limit: { rateLimit: number; burstLimit: number }, counters: Counters) =>
    [1, 2].map(() => new SharedBucket('b', limit, counters, clock)) as [SharedBucket, SharedBucket];
  /** How many of `count` requests get through, one after the other, at the nodes in turn. */
  const through = async (buckets: readonly SharedBucket[], count: number) => {
    let sum = 0;
    for (let at = 0; at < count; at += 1) {
      if (buckets[at % buckets.length]!.take(clock.now())) sum += 1;
      // What was asked of the engine is answered.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return sum;
  };

  test.each([
    [{ rateLimit: 1, burstLimit: 20 }, 1],
    [{ rateLimit: 100, burstLimit: 50 }, 10],
    [{ rateLimit: 10_000, burstLimit: 500 }, 500],
  ])('of %j lets the burst through, and at most a share of %i more each', async (limit, share) => {
    const passed = await through(two(limit, engine.counters), 3000);
    expect(passed).toBeGreaterThanOrEqual(limit.burstLimit);
    expect(passed).toBeLessThanOrEqual(limit.burstLimit + 2 * share);
  });

  test('fills again at its rate, for all together', async () => {
    const limit = { rateLimit: 100, burstLimit: 50 };
    const buckets = two(limit, engine.counters);
    await through(buckets, 300);
    let passed = 0;
    for (let second = 0; second < 10; second += 1) {
      for (let part = 0; part < 10; part += 1) {
        clock.advance(100);
        passed += await through(buckets, 60);
      }
    }
    expect(passed).toBeGreaterThanOrEqual(0.95 * 1000);
    expect(passed).toBeLessThanOrEqual(1000 + 2 * 10);
  });

  test('of burst zero lets nothing through', async () => {
    expect(await through(two({ rateLimit: 10, burstLimit: 0 }, engine.counters), 20)).toBe(0);
  });

  test('out of reach is each node’s own, and all nodes’ again when it is back', async () => {
    let isAway = true;
    const counters: Counters = {
      add: (...args) => engine.counters.add(...args),
      read: (keys) => engine.counters.read(keys),
      take: (...args) =>
        isAway ? Promise.reject(new EngineUnavailable('away')) : engine.counters.take(...args),
    };
    const limit = { rateLimit: 1, burstLimit: 20 };
    const buckets = two(limit, counters);
    const alone = await through(buckets, 100);
    expect(alone).toBeGreaterThanOrEqual(40);
    expect(alone).toBeLessThanOrEqual(42);
    isAway = false;
    clock.advance(1000);
    await through(buckets, 2);
    expect(await through(buckets, 200)).toBeLessThanOrEqual(22);
  });
});
