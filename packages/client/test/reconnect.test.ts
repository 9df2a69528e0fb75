import { expect, test, vi } from 'vitest';
import { stateReached, useHarness } from './support/harness.ts';

const harness = useHarness();

test('a dropped connection is restored after the first delay', async () => {
  const { connection, states, client } = await harness.connectAndOpen();
  connection.drop();
  expect(await states.next()).toEqual([
    'waiting',
    { previous: 'open', delayMs: 5_000, code: 1006, reason: '' },
  ]);
  harness.timers.advance(4_999);
  expect(client.state).toBe('waiting');
  harness.timers.advance(1);
  expect(await states.next()).toEqual(['connecting', { previous: 'waiting' }]);
  expect(await states.next()).toEqual(['open', { previous: 'connecting' }]);
});

test("the gateway's close code and reason are told", async () => {
  const { connection, states } = await harness.connectAndOpen();
  connection.close(1001, 'Going away');
  const [state, detail] = await states.next();
  expect(state).toBe('waiting');
  expect(detail).toMatchObject({ code: 1001, reason: 'Going away' });
});

test('a normal close by the server is no reason to stay away', async () => {
  const { connection, ...watched } = await harness.connectAndOpen();
  connection.close(1000);
  await stateReached(watched, 'waiting');
  harness.timers.advance(5_000);
  await stateReached(watched, 'open');
});

test('delays double up to a minute while nothing succeeds, and start over on open', async () => {
  const { connection, ...watched } = await harness.connectAndOpen();
  harness.server.script(...Array.from({ length: 5 }, () => ({ refuse: 503 })));
  connection.drop();
  const delays: number[] = [];
  for (let attempt = 0; attempt < 6; attempt += 1) {
    const { delayMs = 0 } = await stateReached(watched, 'waiting');
    delays.push(delayMs);
    harness.timers.advance(delayMs);
  }
  expect(delays).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  await stateReached(watched, 'open');
  await harness.server.connections.next().then((next) => next.drop());
  expect((await stateReached(watched, 'waiting')).delayMs).toBe(5_000);
});

test('jitter shortens the delay by the fraction that chance picks', async () => {
  const options = { jitter: 0.4, random: () => 0.5 };
  const { connection, ...watched } = await harness.connectAndOpen(options);
  connection.drop();
  expect((await stateReached(watched, 'waiting')).delayMs).toBe(4_000);
});

test('a server that is down is tried until it is back', async () => {
  let { url } = harness.server;
  const options = { url: () => url };
  const { connection, errors, ...watched } = await harness.connectAndOpen(options);
  url = 'ws://127.0.0.1:1/production';
  connection.drop();
  harness.timers.advance((await stateReached(watched, 'waiting')).delayMs ?? 0);
  const { delayMs = 0 } = await stateReached(watched, 'waiting');
  expect(delayMs).toBe(10_000);
  expect(await errors.next()).toMatchObject([{ code: 'ECONNREFUSED' }, 'socket']);
  url = harness.server.url;
  harness.timers.advance(delayMs);
  await stateReached(watched, 'open');
});

test('an attempt that is never answered fails after the connect timeout', async () => {
  harness.server.script('stall');
  const watched = harness.connect();
  await harness.server.handshakes.next();
  harness.timers.advance(29_999);
  expect(watched.client.state).toBe('connecting');
  harness.timers.advance(1);
  expect(await watched.states.next()).toMatchObject(['waiting', { code: 1006 }]);
  expect(watched.errors.drain()).toEqual([[new Error('Not connected after 30000 ms'), 'socket']]);
  harness.timers.advance(5_000);
  await stateReached(watched, 'open');
});

test('the connect timeout includes a token that never comes', async () => {
  const watched = harness.connect({ token: () => new Promise<string>(() => {}) });
  harness.timers.advance(30_000);
  expect(await watched.states.next()).toMatchObject(['waiting', { code: 1006 }]);
  expect(harness.server.handshakeCount).toBe(0);
});

test('coming back online ends the wait', async () => {
  const events = new EventTarget();
  const removed: string[] = [];
  vi.stubGlobal('addEventListener', events.addEventListener.bind(events));
  vi.stubGlobal('removeEventListener', (type: string, listener: () => void) => {
    removed.push(type);
    events.removeEventListener(type, listener);
  });
  try {
    const { connection, client, ...watched } = await harness.connectAndOpen();
    events.dispatchEvent(new Event('online'));
    expect(client.state).toBe('open');
    connection.drop();
    await stateReached(watched, 'waiting');
    events.dispatchEvent(new Event('online'));
    expect(client.state).toBe('connecting');
    await stateReached(watched, 'open');
    client.close();
    events.dispatchEvent(new Event('online'));
    expect(client.state).toBe('closed');
    expect(removed).toEqual(['online']);
    expect(harness.server.handshakeCount).toBe(2);
  } finally {
    vi.unstubAllGlobals();
  }
});
