import { expect, test } from 'vitest';
import { stateReached, useHarness } from './support/harness.ts';

const harness = useHarness();

test('connects at once, with the token in the query', async () => {
  const { client, states } = harness.connect({ token: 'secret' });
  expect(client.state).toBe('connecting');
  const { path, query } = await harness.server.handshakes.next();
  expect(path).toBe('/production');
  expect([...query]).toEqual([['token', 'secret']]);
  expect(await states.next()).toEqual(['open', { previous: 'connecting' }]);
  expect(client.state).toBe('open');
});

test('a token of any characters arrives as it is', async () => {
  const token = 'a+b/c=&?# %ü';
  harness.connect({ token });
  const { query } = await harness.server.handshakes.next();
  expect(query.get('token')).toBe(token);
});

test('without a token the URL is used as it is', async () => {
  harness.connect();
  const { query } = await harness.server.handshakes.next();
  expect(query.size).toBe(0);
});

test('a query in the URL is kept, and the token parameter may have another name', async () => {
  const url = `${harness.server.url}?device=7`;
  harness.connect({ url, token: 'secret', tokenParameter: 'access_token' });
  const { query } = await harness.server.handshakes.next();
  expect([...query]).toEqual([
    ['device', '7'],
    ['access_token', 'secret'],
  ]);
});

test('URL and token may be functions, with or without a promise', async () => {
  const { url } = harness.server;
  harness.connect({ url: () => url, token: async () => 'later' });
  expect((await harness.server.handshakes.next()).query.get('token')).toBe('later');
  harness.connect({ url: async () => url, token: () => 'now' });
  expect((await harness.server.handshakes.next()).query.get('token')).toBe('now');
});

test('token and URL are fetched anew for each attempt', async () => {
  let fetches = 0;
  const { url } = harness.server;
  const { connection, ...watched } = await harness.connectAndOpen({
    url: () => `${url}?n=${fetches}`,
    token: () => `token-${++fetches}`,
  });
  connection.drop();
  await stateReached(watched, 'waiting');
  harness.timers.advance(5_000);
  await stateReached(watched, 'open');
  const first = (await harness.server.handshakes.next()).query;
  const second = (await harness.server.handshakes.next()).query;
  expect([first.get('n'), first.get('token')]).toEqual(['0', 'token-1']);
  expect([second.get('n'), second.get('token')]).toEqual(['1', 'token-2']);
});

test('sub-protocols are offered in order', async () => {
  harness.connect({ protocols: ['chat', 'superchat'] });
  expect((await harness.server.handshakes.next()).protocols).toBe('chat,superchat');
});
