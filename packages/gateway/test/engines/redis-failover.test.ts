import { afterEach, describe, expect, test } from 'vitest';
import { RedisEngine } from '../../src/engines/redis/redis-engine.ts';
import { type RecordingBackend, startBackend } from '../support/recording-backend.ts';
import { startCluster } from '../support/redis-cluster.ts';
import {
  commandTo,
  hasRedis,
  type SentinelProcess,
  startRedis,
  startSentinel,
} from '../support/redis-server.ts';
import { startGateway, type TestApi, type TestGateway } from '../support/start-gateway.ts';
import { connect } from '../support/test-socket.ts';

/** The server that holds the state dies for good, and another takes its place: two gateways go on. */

/** A sentinel that notices that it was held up itself decides nothing for half a minute. */
const LONG = { timeout: 90_000, interval: 100 };
const TEST_MILLIS = 300_000;

const running: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.stop();
});
const kept = <T extends { stop(): Promise<unknown> }>(one: T): T => {
  running.push(one);
  return one;
};

interface Pair {
  readonly one: TestGateway;
  readonly other: TestGateway;
  readonly backend: RecordingBackend;
  readonly api: TestApi;
}

async function startPair(url: string): Promise<Pair> {
  const backend = kept(await startBackend());
  const engine = () => new RedisEngine({ url, beatMillis: 100 });
  const one = kept(await startGateway({ engine: engine() }));
  const other = kept(await startGateway({ engine: engine() }));
  const api = await one.createApi({
    routes: {
      $default: { type: 'MOCK' },
      $disconnect: {
        url: `${backend.url}/disconnect`,
        requestParameters: { 'integration.request.header.id': 'context.connectionId' },
      },
    },
  });
  await expect.poll(() => hasStage(other, api.apiId, 'test'), LONG).toBe(true);
  return { one, other, backend, api };
}

const hasStage = (gateway: TestGateway, apiId: string, name: string) =>
  gateway.gateway.stages().some((one) => one.apiId === apiId && one.stageName === name);

/** A client of the one gateway, and pushes to it through the other. */
async function openOn(gateway: TestGateway, through: TestGateway, { apiId }: TestApi) {
  const socket = await connect(`${gateway.url.replace('http', 'ws')}/${apiId}/test`);
  let id = '';
  for (;;) {
    const { kind, connectionId = '' } = await gateway.events.next();
    id = connectionId;
    if (kind === 'connect') break;
  }
  const path = `${apiId}/test/@connections/${encodeURIComponent(id)}`;
  const push = async (body: string) =>
    (await fetch(`${through.url}/${path}`, { method: 'POST', body })).status;
  return { socket, id, push };
}

/** Everything that goes through the store works, for those who were connected and for new ones. */
async function goesOn(
  { one, other, backend, api }: Pair,
  before: Awaited<ReturnType<typeof openOn>>,
) {
  await expect.poll(() => before.push('after'), LONG).toBe(200);
  for (;;) if ((await before.socket.next()) === 'after') break;
  const stages = `/v2/apis/${api.apiId}/stages`;
  const isMade = () =>
    one.control('POST', stages, { stageName: 'later' }).then(
      () => true,
      (error: Error) => / 409 /.test(error.message),
    );
  await expect.poll(isMade, LONG).toBe(true);
  await one.control('POST', `/v2/apis/${api.apiId}/deployments`, { stageName: 'later' });
  await expect.poll(() => hasStage(other, api.apiId, 'later'), LONG).toBe(true);
  const later = await openOn(other, one, api);
  await expect.poll(() => later.push('new'), LONG).toBe(200);
  for (const { socket, id } of [before, later]) {
    socket.close();
    const told = async () => {
      for (const gateway of [one, other]) gateway.clock.advance(1000);
      return backend.requests('/disconnect').size;
    };
    await expect.poll(told, LONG).toBeGreaterThan(0);
    const { headers } = await backend.requests('/disconnect').next();
    expect(headers.id).toBe(id);
  }
}

describe.skipIf(!hasRedis)('the master dies:', () => {
  test(
    'sentinels name another, and the nodes follow',
    async () => {
      const master = kept(await startRedis());
      const replica = kept(await startRedis(['--replicaof', `127.0.0.1 ${master.port}`]));
      const sentinels: SentinelProcess[] = [];
      for (let number = 0; number < 3; number += 1) {
        sentinels.push(kept(await startSentinel('gate', master.port, 2)));
      }
      const quorum = () =>
        commandTo(sentinels[0]!.port, ['SENTINEL', 'CKQUORUM', 'gate']).then(String, String);
      await expect.poll(quorum, LONG).toMatch(/^OK 3 usable/);
      const known = async () =>
        JSON.stringify(await commandTo(sentinels[0]!.port, ['SENTINEL', 'REPLICAS', 'gate']));
      await expect.poll(known, LONG).toContain(String(replica.port));
      const addresses = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',');
      const pair = await startPair(`redis+sentinel://${addresses}/gate`);
      const before = await openOn(pair.one, pair.other, pair.api);
      expect(await before.push('before')).toBe(200);
      expect(await master.command('WAIT', '1', '60000')).toBe(1);
      await master.kill();
      for (const sentinel of sentinels) await sentinel.loseItsPatience();
      await goesOn(pair, before);
      expect(String(await replica.command('ROLE'))).toMatch(/^master/);
    },
    TEST_MILLIS,
  );

  test(
    'a replica of the cluster takes its slots, and the nodes follow',
    async () => {
      const cluster = kept(await startCluster());
      expect(await cluster.masters()).toHaveLength(3);
      const pair = await startPair(cluster.url);
      const before = await openOn(pair.one, pair.other, pair.api);
      expect(await before.push('before')).toBe(200);
      const victim = await cluster.masterOf('{postern}:documents');
      expect(Number(await victim.command('EXISTS', '{postern}:documents'))).toBe(1);
      expect(await victim.command('WAIT', '1', '60000')).toBe(1);
      await victim.kill();
      await goesOn(pair, before);
      expect((await cluster.masterOf('{postern}:documents')).port).not.toBe(victim.port);
    },
    TEST_MILLIS,
  );

  test(
    'gateways of several prefixes spread over the servers of a cluster',
    async () => {
      const cluster = kept(await startCluster());
      const ports = new Set<number>();
      for (const prefix of ['a', 'b', 'c', 'd', 'e', 'f']) {
        const engine = kept(new RedisEngine({ url: `${cluster.url}?prefix=${prefix}` }));
        await engine.start();
        const change = { key: 'api/a', value: prefix, expectedVersion: 0 };
        expect(await engine.resources.commit([change])).toBe(true);
        const master = await cluster.masterOf(`{${prefix}}:documents`);
        expect(Number(await master.command('EXISTS', `{${prefix}}:documents`))).toBe(1);
        ports.add(master.port);
      }
      expect(ports.size).toBe(3);
    },
    TEST_MILLIS,
  );
});
