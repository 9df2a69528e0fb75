import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BusReply, Engine } from '../../src/engines/engine.ts';
import type { EngineUnderTest } from './engine.contract.ts';

const bytes = (text: string) => Buffer.from(text);
/** Longer than anything here takes: who waits for this long has failed. */
const LONG = 30_000;

/** The guarantees of `engines/node-bus.ts`. */
export function describeBus(name: string, make: () => EngineUnderTest): void {
  describe(`the bus of ${name} engine`, () => {
    let subject: EngineUnderTest;
    let engine: Engine;
    const others: Engine[] = [];

    beforeEach(() => {
      subject = make();
      engine = subject.create();
    });
    afterEach(async () => {
      await Promise.all([engine, ...others.splice(0)].map((one) => one.stop()));
      await subject.cleanUp?.();
    });

    /** Both started, and each knows of the other. */
    async function two(prepare: (other: Engine) => void = () => {}): Promise<Engine> {
      const other = subject.another!();
      others.push(other);
      prepare(other);
      await engine.start();
      await other.start();
      await expect.poll(() => engine.bus.isMember(other.bus.self), { timeout: LONG }).toBe(true);
      return other;
    }

    alone();
    if (make().another) together();
    else test.skip('several nodes: the state of this engine is one process alone', () => {});

    function alone() {
      test('a node is a member under eight hexadecimal digits', async () => {
        expect(engine.bus.members()).toEqual([]);
        await engine.start();
        expect(engine.bus.self).toMatch(/^[0-9a-f]{8}$/);
        expect(engine.bus.members()).toEqual([engine.bus.self]);
        expect(engine.bus.isMember(engine.bus.self)).toBe(true);
        expect(engine.bus.isMember('00000000')).toBe(false);
        expect(engine.bus.isMember('')).toBe(false);
      });

      test('a node answers itself', async () => {
        engine.bus.answer('echo', (payload, from) => bytes(`${payload} of ${from}`));
        await engine.start();
        const { self } = engine.bus;
        expect(await engine.bus.request(self, 'echo', bytes('hello'), LONG)).toEqual({
          kind: 'answered',
          payload: bytes(`hello of ${self}`),
        });
      });

      test('nobody is gone', async () => {
        await engine.start();
        expect(await engine.bus.request('00000000', 'echo', bytes(''), LONG)).toEqual({
          kind: 'gone',
        });
      });

      test('what has no handler, and a handler that throws, give no answer', async () => {
        engine.bus.answer('late', () => new Promise(() => {}));
        await engine.start();
        const { self } = engine.bus;
        const unanswered = { kind: 'unanswered' };
        expect(await engine.bus.request(self, 'none', bytes(''), LONG)).toEqual(unanswered);
        expect(await engine.bus.request(self, 'late', bytes(''), 1)).toEqual(unanswered);
      });

      test('a topic has one handler, and at most 255 characters', () => {
        engine.bus.answer('x'.repeat(255), () => bytes(''));
        expect(() => engine.bus.answer('x'.repeat(255), () => bytes(''))).toThrow(/already/);
        expect(() => engine.bus.answer('x'.repeat(256), () => bytes(''))).toThrow(/255/);
      });
    }

    function together() {
      test('two nodes have different incarnations and know of each other', async () => {
        const other = await two();
        const both = [engine.bus.self, other.bus.self].sort();
        expect(new Set(both).size).toBe(2);
        expect([...engine.bus.members()].sort()).toEqual(both);
        expect([...other.bus.members()].sort()).toEqual(both);
      });

      test('a request is answered by the node it names, bytes unchanged', async () => {
        const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
        const heard: [Buffer, string][] = [];
        const other = await two(({ bus }) =>
          bus.answer('turn', (payload, from) => {
            heard.push([Buffer.from(payload), from]);
            return Buffer.from(payload).reverse();
          }),
        );
        const reply = await engine.bus.request(other.bus.self, 'turn', all, LONG);
        expect(reply).toEqual({ kind: 'answered', payload: Buffer.from(all).reverse() });
        expect(heard).toEqual([[all, engine.bus.self]]);
        const empty = await engine.bus.request(other.bus.self, 'turn', bytes(''), LONG);
        expect(empty).toEqual({ kind: 'answered', payload: bytes('') });
      });

      test('who asks without a promise is told once and not at once, of itself and of the other', async () => {
        const other = await two(({ bus }) => bus.answer('echo', (payload) => payload));
        engine.bus.answer('echo', (payload) => payload);
        for (const to of [engine.bus.self, other.bus.self, '00000000']) {
          const told: string[] = [];
          engine.bus.ask(to, 'echo', bytes('hello'), LONG, {
            answered: (all, start, end) => told.push(all.toString('latin1', start, end)),
            unanswered: (kind) => told.push(kind),
          });
          expect(told).toEqual([]);
          await expect.poll(() => told, { timeout: LONG }).toHaveLength(1);
          expect(told).toEqual([to === '00000000' ? 'gone' : 'hello']);
        }
      });

      test('a handler that answers in place is handed the bytes, and may fail', async () => {
        const other = await two(({ bus }) =>
          bus.answerInPlace('turn', (all, start, end) => {
            if (start === end) throw new Error('Nothing to turn');
            return Buffer.from(all.subarray(start, end)).reverse();
          }),
        );
        const ask = (text: string) => engine.bus.request(other.bus.self, 'turn', bytes(text), LONG);
        const replies = await Promise.all(['one', 'three', ''].map(ask));
        expect(replies).toEqual([
          { kind: 'answered', payload: bytes('eno') },
          { kind: 'answered', payload: bytes('eerht') },
          { kind: 'unanswered' },
        ]);
      });

      test('payloads of a megabyte arrive whole, both ways', async () => {
        const large = Buffer.alloc(1024 * 1024, 'abcdefg');
        const other = await two(({ bus }) => bus.answer('echo', (payload) => payload));
        const reply = await engine.bus.request(other.bus.self, 'echo', large, LONG);
        expect(reply.kind === 'answered' && reply.payload.equals(large)).toBe(true);
      });

      test('requests reach their handler in the order they were made', async () => {
        const heard: number[] = [];
        const other = await two(({ bus }) =>
          bus.answer('count', (payload) => {
            heard.push(payload.readUInt32BE());
            return payload;
          }),
        );
        const replies = await Promise.all(
          Array.from({ length: 2000 }, (_, at) => {
            const payload = Buffer.alloc(4);
            payload.writeUInt32BE(at);
            return engine.bus.request(other.bus.self, 'count', payload, LONG);
          }),
        );
        expect(heard).toEqual(Array.from({ length: 2000 }, (_, at) => at));
        const answers = replies.map((one) => one.kind === 'answered' && one.payload.readUInt32BE());
        expect(answers).toEqual(heard);
      });

      test('an answer that takes its time holds up no other', async () => {
        let release = (_: Buffer) => {};
        const slow = new Promise<Buffer>((resolve) => {
          release = resolve;
        });
        const other = await two(({ bus }) => {
          bus.answer('slow', () => slow);
          bus.answer('quick', (payload) => payload);
        });
        const first = engine.bus.request(other.bus.self, 'slow', bytes(''), LONG);
        const second = await engine.bus.request(other.bus.self, 'quick', bytes('now'), LONG);
        expect(second).toEqual({ kind: 'answered', payload: bytes('now') });
        release(bytes('then'));
        expect(await first).toEqual({ kind: 'answered', payload: bytes('then') });
      });

      test('a request without an answer ends at its deadline', async () => {
        const other = await two(({ bus }) => bus.answer('late', () => new Promise(() => {})));
        const reply = await engine.bus.request(other.bus.self, 'late', bytes(''), 1);
        expect(reply).toEqual({ kind: 'unanswered' });
      });

      test('a handler that fails is a request without an answer', async () => {
        const other = await two();
        const reply = await engine.bus.request(other.bus.self, 'none', bytes(''), LONG);
        expect(reply).toEqual({ kind: 'unanswered' });
      });

      test('as many bytes as may wait are taken, and one more is busy', async () => {
        const { busBytesMax } = await import('../../src/engines/node-bus.ts');
        const other = await two(({ bus }) => bus.answer('late', () => new Promise(() => {})));
        const { self } = other.bus;
        const most = engine.bus.request(self, 'late', Buffer.alloc(busBytesMax), LONG);
        expect(await engine.bus.request(self, 'late', bytes('x'), LONG)).toEqual({ kind: 'busy' });
        await other.stop();
        expect(await most).toEqual({ kind: 'gone' });
      });

      test('as many requests as may wait are taken, and one more is busy', async () => {
        const { busRequestsMax } = await import('../../src/engines/node-bus.ts');
        const other = await two(({ bus }) => bus.answer('late', () => new Promise(() => {})));
        const { self } = other.bus;
        const waiting = Array.from({ length: busRequestsMax }, () =>
          engine.bus.request(self, 'late', bytes(''), LONG),
        );
        expect(await engine.bus.request(self, 'late', bytes(''), LONG)).toEqual({ kind: 'busy' });
        await other.stop();
        expect(new Set((await Promise.all(waiting)).map(({ kind }) => kind))).toEqual(
          new Set(['gone']),
        );
      });

      test('a broadcast reaches the other and not its sender', async () => {
        const heard: string[] = [];
        const hear = (where: string) => (payload: Buffer, from: string) => {
          heard.push(`${where}: ${payload} of ${from}`);
          return bytes('');
        };
        engine.bus.answer('news', hear('here'));
        await two(({ bus }) => bus.answer('news', hear('there')));
        engine.bus.broadcast('news', bytes('hello'));
        const expected = [`there: hello of ${engine.bus.self}`];
        await expect.poll(() => heard, { timeout: LONG }).toEqual(expected);
      });

      test('a node that stops is gone, once, and requests to it end', async () => {
        const gone: string[] = [];
        engine.bus.onGone((incarnation) => gone.push(incarnation));
        const other = await two(({ bus }) => bus.answer('late', () => new Promise(() => {})));
        const { self } = other.bus;
        const waiting = engine.bus.request(self, 'late', bytes(''), LONG);
        await other.stop();
        expect(await waiting).toEqual({ kind: 'gone' });
        await expect.poll(() => gone, { timeout: LONG }).toEqual([self]);
        expect(engine.bus.members()).toEqual([engine.bus.self]);
        expect(engine.bus.isMember(self)).toBe(false);
        expect(other.bus.members()).toEqual([]);
      });

      test('asked again and again while it stops, a node answers or is gone', async () => {
        const other = await two(({ bus }) => bus.answer('echo', (payload) => payload));
        const { self } = other.bus;
        const replies: Promise<BusReply>[] = [];
        const ask = () => replies.push(engine.bus.request(self, 'echo', bytes('x'), LONG));
        ask();
        let isStopped = false;
        const stopping = other.stop().then(() => {
          isStopped = true;
        });
        while (!isStopped) {
          await new Promise(setImmediate);
          ask();
        }
        await stopping;
        for (let more = 0; more < 100; more += 1) {
          await new Promise(setImmediate);
          ask();
        }
        const kinds = new Set((await Promise.all(replies)).map(({ kind }) => kind));
        expect([...kinds].filter((kind) => kind !== 'answered')).toEqual(['gone']);
      });

      test('a listener that was taken back hears no more', async () => {
        const gone: string[] = [];
        engine.bus.onGone((incarnation) => gone.push(incarnation))();
        const other = await two();
        const { self } = other.bus;
        await other.stop();
        await expect.poll(() => engine.bus.isMember(self), { timeout: LONG }).toBe(false);
        expect(gone).toEqual([]);
      });

      test('a commit of one node is told on the other', async () => {
        const other = await two();
        const heard: unknown[] = [];
        other.resources.watch((keys) => {
          heard.push(keys);
        });
        const put = (key: string, value: unknown, expectedVersion = 0) =>
          engine.resources.commit([{ key, value, expectedVersion }]);
        await put('api/a', 1);
        const { version } = (await other.resources.get('api/a'))!;
        await put('api/a', undefined, version);
        await put('api/b', 2);
        const expected = [['api/a'], ['api/a'], ['api/b']];
        await expect.poll(() => heard, { timeout: LONG }).toEqual(expected);
        expect(await other.resources.get('api/a')).toBeUndefined();
        expect((await other.resources.get('api/b'))?.value).toBe(2);
      });

      test('of commits of two nodes at once exactly one wins', async () => {
        const other = await two();
        const results = await Promise.all(
          Array.from({ length: 40 }, (_, writer) =>
            (writer % 2 ? engine : other).resources.commit([
              { key: 'api/a', value: writer, expectedVersion: 0 },
            ]),
          ),
        );
        expect(results.filter(Boolean)).toHaveLength(1);
      });

      test('two nodes together add up to a maximum and no further', async () => {
        const other = await two();
        const results = await Promise.all(
          Array.from({ length: 40 }, (_, at) =>
            (at % 2 ? engine : other).counters.add('k', 1, { max: 25 }),
          ),
        );
        expect(results.filter(Boolean)).toHaveLength(25);
        expect(await engine.counters.read(['k'])).toEqual([25]);
        expect(await other.counters.read(['k'])).toEqual([25]);
      });

      test('two nodes together take what is in a bucket and no more', async () => {
        const other = await two();
        const limit = { rateLimit: 0, burstLimit: 30 };
        const taken = await Promise.all(
          Array.from({ length: 40 }, (_, at) =>
            (at % 2 ? engine : other).counters.take('k', limit, 1),
          ),
        );
        expect(taken.reduce((sum, one) => sum + one)).toBe(30);
      });
    }
  });
}
