import { afterEach, beforeEach, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/start-gateway.ts';

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startGateway();
});
afterEach(() => gateway.stop());

const stack = { name: 'chat', status: 'settled', entries: [], exports: {} };
const ask = async (
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) => {
  const text = typeof body === 'string' ? body : body && JSON.stringify(body);
  const answer = await fetch(`${gateway.url}/@stacks${path}`, {
    method,
    headers,
    ...(text !== undefined && { body: text as string }),
  });
  return { status: answer.status, body: await answer.json() };
};

test('a record is kept, guarded by its version', async () => {
  expect((await ask('GET', '/chat')).status).toBe(404);
  const first = await ask('PUT', '/chat', { stack, expectedVersion: 0 });
  expect(first.status).toBe(200);
  expect(await ask('GET', '/chat')).toEqual({
    status: 200,
    body: { stack, version: first.body.version },
  });
  expect((await ask('GET', '')).body).toEqual({ items: [stack] });
  expect((await ask('PUT', '/chat', { stack, expectedVersion: 0 })).status).toBe(409);
  const gone = await ask('PUT', '/chat', { stack: null, expectedVersion: first.body.version });
  expect(gone).toEqual({ status: 200, body: { version: 0 } });
  expect((await ask('GET', '/')).body).toEqual({ items: [] });
});

test.each([
  ['PUT', '/chat', 'no JSON', 400],
  ['PUT', '/chat', [], 400],
  ['PUT', '/chat', { stack }, 400],
  ['PUT', '/chat', { stack: { ...stack, name: 'other' }, expectedVersion: 0 }, 400],
  ['PUT', '/chat', { stack: { ...stack, entries: [{ id: 5 }] }, expectedVersion: 0 }, 400],
  ['PUT', '/a%2Fb', { stack, expectedVersion: 0 }, 400],
  ['GET', '/%E0%A4%A', undefined, 400],
  ['DELETE', '/chat', undefined, 403],
  ['POST', '', {}, 403],
])('%s %s of %j is answered %i', async (method, path, body, status) => {
  expect((await ask(method, path, body)).status).toBe(status);
});

test('a page from elsewhere may not look, nor write', async () => {
  const headers = { origin: 'https://elsewhere.example' };
  expect((await ask('GET', '', undefined, headers)).status).toBe(403);
  expect((await ask('PUT', '/chat', { stack, expectedVersion: 0 }, headers)).status).toBe(403);
});

test('a record longer than 8 MB is refused', async () => {
  const entry = { logicalId: 'x'.repeat(8 * 1024 * 1024), type: '', id: '', path: '' };
  const body = { stack: { ...stack, entries: [entry] }, expectedVersion: 0 };
  const answer = await ask('PUT', '/chat', body);
  expect(answer).toEqual({
    status: 400,
    body: { message: 'The request body exceeds 8388608 bytes' },
  });
});
