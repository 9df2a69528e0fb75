import { expect, test } from 'vitest';
import { stateReached, useHarness } from './support/harness.ts';
import { Queue } from './support/queue.ts';

const harness = useHarness();

/** Lets a ping that time has set off be sent, so that what is sent next comes after it. */
function pingsSent(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('into silence a ping is sent, with a fresh token, at each check until an answer', async () => {
  let fetches = 0;
  const { connection, client } = await harness.connectAndOpen({ token: () => `t${++fetches}` });
  harness.timers.advance(120_000);
  await pingsSent();
  client.send('not yet');
  expect(await connection.messages.next()).toBe('not yet');
  harness.timers.advance(30_000);
  expect(await connection.messages.next()).toBe('{"action":"ping","token":"t2"}');
  harness.timers.advance(30_000);
  expect(await connection.messages.next()).toBe('{"action":"ping","token":"t3"}');
  const heard = new Queue<unknown>();
  client.on('welcome_back', (message) => heard.push(message));
  connection.push({ type: 'welcome_back' });
  await heard.next();
  harness.timers.advance(120_000);
  await pingsSent();
  client.send('last');
  expect(await connection.messages.next()).toBe('last');
});

test.each([
  ['a heartbeat', '{"type":"heartbeat"}'],
  ['a gateway error', '{"message":"Forbidden","connectionId":"a","requestId":"b"}'],
  ['a frame that is not JSON', 'pong'],
])('%s breaks the silence', async (_, frame) => {
  const { connection, client } = await harness.connectAndOpen({ token: 't' });
  const heard = new Queue<unknown>();
  client.on('*', () => heard.push(true));
  client.onGatewayError(() => heard.push(true));
  client.onRawFrame(() => heard.push(true));
  harness.timers.advance(119_000);
  connection.push(frame);
  await heard.next();
  harness.timers.advance(119_000);
  await pingsSent();
  client.send('nothing before this');
  expect(await connection.messages.next()).toBe('nothing before this');
});

test('without a token the ping is an action alone', async () => {
  const { connection } = await harness.connectAndOpen();
  harness.timers.advance(150_000);
  expect(await connection.messages.next()).toBe('{"action":"ping"}');
});

test('the ping may be anything, also later', async () => {
  const ping = async () => ({ action: 'here', room: 7 });
  const { connection } = await harness.connectAndOpen({ ping });
  harness.timers.advance(150_000);
  expect(await connection.messages.next()).toBe('{"action":"here","room":7}');
});

test('a ping that cannot be made is an error told, and tried again', async () => {
  let isBroken = false;
  const token = () => (isBroken ? Promise.reject(new Error('signed out')) : 't');
  const { connection, errors } = await harness.connectAndOpen({ token });
  isBroken = true;
  harness.timers.advance(150_000);
  expect(await errors.next()).toEqual([new Error('signed out'), 'ping']);
  isBroken = false;
  harness.timers.advance(30_000);
  expect(await connection.messages.next()).toBe('{"action":"ping","token":"t"}');
});

test('a slow token does not pile up pings', async () => {
  const fetches = new Queue<(token: string) => void>();
  const token = () => new Promise<string>((resolve) => fetches.push(resolve));
  const watched = harness.connect({ token });
  (await fetches.next())('first');
  await stateReached(watched, 'open');
  const connection = await harness.server.connections.next();
  harness.timers.advance(300_000);
  const pending = fetches.drain();
  expect(pending).toHaveLength(1);
  pending[0]?.('second');
  expect(await connection.messages.next()).toBe('{"action":"ping","token":"second"}');
});

test('a token that arrives after the connection has gone is not sent on the next one', async () => {
  const fetches = new Queue<(token: string) => void>();
  const token = () => new Promise<string>((resolve) => fetches.push(resolve));
  const watched = harness.connect({ token });
  (await fetches.next())('first');
  await stateReached(watched, 'open');
  harness.timers.advance(150_000);
  const resolvePingToken = await fetches.next();
  watched.client.reconnect();
  (await fetches.next())('second');
  await stateReached(watched, 'open');
  await harness.server.connections.next();
  const connection = await harness.server.connections.next();
  resolvePingToken('stale');
  await pingsSent();
  watched.client.send('only this');
  expect(await connection.messages.next()).toBe('only this');
});

test('there is no watching while there is no connection', async () => {
  const { connection, client, ...watched } = await harness.connectAndOpen();
  expect(harness.timers.pending).toBe(1);
  connection.drop();
  await stateReached(watched, 'waiting');
  expect(harness.timers.pending).toBe(1);
  client.close();
  expect(harness.timers.pending).toBe(0);
});

test('an infinite timeout never pings', async () => {
  const { connection, client } = await harness.connectAndOpen({ silenceTimeoutMs: Infinity });
  harness.timers.advance(24 * 3_600_000);
  await pingsSent();
  client.send('only this');
  expect(await connection.messages.next()).toBe('only this');
});
