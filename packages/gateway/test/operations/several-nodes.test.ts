import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EmbeddedEngine } from '../../src/engines/embedded/embedded-engine.ts';
import { startGateway, type TestApi, type TestGateway } from '../support/start-gateway.ts';
import { connect } from '../support/test-socket.ts';

/** Two nodes over one folder: whichever is asked answers for both. */

let folder: string;
let one: TestGateway;
let other: TestGateway;
let api: TestApi;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
  const engine = () => new EmbeddedEngine({ folder, isShared: true });
  one = await startGateway({ engine: engine() });
  other = await startGateway({ engine: engine() });
  api = await one.createApi({ routes: { $default: { type: 'MOCK' } } });
  await expect.poll(() => other.gateway.stages().length).toBe(one.gateway.stages().length);
});
afterEach(async () => {
  expect([...one.errors, ...other.errors]).toEqual([]);
  await Promise.all([one.stop(), other.stop()]);
  await rm(folder, { recursive: true, force: true });
});

async function call(gateway: TestGateway, method: string, path: string, body?: string) {
  const reply = await fetch(`${gateway.url}/@api${path}`, {
    method,
    ...(body !== undefined && { body }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: each operation answers something else
  return { status: reply.status, answer: (await reply.json()) as any };
}

const open = (gateway: TestGateway, name: string) =>
  connect(`${gateway.url.replace('http', 'ws')}/${api.apiId}/test`, {
    headers: { 'User-Agent': name },
  });

test('connections of all nodes are listed, counted and paged together', async () => {
  for (const name of ['a', 'b', 'c']) {
    await open(name === 'b' ? other : one, name);
    one.clock.advance(1000);
    other.clock.advance(1000);
  }
  const { answer } = await call(one, 'GET', '/connections');
  const agents = (page: { items: { userAgent: string }[] }) =>
    page.items.map(({ userAgent }) => userAgent);
  expect([agents(answer), answer.total, answer.open]).toEqual([['c', 'b', 'a'], 3, 3]);
  expect(new Set(answer.items.map(({ node }: { node: string }) => node)).size).toBe(2);
  const first = (await call(other, 'GET', '/connections?maxResults=2')).answer;
  const rest = await call(one, 'GET', `/connections?maxResults=2&nextToken=${first.nextToken}`);
  expect([agents(first), agents(rest.answer)]).toEqual([['c', 'b'], ['a']]);
  expect((await call(one, 'GET', '/connection-count')).answer).toMatchObject({
    total: 3,
    stages: [{ stage: 'test', count: 3 }],
  });
});

test('a connection of another node is looked at, written to and closed as one of this', async () => {
  const socket = await open(other, 'far');
  const [{ connectionId }] = (await call(one, 'GET', '/connections')).answer.items;
  const path = `/connections/${encodeURIComponent(connectionId)}`;
  expect((await call(one, 'GET', path)).answer).toMatchObject({ userAgent: 'far' });
  expect((await call(one, 'POST', `${path}/messages`, 'hello')).status).toBe(200);
  expect(await socket.next()).toBe('hello');
  expect((await call(one, 'DELETE', path)).status).toBe(200);
  expect((await socket.closed).code).toBe(1000);
  const { status, answer } = await call(one, 'GET', path);
  expect([status, answer.message]).toEqual([410, 'There is no such connection (any more)']);
});

test('nodes, metrics and failures are those of all', async () => {
  await open(one, 'near');
  await open(other, 'far');
  await connect(`${other.url.replace('http', 'ws')}/nowhere`).catch(() => {});
  const nodes = (await call(one, 'GET', '/nodes')).answer.items;
  expect(nodes.map(({ connections }: { connections: number }) => connections)).toEqual([1, 1]);
  expect((await call(one, 'GET', '/metrics')).answer.totals).toMatchObject({
    connects: 3,
    errors: 1,
  });
  expect((await call(one, 'GET', '/failures')).answer.items).toMatchObject([
    { rule: 'stage-not-found', node: expect.not.stringMatching(`^${nodes[0].node}$`) },
  ]);
});

test('the trace of one node tells what happens on the other, and stops when nobody follows', async () => {
  const end = new AbortController();
  const response = await fetch(`${one.url}/@api/trace?kinds=connect`, { signal: end.signal });
  await expect.poll(() => other.gateway.trace.isWatched).toBe(true);
  await open(other, 'far');
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk);
    if (text.includes('event: record')) break;
  }
  const [{ node }] = (await call(other, 'GET', '/nodes')).answer.items;
  expect(JSON.parse(/event: record\ndata: (.*)/.exec(text)![1]!)).toMatchObject({
    kind: 'connect',
    status: 200,
    node,
  });
  end.abort();
  await expect.poll(() => other.gateway.trace.isWatched).toBe(false);
});

test('a follower that died is told nothing any more', async () => {
  await fetch(`${one.url}/@api/trace`);
  await expect.poll(() => other.gateway.trace.isWatched).toBe(true);
  // The follower's clock stands still: it does not ask again.
  other.clock.advance(15_000);
  expect(other.gateway.trace.isWatched).toBe(false);
});

test('a bad request is refused as by one node', async () => {
  expect((await call(one, 'GET', '/connections?maxResults=0')).status).toBe(400);
});
