import { afterEach, expect, test, vi } from 'vitest';
import { useHarness } from './support/harness.ts';
import { Queue } from './support/queue.ts';

const harness = useHarness();
afterEach(() => vi.restoreAllMocks());

test('a handler that throws or rejects disturbs nobody, and its error is told', async () => {
  const { client, connection, errors } = await harness.connectAndOpen();
  const heard = new Queue<unknown>();
  client.on('note', () => {
    throw new Error('thrown');
  });
  client.on('note', () => Promise.reject(new Error('rejected')));
  client.on('note', (message) => heard.push(message));
  connection.push({ type: 'note' });
  expect(await heard.next()).toEqual({ type: 'note' });
  expect(await errors.next()).toEqual([new Error('thrown'), 'handler']);
  expect(await errors.next()).toEqual([new Error('rejected'), 'handler']);
  expect(client.state).toBe('open');
});

test('a listener of states that throws does not stop the client from reconnecting', async () => {
  const { client, connection, errors, states } = await harness.connectAndOpen();
  client.onStateChange(() => {
    throw new Error('thrown');
  });
  connection.drop();
  await errors.next();
  harness.timers.advance(5_000);
  while ((await states.next())[0] !== 'open') await errors.next();
});

test('without a listener errors are written to the console', async () => {
  const written = new Queue<unknown>();
  vi.spyOn(console, 'error').mockImplementation((error) => written.push(error));
  const { connect } = await import('../src/index.ts');
  const { WebSocket } = await import('ws');
  harness.server.script({ refuse: 403 });
  const client = connect({ url: harness.server.url, WebSocket, timers: harness.timers });
  expect(await written.next()).toEqual(new Error('Unexpected server response: 403'));
  client.onError(() => {
    throw new Error('even this');
  });
  client.onStateChange(() => {
    throw new Error('thrown');
  });
  client.close();
  expect(await written.next()).toEqual(new Error('even this'));
});
