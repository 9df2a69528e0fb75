import { expect, test } from 'vitest';
import { stateReached, useHarness } from './support/harness.ts';

const harness = useHarness();

test('a value is sent as JSON and a string as it is', async () => {
  const { client, connection } = await harness.connectAndOpen();
  expect(client.send({ action: 'read', id: 7 })).toBe(true);
  expect(client.send('plain')).toBe(true);
  expect(await connection.messages.next()).toBe('{"action":"read","id":7}');
  expect(await connection.messages.next()).toBe('plain');
});

test('nothing is sent, and false answered, before opening, while waiting and after close', async () => {
  const watched = harness.connect();
  const { client } = watched;
  expect(client.send('too early')).toBe(false);
  await stateReached(watched, 'open');
  const connection = await harness.server.connections.next();
  connection.drop();
  await stateReached(watched, 'waiting');
  expect(client.send('too late')).toBe(false);
  client.close();
  expect(client.send('never')).toBe(false);
  expect(connection.messages.drain()).toEqual([]);
});

test('a message without a JSON form is a TypeError, open or not', async () => {
  const watched = harness.connect();
  expect(() => watched.client.send(undefined)).toThrow(TypeError);
  await stateReached(watched, 'open');
  expect(() => watched.client.send(() => 1)).toThrow('The message has no JSON form');
});
