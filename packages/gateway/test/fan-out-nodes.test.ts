import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EmbeddedEngine } from '../src/engines/embedded/embedded-engine.ts';
import { FakeClock } from './support/fake-clock.ts';
import { nodeOf } from './support/node-of.ts';
import { type SharedState, sharedStates } from './support/shared-state.ts';
import { startGateway, type TestApi, type TestGateway } from './support/start-gateway.ts';
import { connect } from './support/test-socket.ts';

/** One message to many clients, wherever they are: each node serves its own, and says so or is named. */

const counts = (delivered: number, refused = 0, gone = 0) => ({ delivered, refused, gone });
const idsQuery = (ids: readonly string[]) =>
  `?${ids.map((id) => `connectionId=${encodeURIComponent(id)}`).join('&')}`;

async function open(gateway: TestGateway, { apiId, stage }: TestApi) {
  const socket = await connect(`${gateway.url.replace('http', 'ws')}/${apiId}/${stage}`);
  for (;;) {
    const { kind, connectionId = '' } = await gateway.events.next();
    if (kind === 'connect') return { socket, id: connectionId };
  }
}

/** Messages of a node as AWS counts them, and bytes that were pushed. */
function meteredAt({ gateway }: TestGateway) {
  const { cloudWatch } = gateway.metrics;
  const messages = cloudWatch
    .data()
    .find(({ metricName, dimensions }) => metricName === 'MessageCount' && dimensions.length === 1);
  return { messages: messages?.sum, bytes: gateway.metrics.totals().pushBytes };
}

async function fanOut(gateway: TestGateway, { apiId, stage }: TestApi, body: string, query = '') {
  const url = `${gateway.url}/${apiId}/${stage}/@connections${query}`;
  const reply = await fetch(url, { method: 'POST', body });
  return [reply.status, await reply.json()];
}

describe.each(sharedStates)('three nodes, %s:', (name, share) => {
  let shared: SharedState;
  let nodes: TestGateway[];
  let api: TestApi;
  beforeEach(async () => {
    shared = await share();
    nodes = [];
    for (let count = 0; count < 3; count += 1) {
      nodes.push(await startGateway({ engine: shared.createEngine() }));
    }
    api = await nodes[0]!.createApi({ routes: { $default: { type: 'MOCK' } } });
    for (const { gateway } of nodes) {
      await expect.poll(() => gateway.stages().length).toBe(1);
    }
  });
  afterEach(async () => {
    expect(nodes.flatMap(({ errors }) => errors)).toEqual([]);
    await Promise.all(nodes.map((node) => node.stop()));
    await shared.cleanUp();
  });

  test('whichever is asked, all clients of all nodes have each message once', async () => {
    const clients = [];
    for (const node of [...nodes, ...nodes]) clients.push(await open(node, api));
    for (const [index, node] of nodes.entries()) {
      expect(await fanOut(node, api, `asked ${index}`)).toEqual([200, counts(6)]);
    }
    expect(await fanOut(nodes[0]!, api, 'the end')).toEqual([200, counts(6)]);
    for (const { socket } of clients) {
      const texts: string[] = [];
      while (texts.at(-1) !== 'the end') texts.push(await socket.next());
      expect(texts).toEqual(['asked 0', 'asked 1', 'asked 2', 'the end']);
    }
    // One event where it was asked for, none elsewhere, and nothing is counted twice.
    const seen: object[] = [];
    for (const { events } of nodes.slice(1)) {
      while (events.size > 0) {
        const { kind, status, delivered, refused, gone } = await events.next();
        seen.push({ kind, status, delivered, refused, gone });
      }
    }
    const event = { kind: 'fan-out', status: 200, ...counts(6) };
    expect(seen).toEqual([event, event]);
    const bytes = 6 * 'asked 0'.length;
    expect(nodes.map(meteredAt)).toEqual([
      // Two clients came to each.
      { messages: 2 + 6 + 6, bytes: bytes + 6 * 'the end'.length },
      { messages: 2 + 6, bytes },
      { messages: 2 + 6, bytes },
    ]);
  });

  test('a filter and ids are asked of the nodes that have the connections', async () => {
    const [one, two, three] = nodes as [TestGateway, TestGateway, TestGateway];
    const near = await open(one, api);
    const far = await open(two, api);
    const left = await open(three, api);
    expect(await fanOut(one, api, 'few', '?youngerThanSeconds=60')).toEqual([200, counts(3)]);
    expect(await fanOut(one, api, 'none', '?olderThanSeconds=60')).toEqual([200, counts(0)]);
    left.socket.close();
    await left.socket.closed;
    const all = idsQuery([near.id, far.id, left.id]);
    expect(await fanOut(one, api, 'named', all)).toEqual([200, counts(2, 0, 1)]);
    const query = idsQuery([far.id]);
    expect(await fanOut(one, api, 'far alone', query)).toEqual([200, counts(1)]);
    for (const { socket } of [near, far]) {
      expect([await socket.next(), await socket.next()]).toEqual(['few', 'named']);
    }
    expect(await far.socket.next()).toBe('far alone');
    expect(near.socket.pending).toBe(0);
  });

  test('a node that has ended is not missed, and its connections are gone', async () => {
    const [one, two] = nodes as [TestGateway, TestGateway];
    const near = await open(one, api);
    const far = await open(two, api);
    await two.stop();
    const query = idsQuery([near.id, far.id]);
    await expect.poll(() => fanOut(one, api, 'x', query)).toEqual([200, counts(1, 0, 1)]);
    await expect.poll(() => fanOut(one, api, 'x')).toEqual([200, counts(1)]);
  });

  test.skipIf(name !== 'redis')(
    'without Redis the clients of the node that is asked are served, and the others are named',
    async () => {
      const [one, two] = nodes as [TestGateway, TestGateway];
      const near = await open(one, api);
      const far = await open(two, api);
      await shared.redis!.kill();
      const [status, answer] = await fanOut(one, api, 'hello');
      expect([status, answer]).toEqual([207, { ...counts(1), unreached: expect.any(Array) }]);
      expect((answer as { unreached: string[] }).unreached).toHaveLength(2);
      expect(await near.socket.next()).toBe('hello');
      const query = idsQuery([near.id, far.id]);
      expect(await fanOut(one, api, 'hello', query)).toEqual([
        207,
        { ...counts(1), unreached: [nodeOf(far.id)] },
      ]);
      await shared.redis!.restart();
      await expect.poll(() => fanOut(one, api, 'back')).toEqual([200, counts(2)]);
    },
  );
});

describe('a process that stands still', () => {
  const LOADER = join(import.meta.dirname, 'support', 'typescript-loader.mjs');
  const PROGRAM = join(import.meta.dirname, 'support', 'node-in-folder.ts');
  let folder: string;
  let clock: FakeClock;
  let engine: EmbeddedEngine;
  let one: TestGateway;
  let api: TestApi;
  let child: ChildProcess;
  let childUrl: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
    clock = new FakeClock();
    engine = new EmbeddedEngine({ folder, isShared: true, clock });
    one = await startGateway({ engine });
    api = await one.createApi({ routes: { $default: { type: 'MOCK' } } });
    child = spawn(process.execPath, ['--import', LOADER, PROGRAM, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: child.stdout! })) {
      childUrl = line;
      break;
    }
    await expect
      .poll(() => {
        clock.advance(100);
        return engine.bus.members().length;
      })
      .toBe(2);
  });
  afterEach(async () => {
    expect(one.errors).toEqual([]);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    await one.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('is named, nothing is said to be delivered there, and it delivers once when it goes on', async () => {
    const near = await open(one, api);
    const far = await connect(`${childUrl.replace('http', 'ws')}/${api.apiId}/${api.stage}`);
    expect(await fanOut(one, api, 'to both')).toEqual([200, counts(2)]);
    expect([await near.socket.next(), await far.next()]).toEqual(['to both', 'to both']);
    const [other] = engine.bus.members().filter((node) => node !== engine.bus.self);
    child.kill('SIGSTOP');
    const answer = fanOut(one, api, 'to whom it reaches');
    expect(await near.socket.next()).toBe('to whom it reaches');
    clock.advance(5000);
    expect(await answer).toEqual([207, { ...counts(1), unreached: [other] }]);
    let event = await one.events.next();
    while (event.status !== 207) event = await one.events.next();
    expect(event).toMatchObject({
      kind: 'fan-out',
      rule: 'node-silent',
      reason: `nodes that did not answer: ${other}`,
      ...counts(1),
    });
    // A client that came here, a message to both, one to the near one.
    expect(meteredAt(one)).toEqual({
      messages: 1 + 2 + 1,
      bytes: 2 * 'to both'.length + 'to whom it reaches'.length,
    });
    child.kill('SIGCONT');
    expect(await far.next()).toBe('to whom it reaches');
    expect(await fanOut(one, api, 'to both again')).toEqual([200, counts(2)]);
    expect(await far.next()).toBe('to both again');
  });
});
