import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
} from 'vitest';
import { type Engine, EngineUnavailable } from '../../src/engines/engine.ts';
import { RedisEngine, type RedisEngineOptions } from '../../src/engines/redis/redis-engine.ts';
import { makeCertificate } from '../../src/server/tls-certificate.ts';
import { freePort } from '../support/free-port.ts';
import { hasRedis, type RedisProcess, startRedis, startSentinel } from '../support/redis-server.ts';
import { startGateway } from '../support/start-gateway.ts';
import { describeConnectionDirectory } from './connection-directory.contract.ts';
import { describeEngine } from './engine.contract.ts';

const LONG = 30_000;

describe.skipIf(!hasRedis)('with a server of its own:', () => {
  let redis: RedisProcess;
  let names = 0;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  /** Fresh state for each test: names that no other test uses. */
  const fresh = () => {
    const name = `test${++names}`;
    const create = () => new RedisEngine({ url: `${redis.url}?prefix=${name}`, beatMillis: 100 });
    return { create, reopen: create, another: create };
  };
  describeEngine('redis', fresh);
  describeConnectionDirectory('redis', fresh);
});

describe.skipIf(!hasRedis)('when Redis is away:', () => {
  let redis: RedisProcess;
  const engines: Engine[] = [];
  beforeEach(async () => {
    redis = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always']);
  });
  afterEach(async () => {
    redis.thaw();
    await Promise.all(engines.splice(0).map((one) => one.stop()));
    await redis.stop();
  });

  const start = async (options: Omit<RedisEngineOptions, 'url'> = {}) => {
    const engine = new RedisEngine({ url: redis.url, beatMillis: 50, ...options });
    engines.push(engine);
    engine.bus.answer('echo', (payload) => payload);
    await engine.start();
    return engine;
  };
  const isServed = async (engine: Engine) =>
    engine.resources.get('api/none').then(
      () => true,
      () => false,
    );

  test('every part says so, members stay members, and all is well when it is back', async () => {
    const [one, other] = [await start(), await start()];
    const gone: string[] = [];
    one.bus.onGone((incarnation) => gone.push(incarnation));
    await one.resources.commit([{ key: 'api/a', value: 1, expectedVersion: 0 }]);
    await expect.poll(() => one.bus.members().length, { timeout: LONG }).toBe(2);
    await redis.kill();
    const change = { key: 'api/b', value: 2, expectedVersion: 0 };
    for (const call of [
      () => one.resources.get('api/a'),
      () => one.resources.list('api/'),
      () => one.resources.commit([change]),
      () => one.counters.add('k', 1),
      () => one.counters.take('k', { rateLimit: 1, burstLimit: 1 }, 1),
      () => one.connections.add('id', 1),
    ]) {
      await expect(call()).rejects.toThrow(EngineUnavailable);
    }
    const request = one.bus.request(other.bus.self, 'echo', Buffer.from('x'), LONG);
    expect(await request).toEqual({ kind: 'unanswered' });
    expect(one.bus.members()).toHaveLength(2);

    await redis.restart();
    await expect.poll(() => isServed(one), { timeout: LONG }).toBe(true);
    await expect.poll(() => isServed(other), { timeout: LONG }).toBe(true);
    expect((await other.resources.get('api/a'))?.value).toBe(1);
    const answer = async () =>
      (await one.bus.request(other.bus.self, 'echo', Buffer.from('x'), 1000)).kind;
    await expect.poll(answer, { timeout: LONG }).toBe('answered');
    expect(gone).toEqual([]);
  });

  test('that it is out of reach is told once, with the reason, and that it is back', async () => {
    const told: (string | undefined)[] = [];
    await start({ onReach: (problem) => told.push(problem) });
    await redis.kill();
    await expect.poll(() => told.at(-1), { timeout: LONG }).toMatch(/^Redis cannot be reached: /);
    await redis.restart();
    await expect.poll(() => told.at(-1), { timeout: LONG }).toBe(undefined);
    // On a machine that is very busy it may seem away again, but never twice in a row.
    expect(told.map((problem) => problem === undefined)).toEqual(told.map((_, at) => at % 2 === 1));
  });

  test('and the log of a gateway says so', async () => {
    const gateway = await startGateway({ settings: { engine: redis.url } });
    onTestFinished(() => gateway.stop());
    await redis.kill();
    const warnings = () => {
      gateway.clock.advance(500);
      return gateway.warnings;
    };
    const warning = 'Redis is out of reach: what needs it is answered 503';
    await expect.poll(warnings, { timeout: LONG }).toEqual([warning]);
    await redis.restart();
  });

  test('a server that does not answer is away as well', async () => {
    const engine = await start();
    redis.freeze();
    await expect(engine.resources.get('api/a')).rejects.toThrow(
      'Redis cannot be reached: it does not answer',
    );
    redis.thaw();
    await expect.poll(() => isServed(engine), { timeout: LONG }).toBe(true);
  });

  test('a server that has lost everything is told of again, and all is to be looked at', async () => {
    const [one, other] = [await start(), await start()];
    await expect.poll(() => one.bus.members().length, { timeout: LONG }).toBe(2);
    const heard: unknown[] = [];
    other.resources.watch((keys) => {
      heard.push(keys);
    });
    await one.resources.commit([{ key: 'api/a', value: 1, expectedVersion: 0 }]);
    await expect.poll(() => heard.splice(0), { timeout: LONG }).toEqual([['api/a']]);
    const gone: string[] = [];
    one.bus.onGone((incarnation) => gone.push(incarnation));
    await redis.command('FLUSHALL');
    await expect.poll(() => heard, { timeout: LONG }).toEqual(['all']);
    await one.resources.commit([{ key: 'api/b', value: 2, expectedVersion: 0 }]);
    await expect.poll(() => heard, { timeout: LONG }).toEqual(['all', ['api/b']]);
    const members = async () => Number(await redis.command('HLEN', '{postern}:members'));
    await expect.poll(members, { timeout: LONG }).toBe(2);
    expect(gone).toEqual([]);
  });

  test('a connection that the server has lost is still its node’s to tell of', async () => {
    const one = await start();
    const entry = await one.connections.add('Connection00000001==', 'open');
    await redis.command('FLUSHALL');
    expect(await one.connections.update({ ...entry, value: 'told' })).toBe(true);
    expect(await one.connections.remove(entry)).toBe(true);
  });

  test('a message that no one announced is found all the same', async () => {
    const engine = await start();
    const heard: unknown[] = [];
    engine.resources.watch((keys) => {
      heard.push(keys);
    });
    // As by a node that died between its commit and telling of it.
    const commit = `redis.call('HSET', KEYS[1], 'api/a', '1 1')
      redis.call('SET', KEYS[2], '1') redis.call('XADD', KEYS[3], '1-0', 'keys', '["api/a"]')`;
    const keys = ['documents', 'version', 'changes'].map((name) => `{postern}:${name}`);
    await redis.command('EVAL', commit, '3', ...keys);
    await expect.poll(() => heard, { timeout: LONG }).toEqual([['api/a']]);
  });

  test('a node nobody has told of yet is asked all the same', async () => {
    const other = await start();
    // Heartbeats too rare to bring news, and started before anybody could greet it.
    const one = new RedisEngine({ url: redis.url, beatMillis: 60_000 });
    engines.push(one);
    await one.start();
    const young = await start();
    const { self } = young.bus;
    const reply = await one.bus.request(self, 'echo', Buffer.from('x'), LONG);
    expect(reply).toEqual({ kind: 'answered', payload: Buffer.from('x') });
    const away = await other.bus.request('01020304', 'echo', Buffer.from('x'), LONG);
    expect(away).toEqual({ kind: 'gone' });
  });

  test('a node that fell silent is struck off, and what it left behind is claimed', async () => {
    const one = await start({ lostMillis: 300 });
    const gone: string[] = [];
    one.bus.onGone((incarnation) => gone.push(incarnation));
    await redis.command('HSET', '{postern}:members', '0a0b0c0d', '7');
    await redis.command('SADD', '{postern}:owners', '0a0b0c0d');
    await redis.command('HSET', '{postern}:owed:0a0b0c0d', 'Connection1', '{"a":1}');
    await expect.poll(() => one.bus.isMember('0a0b0c0d'), { timeout: LONG }).toBe(true);
    expect(await one.connections.claim(10)).toEqual([]);
    await expect.poll(() => gone, { timeout: LONG }).toEqual(['0a0b0c0d']);
    expect(await one.connections.claim(10)).toEqual([
      { owner: one.bus.self, connectionId: 'Connection1', value: { a: 1 } },
    ]);
  });

  test('a node that was struck off goes on under another incarnation', async () => {
    const [one, other] = [await start(), await start()];
    await expect.poll(() => one.bus.members().length, { timeout: LONG }).toBe(2);
    const { self: before } = one.bus;
    const entry = await one.connections.add('Connection1', 1);
    const expelled: string[] = [];
    one.bus.onExpelled(() => expelled.push(one.bus.self));
    const gone: string[] = [];
    other.bus.onGone((incarnation) => gone.push(incarnation));
    const strikeOff = `redis.call('HDEL', KEYS[1], ARGV[1]) redis.call('ZADD', KEYS[2], 1, ARGV[1])`;
    await redis.command('EVAL', strikeOff, '2', '{postern}:members', '{postern}:gone', before);
    await expect.poll(() => expelled, { timeout: LONG }).toHaveLength(1);
    expect(expelled).toEqual([one.bus.self]);
    expect(one.bus.self).not.toBe(before);
    await expect.poll(() => gone, { timeout: LONG }).toEqual([before]);
    await expect.poll(() => other.bus.isMember(one.bus.self), { timeout: LONG }).toBe(true);
    const reply = await other.bus.request(one.bus.self, 'echo', Buffer.from('x'), LONG);
    expect(reply.kind).toBe('answered');
    expect((await other.connections.claim(10)).map(({ connectionId }) => connectionId)).toEqual([
      'Connection1',
    ]);
    expect(await one.connections.remove(entry)).toBe(false);
  });

  test('a node that has yet to hear that it was struck off takes over nothing of its own', async () => {
    const one = await start({ beatMillis: 600_000 });
    const strikeOff = `redis.call('HDEL', KEYS[1], ARGV[1]) redis.call('ZADD', KEYS[2], 1, ARGV[1])`;
    const keys = ['{postern}:members', '{postern}:gone'];
    await redis.command('EVAL', strikeOff, '2', ...keys, one.bus.self);
    const entry = await one.connections.add('Connection1', 1);
    expect(await one.connections.claim(10)).toEqual([]);
    expect(await one.connections.update({ ...entry, value: 2 })).toBe(true);
    const other = await start();
    expect(await other.connections.claim(10)).toEqual([
      { owner: other.bus.self, connectionId: 'Connection1', value: 2 },
    ]);
    expect(await one.connections.update(entry)).toBe(false);
  });
});

describe.skipIf(!hasRedis)('reaching Redis:', () => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });
  const redisWith = async (...args: Parameters<typeof startRedis>) => {
    const redis = await startRedis(...args);
    cleanUps.push(() => redis.stop());
    return redis;
  };
  const engineAt = async (url: string) => {
    const engine = new RedisEngine({ url, beatMillis: 100 });
    cleanUps.push(() => engine.stop());
    engine.bus.answer('echo', (payload) => payload);
    await engine.start();
    return engine;
  };
  /** What each part of an engine does at least once, between two nodes. */
  const serves = async (url: string) => {
    const [one, other] = [await engineAt(url), await engineAt(url)];
    expect(
      await one.resources.commit([{ key: 'api/a', value: { a: 1 }, expectedVersion: 0 }]),
    ).toBe(true);
    expect((await other.resources.list('api/')).map(({ value }) => value)).toEqual([{ a: 1 }]);
    await expect.poll(() => one.bus.isMember(other.bus.self), { timeout: LONG }).toBe(true);
    const reply = await one.bus.request(other.bus.self, 'echo', Buffer.from([0, 255]), LONG);
    expect(reply).toEqual({ kind: 'answered', payload: Buffer.from([0, 255]) });
    expect(await one.counters.add('k', 1, { max: 1, among: ['l'] })).toBe(true);
    expect(await other.counters.take('k', { rateLimit: 1, burstLimit: 2 }, 3)).toBe(2);
    await one.connections.add('Connection1', 1);
    await one.stop();
    expect(await other.connections.claim(10)).toHaveLength(1);
  };

  test('as an ACL user, in a database of its own', async () => {
    const redis = await redisWith();
    await redis.command('ACL', 'SETUSER', 'gate', 'on', '>p@ss/word', '~*', '&*', '+@all');
    await redis.command('ACL', 'SETUSER', 'default', 'off');
    const at = `127.0.0.1:${redis.port}`;
    await serves(`redis://gate:${encodeURIComponent('p@ss/word')}@${at}/3`);
    await expect(engineAt(`redis://gate:wrong@${at}`)).rejects.toThrow(
      `Cannot reach Redis at redis://gate:***@${at}: WRONGPASS`,
    );
  });

  test('over TLS', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
    cleanUps.push(() => rm(folder, { recursive: true, force: true }));
    const { ca, cert, key } = await makeCertificate({
      hosts: ['127.0.0.1'],
      notBefore: new Date(Date.now() - 86_400_000),
      notAfter: new Date(Date.now() + 86_400_000),
    });
    for (const [name, text] of Object.entries({ ca, cert, key })) {
      writeFileSync(join(folder, name), text);
    }
    const tlsPort = await freePort();
    const files = ['cert', 'key', 'ca'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await redisWith([
      ...['--tls-port', String(tlsPort), '--tls-auth-clients', 'no'],
      ...['--tls-cert-file', files[0], '--tls-key-file', files[1], '--tls-ca-cert-file', files[2]],
    ]);
    const url = `rediss://127.0.0.1:${tlsPort}`;
    await expect(engineAt(url)).rejects.toThrow(/Cannot reach Redis at rediss:.*certificate/);
    // What an authority of one's own is told to Node.js with takes a process of its own.
    const program = join(import.meta.dirname, 'support', 'commit-once.ts');
    const loader = join(import.meta.dirname, '..', 'support', 'typescript-loader.mjs');
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', loader, program, url],
      { env: { ...process.env, NODE_EXTRA_CA_CERTS: files[2] } },
    );
    expect(stdout).toBe('true\n');
  });

  test('through sentinels', async () => {
    const redis = await redisWith();
    const sentinel = await startSentinel('gate', redis.port);
    cleanUps.push(() => sentinel.stop());
    await serves(`redis+sentinel://127.0.0.1:${sentinel.port}/gate`);
  });

  test('as a cluster', async () => {
    const bus = String(await freePort());
    const redis = await redisWith(['--cluster-enabled', 'yes', '--cluster-port', bus]);
    await redis.command('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    const state = async () => String(await redis.command('CLUSTER', 'INFO'));
    await expect.poll(state, { timeout: LONG }).toContain('cluster_state:ok');
    await serves(`redis+cluster://127.0.0.1:${redis.port}`);
  });

  test('where nobody listens says so', async () => {
    const port = await freePort();
    await expect(engineAt(`redis://127.0.0.1:${port}`)).rejects.toThrow(
      `Cannot reach Redis at redis://127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}. ` +
        'See that it runs and is reached from here, or correct --engine.',
    );
  });
});
