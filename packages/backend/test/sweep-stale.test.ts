import { expect, test } from 'vitest';
import { gone } from './support/management-endpoint.ts';
import { startBackend } from './support/start-backend.ts';

test('records of connections that are gone are deleted and counted', async () => {
  const { backend, management, ambient, connect } = await startBackend();
  for (const user of ['ada', 'bob', 'cyd']) await connect(`${user}=`, user);
  management.answer = ({ connectionId }) => (connectionId === 'bob=' ? { status: 200 } : gone);
  ambient.move(2000);
  expect(await backend.sweepStale()).toBe(2);
  expect(await backend.connections()).toMatchObject([{ user_id: 'bob' }]);
  expect(new Set(management.received.map((call) => call.method))).toEqual(new Set(['GET']));
});

test('a connection whose handshake may be under way is left alone', async () => {
  const { backend, management, ambient, connect } = await startBackend();
  await connect('A=', 'ada');
  management.answer = () => gone;
  expect(await backend.sweepStale()).toBe(0);
  ambient.move(2000);
  expect(await backend.sweepStale()).toBe(1);
});

test("under the guide's policy, POST alone, the question is a heartbeat", async () => {
  const { backend, management, ambient, connect } = await startBackend();
  await connect('A=', 'ada');
  await connect('B=', 'bob');
  management.answer = ({ method, connectionId }) => {
    if (method === 'GET') return { status: 403, errorType: 'AccessDeniedException' };
    return connectionId === 'A=' ? gone : { status: 200 };
  };
  ambient.move(2000);
  expect(await backend.sweepStale()).toBe(1);
  const posts = management.received.filter((call) => call.method === 'POST');
  expect(posts.map((call) => call.text)).toEqual(Array(2).fill('{"type":"heartbeat"}'));
});

test('more than one page of records is swept', async () => {
  const seen = new Set<string>();
  const client = {
    postToConnection: async () => {},
    getConnection: async ({ ConnectionId }: { ConnectionId: string }) => {
      seen.add(ConnectionId);
      throw Object.assign(new Error('UnknownError'), { $metadata: { httpStatusCode: 410 } });
    },
    deleteConnection: async () => {},
  };
  const { backend, ambient, connect } = await startBackend({ client });
  for (let i = 0; i < 1001; i++) await connect(`${i}=`, `user${i}`);
  expect(await backend.connections()).toHaveLength(1000);
  expect(await backend.connections({ limit: 2, after: '998=' })).toMatchObject([
    { connection_id: '999=' },
    { connection_id: '99=' },
  ]);
  ambient.move(2000);
  expect(await backend.sweepStale()).toBe(1001);
  expect(seen.size).toBe(1001);
  expect(await backend.connections()).toEqual([]);
});
