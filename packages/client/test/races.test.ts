import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { stateReached, useHarness } from './support/harness.ts';
import { Queue } from './support/queue.ts';

const harness = useHarness();

/** A real WebSocket class that keeps every socket it made. */
function recordedSockets(): { sockets: WebSocket[]; RecordedWebSocket: typeof WebSocket } {
  const sockets: WebSocket[] = [];
  class RecordedWebSocket extends WebSocket {
    constructor(url: string, protocols?: string | string[]) {
      super(url, protocols);
      sockets.push(this);
    }
  }
  return { sockets, RecordedWebSocket: RecordedWebSocket as typeof WebSocket };
}

function closed(socket: WebSocket | undefined): Promise<void> {
  return new Promise((resolve) => socket?.on('close', () => resolve()));
}

test('close() ends an open connection with 1000, and nothing reconnects', async () => {
  const { client, connection, states } = await harness.connectAndOpen();
  client.close();
  client.close();
  expect(client.state).toBe('closed');
  expect(await connection.closed()).toBe(1000);
  expect(states.drain()).toEqual([['closed', { previous: 'open' }]]);
  expect(harness.timers.pending).toBe(0);
});

test('reconnect() does nothing once closed', async () => {
  const { client, connection } = await harness.connectAndOpen();
  client.close();
  client.reconnect();
  await connection.closed();
  expect(client.state).toBe('closed');
  expect(harness.timers.pending).toBe(0);
  expect(harness.server.handshakeCount).toBe(1);
});

test('close() while the token is fetched opens no socket', async () => {
  const fetches = new Queue<(token: string) => void>();
  const { sockets, RecordedWebSocket } = recordedSockets();
  const { client } = harness.connect({
    token: () => new Promise<string>((resolve) => fetches.push(resolve)),
    WebSocket: RecordedWebSocket,
  });
  const resolveToken = await fetches.next();
  client.close();
  resolveToken('too late');
  await new Promise(setImmediate);
  expect(sockets).toEqual([]);
  expect(client.state).toBe('closed');
  expect(harness.timers.pending).toBe(0);
});

test('a token that fails after close() is nobody’s business', async () => {
  const fetches = new Queue<(error: Error) => void>();
  const { client, errors } = harness.connect({
    token: () => new Promise<string>((_, reject) => fetches.push(reject)),
  });
  const rejectToken = await fetches.next();
  client.close();
  rejectToken(new Error('signed out'));
  await new Promise(setImmediate);
  expect(errors.drain()).toEqual([]);
  expect(client.state).toBe('closed');
});

test('close() during the handshake abandons it', async () => {
  harness.server.script('stall');
  const { sockets, RecordedWebSocket } = recordedSockets();
  const { client, errors } = harness.connect({ WebSocket: RecordedWebSocket });
  await harness.server.handshakes.next();
  client.close();
  await closed(sockets[0]);
  expect(client.state).toBe('closed');
  expect(errors.drain()).toEqual([]);
  expect(harness.timers.pending).toBe(0);
});

test('close() in the same turn as connect() connects nowhere', async () => {
  const { sockets, RecordedWebSocket } = recordedSockets();
  const { client } = harness.connect({ WebSocket: RecordedWebSocket });
  client.close();
  await new Promise(setImmediate);
  expect(sockets).toEqual([]);
});

test('close() while waiting cancels the wait', async () => {
  const { client, connection, ...watched } = await harness.connectAndOpen();
  connection.drop();
  await stateReached(watched, 'waiting');
  client.close();
  expect(harness.timers.pending).toBe(0);
});

test('reconnect() while waiting connects now, and only once', async () => {
  const { client, connection, ...watched } = await harness.connectAndOpen();
  connection.drop();
  await stateReached(watched, 'waiting');
  client.reconnect();
  await stateReached(watched, 'open');
  harness.timers.advance(60_000);
  expect(client.state).toBe('open');
  expect(harness.server.handshakeCount).toBe(2);
});

test('reconnect() while the token is fetched uses only the newer token', async () => {
  const fetches = new Queue<(token: string) => void>();
  const token = () => new Promise<string>((resolve) => fetches.push(resolve));
  const watched = harness.connect({ token });
  const resolveOld = await fetches.next();
  watched.client.reconnect();
  const resolveNew = await fetches.next();
  resolveNew('new');
  resolveOld('old');
  expect(await watched.states.next()).toEqual(['open', { previous: 'connecting' }]);
  const { query } = await harness.server.handshakes.next();
  expect(query.get('token')).toBe('new');
  expect(harness.server.handshakeCount).toBe(1);
});

test('reconnect() during a handshake drops it; its late end is ignored', async () => {
  harness.server.script('stall');
  const { sockets, RecordedWebSocket } = recordedSockets();
  const watched = harness.connect({ WebSocket: RecordedWebSocket });
  await harness.server.handshakes.next();
  watched.client.reconnect();
  await closed(sockets[0]);
  await stateReached(watched, 'open');
  expect(watched.errors.drain()).toEqual([]);
  expect(watched.states.drain()).toEqual([]);
  expect(sockets).toHaveLength(2);
});

test('messages and the close of a replaced connection are ignored', async () => {
  const { sockets, RecordedWebSocket } = recordedSockets();
  const opened = await harness.connectAndOpen({ WebSocket: RecordedWebSocket });
  const { client, connection: old, states } = opened;
  const heard = new Queue<unknown>();
  client.on('note', (message) => heard.push(message));
  let isLateFrameReceived = false;
  sockets[0]!.on('message', () => {
    isLateFrameReceived = true;
  });
  client.reconnect();
  old.push({ type: 'note', from: 'old' });
  await closed(sockets[0]);
  expect(isLateFrameReceived).toBe(true);
  const connection = await harness.server.connections.next();
  await stateReached(opened, 'open');
  connection.push({ type: 'note', from: 'new' });
  expect(await heard.next()).toEqual({ type: 'note', from: 'new' });
  expect(client.state).toBe('open');
  expect(states.drain()).toEqual([]);
});

test('reconnect() twice leaves one connection', async () => {
  const { client, connection, ...watched } = await harness.connectAndOpen();
  client.reconnect();
  client.reconnect();
  expect(await connection.closed()).toBe(1000);
  await stateReached(watched, 'open');
  expect(harness.server.handshakeCount).toBe(2);
});

test('close() from a listener of any change is obeyed', async () => {
  for (const moment of ['open', 'waiting', 'connecting'] as const) {
    const { client, states } = harness.connect();
    client.onStateChange((state) => {
      if (state === moment) client.close();
    });
    const [, connection] = await Promise.all([
      stateReached({ states }, 'open'),
      harness.server.connections.next(),
    ]);
    connection.drop();
    if (moment === 'connecting') {
      await stateReached({ states }, 'waiting');
      harness.timers.advance(5_000);
    }
    await stateReached({ states }, 'closed');
    expect(client.state).toBe('closed');
    expect(harness.timers.pending).toBe(0);
  }
  expect(harness.server.handshakeCount).toBe(3);
});

test('every listener hears the changes in the same order, also those that a listener causes', async () => {
  const { client, states } = harness.connect();
  const heard: string[] = [];
  client.onStateChange((state) => {
    if (state === 'open') client.close();
  });
  client.onStateChange((state) => heard.push(state));
  await stateReached({ states }, 'closed');
  await new Promise(setImmediate);
  expect(heard).toEqual(['open', 'closed']);
});
