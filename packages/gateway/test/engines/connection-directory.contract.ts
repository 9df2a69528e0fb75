import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DirectoryEntry, Engine } from '../../src/engines/engine.ts';
import type { EngineUnderTest } from './engine.contract.ts';

const NOW = Date.UTC(2026, 8, 25);
const id = (number: number) => `Connection${String(number).padStart(8, '0')}==`;

/** The guarantees of `engines/connection-directory.ts`, held against any engine. */
export function describeConnectionDirectory(name: string, make: () => EngineUnderTest): void {
  describe(`${name} engine, connections:`, () => {
    let subject: EngineUnderTest;
    let engine: Engine;
    const started: Engine[] = [];

    const start = async (create: () => Engine) => {
      const one = create();
      started.push(one);
      await one.start();
      return one;
    };
    /** Another node over the same state, after this one has ended without removing anything. */
    const successor = async () => {
      await engine.stop();
      return start(subject.reopen!);
    };
    beforeEach(async () => {
      subject = make();
      engine = await start(subject.create);
    });
    afterEach(async () => {
      for (const one of started.splice(0)) await one.stop();
      await subject.cleanUp?.();
    });

    const add = (number: number, value: unknown = { number }) =>
      engine.connections.add(id(number), value);
    const sorted = (entries: readonly DirectoryEntry[]) =>
      entries.map(({ connectionId }) => connectionId).sort();

    entries();
    claiming();
    letters();

    function entries() {
      test('an entry is its own as long as it is there', async () => {
        const entry = await add(1);
        expect(await engine.connections.update({ ...entry, value: 'other' })).toBe(true);
        expect(await engine.connections.remove(entry)).toBe(true);
        expect(await engine.connections.remove(entry)).toBe(false);
      });

      test('nobody claims what belongs to a living node', async () => {
        await add(1);
        expect(await engine.connections.claim(10)).toEqual([]);
      });

      test('a thousand are added, and removed, at once', async () => {
        const all = await Promise.all(Array.from({ length: 1000 }, (_, number) => add(number)));
        const removed = await Promise.all(all.map((entry) => engine.connections.remove(entry)));
        expect(removed.every(Boolean)).toBe(true);
      });
    }

    function claiming() {
      test('what an ended node left behind is claimed, its value as last written', async (context) => {
        if (!subject.reopen) return context.skip('keeps nothing');
        const value = { deep: [{ a: null }, 'é\u{1F600}'], __proto__x: 1 };
        await add(1, value);
        const second = await add(2);
        await engine.connections.update({ ...second, value: 'updated' });
        await engine.connections.remove(await add(3));
        const next = await successor();
        const claimed = await next.connections.claim(10);
        expect(sorted(claimed)).toEqual([id(1), id(2)]);
        expect(claimed.find(({ connectionId }) => connectionId === id(1))!.value).toEqual(value);
        expect(claimed.find(({ connectionId }) => connectionId === id(2))!.value).toBe('updated');
        expect(await next.connections.claim(10)).toEqual([]);
      });

      test('what was claimed is the new node’s, and the old one cannot touch it', async (context) => {
        if (!subject.reopen) return context.skip('keeps nothing');
        const old = await add(1);
        const next = await successor();
        const [entry] = await next.connections.claim(10);
        expect(await next.connections.update(old)).toBe(false);
        expect(await next.connections.remove(old)).toBe(false);
        expect(await next.connections.remove(entry!)).toBe(true);
      });

      test('claims that race share what there is, and none of it twice', async (context) => {
        if (!subject.reopen) return context.skip('keeps nothing');
        const all = Array.from({ length: 250 }, (_, number) => id(number));
        await Promise.all(all.map((_, number) => add(number)));
        const next = await successor();
        const batches = await Promise.all(
          Array.from({ length: 8 }, () => next.connections.claim(40)),
        );
        expect(Math.max(...batches.map((batch) => batch.length))).toBeLessThanOrEqual(40);
        expect(sorted(batches.flat())).toEqual(all);
      });

      test('what a claimer never heard of can be asked for', async (context) => {
        if (!subject.reopen) return context.skip('keeps nothing');
        for (const number of [1, 2, 3]) await add(number);
        const next = await successor();
        await next.connections.claim(10);
        const own = await next.connections.add(id(4), 'own');
        const unknown = await next.connections.unknown((one) => one === id(4) || one === id(2));
        expect(sorted(unknown)).toEqual([id(1), id(3)]);
        expect(unknown.every(({ owner }) => owner === own.owner)).toBe(true);
        expect(await next.connections.remove(unknown[0]!)).toBe(true);
      });

      test('what a claimer did not finish is claimed from it', async (context) => {
        if (!subject.reopen) return context.skip('keeps nothing');
        await add(1);
        const second = await successor();
        await second.connections.claim(10);
        await second.stop();
        const third = await start(subject.reopen);
        expect(sorted(await third.connections.claim(10))).toEqual([id(1)]);
      });
    }

    function letters() {
      const bury = async (number: number, now = NOW, max = 100) =>
        engine.connections.deadLetters.bury(await add(number, { number }), now, max);

      test('a dead letter is listed with what it says, and is no entry any more', async () => {
        const entry = await add(1);
        const { deadLetters } = engine.connections;
        expect(await deadLetters.bury({ ...entry, value: 'why' }, NOW, 100)).toEqual({
          buried: true,
          dropped: 0,
        });
        expect(await engine.connections.remove(entry)).toBe(false);
        const [letter, ...others] = await deadLetters.list({ limit: 10 });
        expect(letter).toEqual({ id: expect.any(String), connectionId: id(1), value: 'why' });
        expect(others).toEqual([]);
        expect(await deadLetters.get(letter!.id)).toEqual(letter);
        expect(await deadLetters.count()).toBe(1);
      });

      test('an entry that is gone cannot be buried', async () => {
        const entry = await add(1);
        await engine.connections.remove(entry);
        const { deadLetters } = engine.connections;
        expect(await deadLetters.bury(entry, NOW, 100)).toEqual({ buried: false, dropped: 0 });
        expect(await deadLetters.count()).toBe(0);
      });

      test('letters come oldest first, in pages', async () => {
        for (const number of [3, 1, 2, 5, 4]) await bury(number, NOW + number * 1000);
        const { deadLetters } = engine.connections;
        const first = await deadLetters.list({ limit: 3 });
        const rest = await deadLetters.list({ limit: 3, after: first.at(-1)!.id });
        const order = [...first, ...rest].map(({ connectionId }) => connectionId);
        expect(order).toEqual([1, 2, 3, 4, 5].map(id));
      });

      test('beyond the most that are kept the oldest is dropped', async () => {
        for (const number of [1, 2, 3]) await bury(number, NOW + number, 3);
        expect(await bury(4, NOW + 4, 3)).toEqual({ buried: true, dropped: 1 });
        const kept = await engine.connections.deadLetters.list({ limit: 10 });
        expect(kept.map(({ connectionId }) => connectionId)).toEqual([2, 3, 4].map(id));
      });

      test('a letter is revived once, by one of many who try', async () => {
        await bury(1);
        const { deadLetters } = engine.connections;
        const [letter] = await deadLetters.list({ limit: 1 });
        const tries = await Promise.all([1, 2, 3].map(() => deadLetters.revive(letter!.id)));
        const revived = tries.filter((entry) => entry !== undefined);
        expect(revived).toHaveLength(1);
        expect(revived[0]).toMatchObject({ connectionId: id(1), value: { number: 1 } });
        expect(await deadLetters.count()).toBe(0);
        expect(await engine.connections.remove(revived[0]!)).toBe(true);
      });

      test('a letter is dropped once; of an unknown id there is nothing', async () => {
        await bury(1);
        const { deadLetters } = engine.connections;
        const [letter] = await deadLetters.list({ limit: 1 });
        expect(await deadLetters.drop(letter!.id)).toBe(true);
        expect(await deadLetters.drop(letter!.id)).toBe(false);
        expect(await deadLetters.get(letter!.id)).toBeUndefined();
        expect(await deadLetters.revive(letter!.id)).toBeUndefined();
      });

      test('letters outlive the node that buried them', async (context) => {
        if (!subject.reopen) return context.skip('keeps nothing');
        await bury(1);
        const next = await successor();
        expect(await next.connections.claim(10)).toEqual([]);
        expect(await next.connections.deadLetters.count()).toBe(1);
      });
    }
  });
}
