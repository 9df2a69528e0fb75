import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../src/engines/engine.ts';
import { startBackend } from './support/recording-backend.ts';
import { type SharedState, sharedStates } from './support/shared-state.ts';
import { startGateway, type TestApi, type TestGateway } from './support/start-gateway.ts';
import { connect, refusal } from './support/test-socket.ts';

/** Two gateways over one state: whichever is asked, it is one gateway. */

describe.each(sharedStates)('two nodes, %s:', (name, share) => {
  let shared: SharedState;
  let one: TestGateway;
  let other: TestGateway;
  let api: TestApi;
  let engines: Engine[];

  beforeEach(async () => {
    shared = await share();
    engines = [shared.createEngine(), shared.createEngine()];
    one = await startGateway({ engine: engines[0]! });
    other = await startGateway({ engine: engines[1]! });
    api = await one.createApi({ routes: { $default: { type: 'MOCK' } } });
    await deployedOn(other, api);
  });
  afterEach(async () => {
    shared.redis?.thaw();
    expect([...one.errors, ...other.errors]).toEqual([]);
    await Promise.all([one.stop(), other.stop()]);
    await shared.cleanUp();
  });

  const deployedOn = (gateway: TestGateway, { apiId }: TestApi) =>
    expect.poll(() => gateway.gateway.stages().some((stage) => stage.apiId === apiId)).toBe(true);
  const open = async (gateway: TestGateway, { apiId, stage }: TestApi) => {
    const socket = await connect(`${gateway.url.replace('http', 'ws')}/${apiId}/${stage}`);
    for (;;) {
      const { kind, connectionId = '' } = await gateway.events.next();
      if (kind === 'connect') return { socket, connectionId: encodeURIComponent(connectionId) };
    }
  };
  const call = (gateway: TestGateway, method: string, path: string, body?: string) =>
    fetch(`${gateway.url}/${path}`, { method, ...(body !== undefined && { body }) });
  const at = (connectionId: string, { apiId, stage } = api) =>
    `${apiId}/${stage}/@connections/${connectionId}`;

  test('either pushes to, describes and closes a connection of the other', async () => {
    const { socket, connectionId } = await open(one, api);
    const push = await call(other, 'POST', at(connectionId), 'from the other');
    expect(push.status).toBe(200);
    expect(await socket.next()).toBe('from the other');

    const described = await call(other, 'GET', at(connectionId));
    const here = await call(one, 'GET', at(connectionId));
    expect(described.status).toBe(200);
    expect(await described.text()).toBe(await here.text());

    expect((await call(other, 'DELETE', at(connectionId))).status).toBe(204);
    expect((await socket.closed).code).toBe(1000);
    await expect
      .poll(async () => (await call(other, 'POST', at(connectionId), 'x')).status)
      .toBe(410);
    expect((await call(other, 'GET', at(connectionId))).status).toBe(410);
  });

  test('pushes of one client arrive in their order', async () => {
    const { socket, connectionId } = await open(one, api);
    for (let number = 0; number < 50; number += 1) {
      expect((await call(other, 'POST', at(connectionId), String(number))).status).toBe(200);
    }
    for (let number = 0; number < 50; number += 1) expect(await socket.next()).toBe(String(number));
  });

  test('a stage of two APIs is told apart by the connection, wherever it lives', async () => {
    const twin = await one.createApi({ routes: { $default: { type: 'MOCK' } } });
    await deployedOn(other, twin);
    const { socket, connectionId } = await open(one, twin);
    const short = `${twin.stage}/@connections/${connectionId}`;
    expect((await call(other, 'POST', short, 'hello')).status).toBe(200);
    expect(await socket.next()).toBe('hello');
    // Named in full, it is a connection of the one API and of no other.
    expect((await call(other, 'POST', at(connectionId, api), 'x')).status).toBe(410);
  });

  test('what is changed through one is in force on the other', async () => {
    const { socket, connectionId } = await open(other, api);
    await one.control('DELETE', `/v2/apis/${api.apiId}`);
    expect((await socket.closed).code).toBe(1001);
    await expect
      .poll(async () => (await call(other, 'POST', at(connectionId), 'x')).status)
      .toBe(403);
  });

  test('a quota is used up once, by clients of both at the same moment', async () => {
    // Counts expire by the store's own clock.
    for (const { clock } of [one, other]) clock.jumpTo(Date.now());
    const guarded = await one.createApi({ routes: { $connect: {}, $default: {} } });
    const route = `/v2/apis/${guarded.apiId}/routes/${guarded.routes.$connect}`;
    await one.control('PATCH', route, { apiKeyRequired: true });
    await guarded.deploy();
    const value = 'a-key-of-more-than-20-characters';
    const key = { name: 'client', value, enabled: true };
    const { id: keyId } = await one.control<{ id: string }>('POST', '/apikeys', key);
    const { id } = await one.control<{ id: string }>('POST', '/usageplans', {
      name: 'plan',
      apiStages: [{ apiId: guarded.apiId, stage: 'test' }],
      quota: { limit: 25, period: 'MONTH', offset: 0 },
    });
    await one.control('POST', `/usageplans/${id}/keys`, { keyId, keyType: 'API_KEY' });
    await deployedOn(other, guarded);
    const attempts = Array.from({ length: 60 }, async (_, at) => {
      const { url } = at % 2 === 0 ? one : other;
      const path = `${url.replace('http', 'ws')}/${guarded.apiId}/test`;
      return connect(path, { headers: { 'x-api-key': value } }).then(
        () => 101,
        () => 429,
      );
    });
    const answers = await Promise.all(attempts);
    expect(answers.filter((status) => status === 101)).toHaveLength(25);
    const today = new Date(one.clock.now()).toISOString().slice(0, 10);
    const usage = `/usageplans/${id}/usage?startDate=${today}&endDate=${today}`;
    expect(await other.control('GET', usage)).toMatchObject({ values: { [keyId]: [[25, 0]] } });
    const grant = [{ op: 'replace', path: '/remaining', value: '1' }];
    const patch = { patchOperations: grant };
    await other.control('PATCH', `/usageplans/${id}/keys/${keyId}/usage`, patch);
    const further = { headers: { 'x-api-key': value } };
    await connect(guarded.wsUrl, further);
    expect((await refusal(guarded.wsUrl, further)).status).toBe(429);
  });

  test('a connection of a node that is gone is gone', async () => {
    const { connectionId } = await open(one, api);
    await one.stop();
    expect((await call(other, 'POST', at(connectionId), 'x')).status).toBe(410);
  });

  test.skipIf(name !== 'redis')(
    'without Redis what is here goes on, what is elsewhere is 503, and all is well when it is back',
    async () => {
      const here = await open(one, api);
      const there = await open(other, api);
      await shared.redis!.kill();
      expect((await call(one, 'POST', at(here.connectionId), 'local')).status).toBe(200);
      expect(await here.socket.next()).toBe('local');
      const refused = await call(one, 'POST', at(there.connectionId), 'lost?');
      expect(refused.status).toBe(503);
      expect(refused.headers.get('x-amzn-errortype')).toBe('ServiceUnavailableException');
      expect(await refused.json()).toEqual({
        message: 'The node that holds the connection did not answer',
      });
      const change = await call(one, 'GET', 'v2/apis');
      expect(change.status).toBe(503);
      expect(change.headers.get('x-amzn-errortype')).toBe('ServiceUnavailableException');
      expect(await change.json()).toEqual({ message: 'The store cannot be reached' });

      await shared.redis!.restart();
      await expect
        .poll(async () => (await call(one, 'POST', at(there.connectionId), 'back')).status)
        .toBe(200);
      expect(await there.socket.next()).toBe('back');
      await expect.poll(async () => (await call(one, 'GET', 'v2/apis')).status).toBe(200);
      expect(one.gateway.stages()).toHaveLength(1);
    },
  );

  // The node that refused the client told its backend at once, and so did whichever found the entry that
  // came late, after the first one had died: both for the first time.
  test.skipIf(name !== 'redis')(
    'what Redis wrote down too late is told twice, and once of it as a retry',
    async () => {
      const backend = await startBackend();
      const guarded = await one.createApi({
        routes: {
          $connect: { url: `${backend.url}/connect` },
          $disconnect: {
            url: `${backend.url}/disconnect`,
            requestParameters: { 'integration.request.header.id': 'context.connectionId' },
          },
        },
      });
      await deployedOn(other, guarded);
      shared.redis!.freeze();
      const refused = await refusal(guarded.wsUrl);
      expect(refused.status).toBe(503);
      const here = await backend.requests('/disconnect').next();
      shared.redis!.thaw();
      const { self } = engines[0]!.bus;
      const owed = () => shared.redis!.command('HLEN', `{postern}:owed:${self}`);
      await expect.poll(owed).toBe(1);
      // Without a chance to look for what it does not know.
      await engines[0]!.stop();
      other.clock.advance(1000);
      const there = await backend.requests('/disconnect').next();
      expect(here.headers.id).toMatch(/^.{18}==$/);
      expect(there.headers.id).toBe(here.headers.id);
      const marks = [here, there].map(({ headers }) => headers['x-postern-retry']);
      expect(marks).toEqual(['1', undefined]);
      await backend.stop();
    },
  );

  test.skipIf(name !== 'redis')('without Redis an API key cannot be looked up: 503', async () => {
    const guarded = await one.createApi({ routes: { $connect: { type: 'MOCK' } } });
    const route = `/v2/apis/${guarded.apiId}/routes/${guarded.routes.$connect}`;
    await one.control('PATCH', route, { apiKeyRequired: true });
    await guarded.deploy();
    await shared.redis!.kill();
    const headers = { 'x-api-key': 'x'.repeat(20) };
    const refused = await refusal(guarded.wsUrl, { headers });
    expect(refused.status).toBe(503);
    await shared.redis!.restart();
  });
});
