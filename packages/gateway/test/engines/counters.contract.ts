import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engines/engine.ts';
import type { EngineUnderTest } from './engine.contract.ts';

/** The guarantees of `engines/counters.ts`. */
export function describeCounters(name: string, make: () => EngineUnderTest): void {
  describe(`the counters of ${name} engine`, () => {
    let subject: EngineUnderTest;
    let engine: Engine;

    beforeEach(async () => {
      subject = make();
      engine = subject.create();
      await engine.start();
    });
    afterEach(async () => {
      await engine.stop();
      await subject.cleanUp?.();
    });

    const { add, read, take } = {
      add: (...args: Parameters<Engine['counters']['add']>) => engine.counters.add(...args),
      read: (...keys: string[]) => engine.counters.read(keys),
      take: (...args: Parameters<Engine['counters']['take']>) => engine.counters.take(...args),
    };

    test('a counter begins at zero, grows and shrinks', async () => {
      expect(await read('a')).toEqual([0]);
      expect(await add('a', 3)).toBe(true);
      expect(await add('a', -1)).toBe(true);
      expect(await read('b', 'a')).toEqual([0, 2]);
      expect(await read()).toEqual([]);
    });

    test('a maximum may be reached and not passed', async () => {
      expect(await add('a', 4, { max: 5 })).toBe(true);
      expect(await add('a', 2, { max: 5 })).toBe(false);
      expect(await add('a', 1, { max: 5 })).toBe(true);
      expect(await add('a', 1, { max: 5 })).toBe(false);
      expect(await read('a')).toEqual([5]);
    });

    test('other counters count towards the maximum', async () => {
      await add('mon', 3);
      await add('tue', 1);
      const bounds = { max: 5, among: ['mon', 'tue', 'never'] };
      expect(await add('wed', 1, bounds)).toBe(true);
      expect(await add('wed', 1, bounds)).toBe(false);
      expect(await read('mon', 'tue', 'wed')).toEqual([3, 1, 1]);
    });

    test('a counter whose time is up begins at zero again', async () => {
      await add('a', 3, { expiresAt: Date.now() - 1000 });
      expect(await read('a')).toEqual([0]);
      await add('b', 3, { expiresAt: Date.now() + 3_600_000 });
      expect(await read('b')).toEqual([3]);
    });

    test('of a hundred at once each counts', async () => {
      await Promise.all(Array.from({ length: 100 }, () => add('a', 1)));
      expect(await read('a')).toEqual([100]);
    });

    test('a bucket is full at first, and holds no more than its burst', async () => {
      const limit = { rateLimit: 0, burstLimit: 10 };
      expect(await take('a', limit, 4)).toBe(4);
      expect(await take('a', limit, 4)).toBe(4);
      expect(await take('a', limit, 4)).toBe(2);
      expect(await take('a', limit, 4)).toBe(0);
      expect(await take('b', limit, 100)).toBe(10);
    });

    test('tokens come back with time', async () => {
      const limit = { rateLimit: 1000, burstLimit: 5 };
      expect(await take('a', limit, 5)).toBe(5);
      await expect.poll(() => take('a', limit, 1)).toBe(1);
    });

    test('another limit is another bucket', async () => {
      expect(await take('a', { rateLimit: 0, burstLimit: 1 }, 5)).toBe(1);
      expect(await take('a', { rateLimit: 0, burstLimit: 2 }, 5)).toBe(2);
    });

    test('counts are there when the state is opened again', async (context) => {
      if (!subject.reopen) return context.skip('keeps nothing');
      await add('a', 7);
      await engine.stop();
      engine = subject.reopen();
      await engine.start();
      expect(await read('a')).toEqual([7]);
    });
  });
}
