import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Queue } from '../support/queue.ts';
import { type RecordingBackend, startBackend } from '../support/recording-backend.ts';
import { startGateway, type TestApi, type TestGateway } from '../support/start-gateway.ts';
import { connect, refusal } from '../support/test-socket.ts';

/** The live trace over HTTP: server-sent events, filtered, and honest about what they leave out. */

let backend: RecordingBackend;
let gateway: TestGateway;
let api: TestApi;
const ends: AbortController[] = [];
beforeEach(async () => {
  backend = await startBackend();
  gateway = await startGateway();
  api = await gateway.createApi({
    routes: { $default: { url: `${backend.url}/message` }, chat: { url: `${backend.url}/chat` } },
  });
});
afterEach(async () => {
  for (const end of ends.splice(0)) end.abort();
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
  await backend.stop();
});

interface Event {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: Record<string, unknown>;
}

/** Resolves once the gateway has said hello, so that nothing happens before somebody looks. */
async function follow(query = '', headers: Record<string, string> = {}): Promise<Queue<Event>> {
  const end = new AbortController();
  ends.push(end);
  const response = await fetch(`${gateway.url}/@api/trace?${query}`, {
    signal: end.signal,
    headers,
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const events = new Queue<Event>();
  void read(response, events).catch(() => {});
  expect((await events.next()).event).toBe('hello');
  return events;
}

async function read(response: Response, events: Queue<Event>): Promise<void> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = blocks.pop()!;
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      const data = field('data');
      if (data === undefined) continue;
      events.push({ event: field('event')!, id: field('id'), data: JSON.parse(data) });
    }
  }
}

describe('a record', () => {
  test('tells a message from its frame to the answer of the backend', async () => {
    const events = await follow('kinds=message');
    const socket = await connect(api.wsUrl);
    socket.send('{"action":"hello"}');
    const { event, id, data } = await events.next();
    expect(event).toBe('record');
    expect(Number(id)).toBe(data.id);
    expect(data).toMatchObject({
      kind: 'message',
      route: '$default',
      status: 200,
      isDetailed: true,
      steps: expect.arrayContaining([
        expect.objectContaining({ name: 'frame', body: '{"action":"hello"}' }),
        expect.objectContaining({ name: 'backend response', status: 200 }),
      ]),
    });
  });

  test('of a refusal has the rule, its sentence and the reason', async () => {
    const events = await follow('failuresOnly=true');
    await refusal(`${gateway.url.replace('http', 'ws')}/nowhere`);
    expect((await events.next()).data).toMatchObject({
      kind: 'connect',
      status: 403,
      rule: 'stage-not-found',
      ruleSays: 'The URL names no deployed stage of any API.',
      reason: expect.any(String),
    });
  });

  test('holds no secret of the handshake', async () => {
    const events = await follow('kinds=connect');
    await connect(`${api.wsUrl}?token=hush`, { headers: { Authorization: 'Bearer hush' } });
    expect(JSON.stringify((await events.next()).data)).not.toContain('hush');
  });
});

describe('the filter', () => {
  test('lets through one route of one connection', async () => {
    const socket = await connect(api.wsUrl);
    const { items } = (await (await fetch(`${gateway.url}/@api/connections`)).json()) as {
      items: { connectionId: string }[];
    };
    const events = await follow(
      `route=chat&connectionId=${encodeURIComponent(items[0]!.connectionId)}`,
    );
    const other = await connect(api.wsUrl);
    other.send('{"action":"chat"}');
    socket.send('{"action":"other"}');
    await gateway.events.next();
    socket.send('{"action":"chat","mine":true}');
    expect(JSON.stringify((await events.next()).data)).toContain('mine');
    expect(events.size).toBe(0);
  });

  test.each(['kinds=nonsense', 'perSecond=0', 'perSecond=1001', 'since=yesterday'])(
    '?%s is a bad request',
    async (query) => {
      expect((await fetch(`${gateway.url}/@api/trace?${query}`)).status).toBe(400);
    },
  );
});

describe('too much', () => {
  test('is left out, and counted', async () => {
    const events = await follow('kinds=message&perSecond=2');
    const socket = await connect(api.wsUrl);
    for (let at = 0; at < 10; at += 1) socket.send('{"action":"chat"}');
    for (let at = 0; at < 11; at += 1) await gateway.events.next();
    expect((await events.next()).event).toBe('record');
    expect((await events.next()).event).toBe('record');
    gateway.clock.advance(1000);
    expect(await events.next()).toMatchObject({ event: 'sampled', data: { leftOut: 8 } });
    socket.send('{"action":"chat"}');
    // What was told is not told again.
    expect((await events.next()).event).toBe('record');
  });
});

describe('coming back', () => {
  test.each(['since', 'Last-Event-ID'])('%s: failures since then come first', async (way) => {
    const before = await follow('failuresOnly=true');
    await refusal(`${gateway.url.replace('http', 'ws')}/first`);
    const { id } = await before.next();
    await refusal(`${gateway.url.replace('http', 'ws')}/second`);
    await before.next();
    const after = await (way === 'since'
      ? follow(`failuresOnly=true&since=${id}`)
      : follow('failuresOnly=true', { 'last-event-id': id! }));
    expect(Number((await after.next()).id)).toBe(Number(id) + 1);
    expect(after.size).toBe(0);
  });
});

test('failures of a moment ago are listed, newest first, also if nobody looked', async () => {
  await refusal(`${gateway.url.replace('http', 'ws')}/first`);
  gateway.clock.advance(1000);
  await refusal(`${gateway.url.replace('http', 'ws')}/second`);
  const list = async (query: string) =>
    (await (await fetch(`${gateway.url}/@api/failures?${query}`)).json()) as {
      items: { id: number; kind: string; rule: string; isDetailed: boolean }[];
    };
  const { items } = await list('kinds=connect');
  expect(items.map(({ rule, isDetailed }) => [rule, isDetailed])).toEqual([
    ['stage-not-found', false],
    ['stage-not-found', false],
  ]);
  expect(items[0]!.id).toBeGreaterThan(items[1]!.id);
  expect((await list('kinds=push')).items).toEqual([]);
  expect((await list('maxResults=1')).items).toEqual([items[0]]);
});

// A hundred of each kind are kept, and a kind more than when the limit was written down.
test('all failures that are kept may be asked for at once, and no more', async () => {
  const statusOf = async (maxResults: number) =>
    (await fetch(`${gateway.url}/@api/failures?maxResults=${maxResults}`)).status;
  expect([await statusOf(8 * 100), await statusOf(8 * 100 + 1)]).toEqual([200, 400]);
});

test('a reader that leaves is forgotten: nobody pays for it any more', async () => {
  await follow();
  expect(gateway.gateway.trace.isWatched).toBe(true);
  for (const end of ends.splice(0)) end.abort();
  while (gateway.gateway.trace.isWatched) await fetch(`${gateway.url}/@health/live`);
});

test('metrics count what happened, in intervals of two seconds', async () => {
  const socket = await connect(api.wsUrl);
  socket.send('{"action":"chat"}');
  await refusal(`${gateway.url.replace('http', 'ws')}/nowhere`);
  for (let at = 0; at < 3; at += 1) await gateway.events.next();
  gateway.clock.advance(2000);
  gateway.clock.advance(2000);
  const { samples, totals } = (await (await fetch(`${gateway.url}/@api/metrics`)).json()) as {
    samples: Record<string, number>[];
    totals: Record<string, number>;
  };
  expect(samples).toHaveLength(2);
  expect(samples[0]).toMatchObject({
    seconds: 2,
    connections: 1,
    connects: 2,
    messages: 1,
    errors: 1,
    throttled: 0,
    latency95: 1,
  });
  expect(samples[1]).toMatchObject({ connections: 1, connects: 0, messages: 0, latency95: 0 });
  expect(totals).toMatchObject({ connects: 2, messages: 1, errors: 1 });
  gateway.clock.advance(400_000);
  const later = (await (await fetch(`${gateway.url}/@api/metrics`)).json()) as { samples: [] };
  expect(later.samples).toHaveLength(150);
});

test('metrics count the connections that a fan-out reached as pushes, and say which those are', async () => {
  const sockets = [await connect(api.wsUrl), await connect(api.wsUrl)];
  const pushed = (path: string) =>
    fetch(`${api.endpoint}/@connections${path}`, { method: 'POST', body: 'hello' });
  const { connectionId } = await gateway.events.next();
  await pushed('');
  await pushed('?address=192.0.2.1');
  await pushed(`/${encodeURIComponent(connectionId!)}`);
  for (const socket of sockets) await socket.next();
  for (let at = 0; at < 4; at += 1) await gateway.events.next();
  gateway.clock.advance(2000);
  const { samples, totals } = (await (await fetch(`${gateway.url}/@api/metrics`)).json()) as {
    samples: Record<string, number>[];
    totals: Record<string, number>;
  };
  const counts = { pushes: 3, fanOuts: 2, fanOutPushes: 2 };
  expect(samples).toMatchObject([counts]);
  expect(totals).toMatchObject(counts);
});
