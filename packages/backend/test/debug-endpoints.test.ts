import { expect, test } from 'vitest';
import type { BackendOptions } from '../src/index.ts';
import { gone } from './support/management-endpoint.ts';
import { startBackend } from './support/start-backend.ts';

async function startWithDebug(options: Partial<BackendOptions> = {}) {
  const started = await startBackend({ debug: { authorize: () => true }, ...options });
  const ask = async (method: string, url: string, body?: string) => {
    const answer = await started.backend.handle({ method, url, headers: {}, body });
    return { status: answer!.status, body: JSON.parse(answer!.body as string) };
  };
  return { ...started, ask };
}

test('the list goes on after a connection id, page by page', async () => {
  const { connect, ask } = await startWithDebug();
  for (const id of ['C=', 'A=', 'B=']) await connect(id, 'ada');
  const first = await ask('GET', '/debug/ws-connections?limit=2');
  expect(first.body.count).toBe(2);
  const second = await ask('GET', '/debug/ws-connections?limit=2&after=B%3D');
  expect(second.body.connections).toMatchObject([{ connection_id: 'C=' }]);
});

test.each(['0', '1001', 'x', '-1', '1.5'])('limit=%s answers 400', async (limit) => {
  const { ask } = await startWithDebug();
  expect((await ask('GET', `/debug/ws-connections?limit=${limit}`)).status).toBe(400);
});

test('a test push to a user who is not connected says so', async () => {
  const { ask } = await startWithDebug();
  const answer = await ask('POST', '/debug/ws-push-test/nobody');
  expect(answer).toEqual({ status: 200, body: { user_id: 'nobody', delivered: false } });
});

test('a test push that is refused explains itself', async () => {
  const { management, connect, ask } = await startWithDebug();
  await connect('A=', 'ada');
  management.answer = () => ({
    status: 403,
    errorType: 'AccessDeniedException',
    body: '{"Message":"User: arn:x is not authorized"}',
  });
  expect(await ask('POST', '/debug/ws-push-test/ada')).toMatchObject({
    status: 502,
    body: {
      name: 'AccessDeniedException',
      status: 403,
      hint: expect.stringContaining('execute-api:ManageConnections'),
    },
  });
});

test('a user id that is not URL-encoded answers 400', async () => {
  const { ask } = await startWithDebug();
  expect((await ask('POST', '/debug/ws-push-test/%E0%A4%A')).status).toBe(400);
});

test('the stale sweep answers how many records it removed', async () => {
  const { management, ambient, connect, ask } = await startWithDebug();
  await connect('A=', 'ada');
  await connect('B=', 'bob');
  management.answer = () => gone;
  ambient.move(2000);
  const answer = await ask('DELETE', '/debug/ws-connections/stale');
  expect(answer).toEqual({ status: 200, body: { removed: 2 } });
});

test('basePath moves the endpoints', async () => {
  const { backend } = await startWithDebug({
    debug: { authorize: () => true, basePath: '/internal' },
  });
  const ask = (url: string) => backend.handle({ method: 'GET', url, headers: {} });
  expect((await ask('/internal/ws-connections'))?.status).toBe(200);
  expect(await ask('/debug/ws-connections')).toBeUndefined();
});

test.each([false, undefined, 'yes'])('authorize giving %j refuses', async (answer) => {
  const authorize = () => answer as boolean;
  const { ask } = await startWithDebug({ debug: { authorize } });
  expect((await ask('GET', '/debug/ws-connections')).status).toBe(403);
});

test('an authorize that throws answers 500 and shows nothing', async () => {
  const authorize = () => Promise.reject(new Error('no session store'));
  const { connect, ask } = await startWithDebug({ debug: { authorize } });
  await connect('A=', 'ada');
  expect(await ask('GET', '/debug/ws-connections')).toEqual({
    status: 500,
    body: { message: 'Internal server error' },
  });
});
