import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Engine, Stored } from '../../src/engines/engine.ts';
import { describeBus } from './bus.contract.ts';
import { describeCounters } from './counters.contract.ts';

/** What one kind of engine brings to the suite. */
export interface EngineUnderTest {
  /** A fresh engine over empty state, not started. */
  create(): Engine;
  /** The same state opened again after `stop`; absent when the engine keeps nothing. */
  reopen?(): Engine;
  /** One more node over the same state as `create`; absent where nobody else can reach it. */
  another?(): Engine;
  /** Removes what `create` made. */
  cleanUp?(): Promise<void>;
}

/** The guarantees of `engines/engine.ts`, held against any engine. */
export function describeEngine(name: string, make: () => EngineUnderTest): void {
  describeBus(name, make);
  describeCounters(name, make);
  describe(`${name} engine`, () => {
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

    const put = (key: string, value: unknown, expectedVersion = 0) =>
      engine.resources.commit([{ key, value, expectedVersion }]);
    const version = async (key: string) => (await engine.resources.get(key))?.version ?? 0;

    documents();
    versions();
    listing();
    watching();
    lives();

    function documents() {
      test('a document comes back equal, under a version above zero', async () => {
        const value = { name: 'chat', deep: [{ a: null }, true, 1.5, 'é\u0000\u{1F600}\ud800'] };
        expect(await put('api/a1', value)).toBe(true);
        const stored = await engine.resources.get('api/a1');
        expect(stored).toEqual({ key: 'api/a1', value, version: expect.any(Number) });
        expect(stored!.version).toBeGreaterThan(0);
      });

      test('an unknown key is undefined', async () => {
        expect(await engine.resources.get('api/none')).toBeUndefined();
      });

      test('a key named __proto__ survives, as an own key', async () => {
        const value = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}');
        await put('api/a1', value);
        const stored = (await engine.resources.get('api/a1'))!.value as object;
        expect(Object.keys(stored)).toEqual(['__proto__', 'constructor']);
        expect(JSON.stringify(stored)).toBe(JSON.stringify(value));
        expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
      });

      const plain = [null, false, 0, '', [], {}].map((value) => ({ value }));
      test.each(plain)('$value is a value, not an absence', async ({ value }) => {
        await put('api/a1', value);
        expect((await engine.resources.get('api/a1'))?.value).toEqual(value);
      });

      test('a value of three megabytes comes back equal', async () => {
        const value = { text: 'é'.repeat(1_500_000) };
        expect(await put('api/large', value)).toBe(true);
        expect((await engine.resources.get('api/large'))!.value).toEqual(value);
      });

      test('changing what get returned changes nothing in the store', async () => {
        await put('api/a1', { tags: { a: '1' } });
        const first = (await engine.resources.get('api/a1'))!.value as { tags: { a: string } };
        first.tags.a = '2';
        expect((await engine.resources.get('api/a1'))!.value).toEqual({ tags: { a: '1' } });
      });
    }

    function versions() {
      test('a commit under the current version wins; under an older one writes nothing', async () => {
        await put('api/a1', 'first');
        const before = await version('api/a1');
        expect(await put('api/a1', 'second', before)).toBe(true);
        expect(await version('api/a1')).toBeGreaterThan(before);
        expect(await put('api/a1', 'third', before)).toBe(false);
        expect((await engine.resources.get('api/a1'))!.value).toBe('second');
      });

      test('expected version zero means: must not exist', async () => {
        expect(await put('api/a1', 'first')).toBe(true);
        expect(await put('api/a1', 'again')).toBe(false);
        expect(await put('api/missing', 'x', 7)).toBe(false);
      });

      test('versions grow across a delete', async () => {
        await put('api/a1', 'first');
        const before = await version('api/a1');
        expect(await put('api/a1', undefined, before)).toBe(true);
        expect(await engine.resources.get('api/a1')).toBeUndefined();
        expect(await put('api/a1', 'reborn', before)).toBe(false);
        expect(await put('api/a1', 'reborn')).toBe(true);
        expect(await version('api/a1')).toBeGreaterThan(before);
      });

      test('one change that no longer holds stops them all', async () => {
        await put('api/a1', 'kept');
        const isCommitted = await engine.resources.commit([
          { key: 'api/new', value: 'never', expectedVersion: 0 },
          { key: 'api/a1', value: 'never', expectedVersion: 0 },
        ]);
        expect(isCommitted).toBe(false);
        expect(await engine.resources.get('api/new')).toBeUndefined();
        expect((await engine.resources.get('api/a1'))!.value).toBe('kept');
      });

      test('of fifty conflicting commits at once exactly one wins', async () => {
        await put('api/a1', 'start');
        const current = await version('api/a1');
        const results = await Promise.all(
          Array.from({ length: 50 }, (_, writer) => put('api/a1', { writer }, current)),
        );
        expect(results.filter(Boolean)).toHaveLength(1);
        const { value } = (await engine.resources.get('api/a1'))!;
        expect(value).toEqual({ writer: results.indexOf(true) });
      });

      test('a commit with no changes succeeds', async () => {
        expect(await engine.resources.commit([])).toBe(true);
      });

      test('a commit that names a key twice is refused as a mistake', async () => {
        const change = { key: 'api/a1', value: 1, expectedVersion: 0 };
        await expect(engine.resources.commit([change, change])).rejects.toThrow(/each key once/);
        expect(await engine.resources.get('api/a1')).toBeUndefined();
      });
    }

    function listing() {
      test('a prefix lists its own keys only, in byte order', async () => {
        const all = ['api/ab/x', 'api/a/2', 'api/a', 'api/a/10', 'api/a/1', 'apj/', 'API/a/1'];
        for (const key of all) await put(key, key);
        const keys = async (prefix: string) =>
          (await engine.resources.list(prefix)).map((stored) => stored.key);
        expect(await keys('api/a/')).toEqual(['api/a/1', 'api/a/10', 'api/a/2']);
        expect(await keys('api/')).toEqual(['api/a', 'api/a/1', 'api/a/10', 'api/a/2', 'api/ab/x']);
        expect(await keys('none/')).toEqual([]);
        expect(await keys('')).toEqual([...all].sort());
      });

      test('a thousand documents come in pages, each exactly once', async () => {
        const key = (index: number) => `api/${String(index).padStart(4, '0')}`;
        const changes = Array.from({ length: 1000 }, (_, index) => ({
          key: key(index),
          value: { index },
          expectedVersion: 0,
        }));
        await engine.resources.commit(changes);
        await put('zzz/outside', 0);

        const seen: Stored[] = [];
        for (;;) {
          const after = seen.at(-1)?.key;
          const page = await engine.resources.list('api/', {
            limit: 300,
            ...(after !== undefined && { after }),
          });
          if (page.length === 0) break;
          expect(page.length).toBeLessThanOrEqual(300);
          seen.push(...page);
        }
        expect(seen.map((stored) => stored.value)).toEqual(changes.map((change) => change.value));
      });

      test('a page after a deleted key goes on behind it', async () => {
        for (const key of ['api/a', 'api/b', 'api/c']) await put(key, key);
        await put('api/b', undefined, await version('api/b'));
        const page = await engine.resources.list('api/', { after: 'api/b' });
        expect(page.map((stored) => stored.key)).toEqual(['api/c']);
      });

      test('a page after a key before the prefix starts with the prefix', async () => {
        for (const key of ['api/a', 'stage/a']) await put(key, key);
        const page = await engine.resources.list('stage/', { after: 'api/zzz' });
        expect(page.map((stored) => stored.key)).toEqual(['stage/a']);
      });
    }

    function watching() {
      test('a watcher hears the keys of each commit once it is visible', async () => {
        const heard: unknown[] = [];
        const visible: Promise<Stored | undefined>[] = [];
        const end = engine.resources.watch((keys) => {
          heard.push(keys);
          visible.push(engine.resources.get(keys[0]!));
        });
        await engine.resources.commit([
          { key: 'api/a', value: 1, expectedVersion: 0 },
          { key: 'api/b', value: 2, expectedVersion: 0 },
        ]);
        await put('api/a', undefined, await version('api/a'));
        expect(await put('api/b', 'conflict')).toBe(false);
        await expect.poll(() => heard).toEqual([['api/a', 'api/b'], ['api/a']]);
        expect((await visible[0])?.value).toBe(1);
        expect(await visible[1]).toBeUndefined();

        end();
        await put('api/c', 3);
        expect(heard).toHaveLength(2);
      });

      test('commits of one key are heard in order', async () => {
        const heard: number[] = [];
        engine.resources.watch((keys) => {
          heard.push(Number(keys[0]!.slice(4)));
        });
        await Promise.all(Array.from({ length: 20 }, (_, index) => put(`api/${index}`, index)));
        await expect.poll(() => heard.length).toBe(20);
        expect(heard).toEqual([...heard].sort((a, b) => a - b));
      });
    }

    function lives() {
      test('stop is safe twice, and on an engine that never started', async () => {
        await engine.stop();
        await engine.stop();
        await subject.create().stop();
      });

      test('a commit under way when the engine stops is not lost', async (context) => {
        if (!subject.reopen) return context.skip('keeps nothing');
        const pending = put('api/a1', 'in flight');
        await engine.stop();
        expect(await pending).toBe(true);
        engine = subject.reopen();
        await engine.start();
        expect((await engine.resources.get('api/a1'))!.value).toBe('in flight');
      });

      test('documents and versions are there when the state is opened again', async (context) => {
        if (!subject.reopen) return context.skip('keeps nothing');
        await put('api/a1', { name: 'kept' });
        const before = await engine.resources.get('api/a1');
        await engine.stop();
        engine = subject.reopen();
        await engine.start();
        expect(await engine.resources.get('api/a1')).toEqual(before);
        await put('api/a2', 'next');
        expect(await version('api/a2')).toBeGreaterThan(before!.version);
      });
    }
  });
}
