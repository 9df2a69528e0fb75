import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RedisEngine } from '../src/engines/redis/redis-engine.ts';
import { FakeClock } from './support/fake-clock.ts';
import { hasRedis, type RedisProcess, startRedis } from './support/redis-server.ts';
import { startGateway, type TestApi, type TestGateway } from './support/start-gateway.ts';
import { connect } from './support/test-socket.ts';

/**
 * Any node answers any request for any connection, and a change through any is in force on all within a
 * second. The engines' clock stands still: what arrives without it was announced, and what nobody
 * announced is found by a heartbeat, two of which come in a second.
 */

describe.skipIf(!hasRedis)('three nodes on Redis:', () => {
  let redis: RedisProcess;
  let clock: FakeClock;
  let nodes: TestGateway[];
  let api: TestApi;

  beforeEach(async () => {
    redis = await startRedis();
    clock = new FakeClock();
    nodes = [];
    for (let number = 0; number < 3; number += 1) {
      const engine = new RedisEngine({ url: redis.url, clock });
      nodes.push(await startGateway({ engine }));
    }
    api = await nodes[0]!.createApi({ routes: { $default: { type: 'MOCK' } } });
    for (const node of nodes) await inForce(node, 'test');
  });
  afterEach(async () => {
    expect(nodes.flatMap(({ errors }) => errors)).toEqual([]);
    await Promise.all(nodes.map((node) => node.stop()));
    await redis.stop();
  });

  const inForce = (node: TestGateway, name: string) =>
    expect.poll(() => node.gateway.stages().some(({ stageName }) => stageName === name)).toBe(true);
  const pairs = [0, 1, 2].flatMap((holder) => [0, 1, 2].map((asked) => [holder, asked] as const));

  test.each(pairs)(
    'a connection of node %i, by node %i: POST, GET, DELETE',
    async (holder, asked) => {
      const node = nodes[holder]!;
      const socket = await connect(`${node.url.replace('http', 'ws')}/${api.apiId}/test`);
      const { connectionId = '' } = await node.events.next();
      const path = `${api.apiId}/test/@connections/${encodeURIComponent(connectionId)}`;
      const call = (method: string, body?: string) =>
        fetch(`${nodes[asked]!.url}/${path}`, { method, ...(body !== undefined && { body }) });
      expect((await call('POST', 'hello')).status).toBe(200);
      expect(await socket.next()).toBe('hello');
      const described = await call('GET');
      expect(described.status).toBe(200);
      expect(await described.json()).toMatchObject({ identity: { sourceIp: '127.0.0.1' } });
      expect((await call('DELETE')).status).toBe(204);
      expect((await socket.closed).code).toBe(1000);
      await expect.poll(async () => (await call('POST', 'late')).status).toBe(410);
    },
  );

  test.each([0, 1, 2])('a deployment through node %i is announced to all', async (through) => {
    const at = clock.now();
    const base = `/v2/apis/${api.apiId}`;
    const stage = { stageName: 'announced' };
    await nodes[through]!.control('POST', `${base}/stages`, stage);
    await nodes[through]!.control('POST', `${base}/deployments`, stage);
    for (const node of nodes) await inForce(node, 'announced');
    expect(clock.now()).toBe(at);
  });

  test('a change that nobody announced is in force on all within a second', async () => {
    // As of a node that died between its commit and telling of it: it may write, and not publish.
    await redis.command('ACL', 'SETUSER', 'mute', 'on', '>pass', '~*', '&*', '+@all');
    const url = redis.url.replace('//', '//mute:pass@');
    const mute = await startGateway({ engine: new RedisEngine({ url, clock }) });
    await inForce(mute, 'test');
    await redis.command('ACL', 'SETUSER', 'mute', '-publish');
    const stage = { stageName: 'found' };
    await mute.control('POST', `/v2/apis/${api.apiId}/stages`, stage);
    await mute.control('POST', `/v2/apis/${api.apiId}/deployments`, stage);
    clock.advance(1000);
    for (const node of nodes) await inForce(node, 'found');
    await redis.command('ACL', 'SETUSER', 'mute', '+publish');
    await mute.stop();
  });
});
