import { createServer } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type ConnectEvent, type DisconnectEvent, memoryStore, nodeHandler } from '../src/index.ts';
import { listen } from './support/servers.ts';
import { startBackend } from './support/start-backend.ts';

test('a user may have several connections', async () => {
  const { backend, connect } = await startBackend();
  await connect('A=', 'ada');
  await connect('B=', 'ada');
  expect(await backend.connections()).toHaveLength(2);
});

test('with oneConnectionPerUser a new connection takes the place of the old record', async () => {
  const { backend, management, connect } = await startBackend({ oneConnectionPerUser: true });
  await connect('A=', 'ada');
  await connect('B=', 'bob');
  await connect('C=', 'ada');
  const ids = (await backend.connections()).map((record) => record.connection_id);
  expect(ids).toEqual(['B=', 'C=']);
  expect(management.received).toEqual([]);
});

test('with closeReplaced the old socket is closed as well', async () => {
  const options = { oneConnectionPerUser: true, closeReplaced: true };
  const { backend, management, connect } = await startBackend(options);
  await connect('A=', 'ada');
  await connect('B=', 'ada');
  await backend.close();
  expect(management.received).toMatchObject([{ method: 'DELETE', connectionId: 'A=' }]);
});

test('a socket that cannot be closed does not refuse the connection that replaces it', async () => {
  const events: string[] = [];
  const started = await startBackend({
    oneConnectionPerUser: true,
    closeReplaced: true,
    log: ({ event }) => events.push(event),
  });
  started.management.answer = () => ({ status: 403, errorType: 'AccessDeniedException' });
  await started.connect('A=', 'ada');
  expect(await started.connect('B=', 'ada')).toBe(200);
  await started.backend.close();
  expect(events).toContain('replaced connection could not be closed');
});

test('of twenty connections of one user that race, one stays', async () => {
  const { backend, connect } = await startBackend({
    oneConnectionPerUser: true,
    onConnect: () => new Promise((resolve) => setImmediate(resolve)),
  });
  await Promise.all(Array.from({ length: 20 }, (_, i) => connect(`C${i}=`, 'ada')));
  expect(await backend.connections()).toMatchObject([{ connection_id: 'C19=' }]);
});

test('the same connection announced twice is one record', async () => {
  const { backend, connect } = await startBackend({ oneConnectionPerUser: true });
  await connect('A=', 'ada');
  await connect('A=', 'ada');
  expect(await backend.connections()).toHaveLength(1);
});

test('an onConnect that throws refuses with 500, and the former record stays', async () => {
  const seen: ConnectEvent[] = [];
  const { backend, connect } = await startBackend({
    oneConnectionPerUser: true,
    onConnect: (event) => {
      seen.push(event);
      if (event.connectionId === 'B=') throw new Error('too many tabs');
    },
  });
  expect(await connect('A=', 'ada')).toBe(200);
  expect(await connect('B=', 'ada')).toBe(500);
  expect(seen.map(({ connectionId, userId }) => [connectionId, userId])).toEqual([
    ['A=', 'ada'],
    ['B=', 'ada'],
  ]);
  expect(await backend.connections()).toMatchObject([{ connection_id: 'A=' }]);
});

test('a store that fails refuses with 500', async () => {
  const store = memoryStore();
  store.save = () => Promise.reject(new Error('database down'));
  const { connect } = await startBackend({ store });
  expect(await connect('A=', 'ada')).toBe(500);
});

test.each([[''], [7], [{}]])('authenticate giving %j is answered with 500', async (answer) => {
  const events: (string | undefined)[] = [];
  const { backend, connect } = await startBackend({
    authenticate: () => answer as string,
    log: ({ error }) => events.push(error),
  });
  expect(await connect('A=', 'ada')).toBe(500);
  expect(events[0]).toContain('authenticate must give a user id');
  expect(await backend.connections()).toEqual([]);
});

test.each([[null], [undefined]])('authenticate giving %j refuses', async (answer) => {
  const { connect } = await startBackend({ authenticate: () => answer });
  expect(await connect('A=', 'ada')).toBe(401);
});

test('tokenName renames the query parameter', async () => {
  const { backend } = await startBackend({ tokenName: 'access_token' });
  const answer = await backend.handle({
    method: 'POST',
    url: '/ws/connect?access_token=ada',
    headers: { connectionId: 'A=' },
  });
  expect(answer?.status).toBe(200);
});

test.each(['a b', 'a, b', 'x'.repeat(129), 'é'])(
  'the connection id %j is malformed',
  async (connectionId) => {
    const { connect } = await startBackend();
    expect(await connect(connectionId, 'ada')).toBe(400);
  },
);

test('a connection id of 128 characters of old and new alphabets is good', async () => {
  const { connect } = await startBackend();
  expect(await connect(`${'aZ0+/_-'.repeat(18)}==`, 'ada')).toBe(200);
});

test('connectionIdHeader and paths can be renamed', async () => {
  const { backend } = await startBackend({
    connectionIdHeader: 'X-Connection',
    paths: { connect: '/gateway/open' },
  });
  const request = { method: 'POST', url: '/gateway/open?token=ada', headers: {} };
  const missing = await backend.handle(request);
  expect(missing).toMatchObject({ status: 400 });
  expect(missing?.body).toContain('X-Connection header missing');
  expect(missing?.body).toContain('integration.request.header.X-Connection');
  const found = await backend.handle({ ...request, headers: { 'x-connection': 'A=' } });
  expect(found?.status).toBe(200);
  expect(await backend.handle({ ...request, url: '/ws/connect' })).toBeUndefined();
});

test('isGateway keeps strangers from all three paths', async () => {
  const { backend } = await startBackend({
    isGateway: ({ headers }) => headers['x-gateway'] === 's3cret',
  });
  for (const path of ['connect', 'disconnect', 'message']) {
    const request = { method: 'POST', url: `/ws/${path}?token=ada` };
    const stranger = await backend.handle({ ...request, headers: { connectionId: 'A=' } });
    expect(stranger?.status).toBe(403);
    const headers = { connectionId: 'A=', 'x-gateway': 's3cret' };
    expect((await backend.handle({ ...request, headers }))?.status).toBe(200);
  }
});

test('onDisconnect hears the user, and code and reason where they are mapped', async () => {
  const seen: DisconnectEvent[] = [];
  const { backend, connect } = await startBackend({ onDisconnect: (event) => seen.push(event) });
  await connect('A=', 'ada');
  const request = { method: 'POST', url: '/ws/disconnect' };
  const mapped = { disconnectStatusCode: '1001', disconnectReason: 'Going away' };
  await backend.handle({ ...request, headers: { connectionId: 'A=', ...mapped } });
  await backend.handle({ ...request, headers: { connectionId: 'B=' } });
  expect(seen).toEqual([
    { connectionId: 'A=', userId: 'ada', code: 1001, reason: 'Going away' },
    { connectionId: 'B=', userId: undefined, code: undefined, reason: undefined },
  ]);
});

test('an onDisconnect that throws leaves no record behind', async () => {
  const { backend, connect } = await startBackend({
    onDisconnect: () => {
      throw new Error('no');
    },
  });
  await connect('A=', 'ada');
  const headers = { connectionId: 'A=' };
  const answer = await backend.handle({ method: 'POST', url: '/ws/disconnect', headers });
  expect(answer?.status).toBe(500);
  expect(await backend.connections()).toEqual([]);
});

test('a body that breaks off midway harms nobody', async () => {
  const { backend } = await startBackend();
  const answers: (number | undefined)[] = [];
  const answered = new Promise<void>((resolve) => {
    const handle: typeof backend.handle = async (request) => {
      const answer = await backend.handle(request);
      answers.push(answer?.status);
      resolve();
      return answer;
    };
    const server = createServer(nodeHandler({ handle }));
    listen(server).then(({ url, close }) => {
      onTestFinished(close);
      const socket = connectTcp(Number(new URL(url).port), '127.0.0.1');
      socket.write('POST /ws/message HTTP/1.1\r\nHost: h\r\nconnectionId: A=\r\n');
      socket.write('Content-Length: 100\r\n\r\nhalf', () => socket.destroy());
    });
  });
  await answered;
  expect(answers).toEqual([400]);
});
