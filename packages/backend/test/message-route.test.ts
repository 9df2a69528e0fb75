import { expect, test } from 'vitest';
import type { BackendOptions, MessageEvent } from '../src/index.ts';
import { startBackend } from './support/start-backend.ts';

/** A backend that knows `ada` alone, and what its `onMessage` saw. */
async function startWithMessages(options: Partial<BackendOptions> = {}) {
  const seen: MessageEvent[] = [];
  const started = await startBackend({
    authenticate: (token) => (token === 'ada' ? 'ada' : null),
    onMessage: (event) => void seen.push(event),
    ...options,
  });
  const send = async (message: unknown, connectionId = 'A=') => {
    const body = typeof message === 'string' ? message : JSON.stringify(message);
    const request = { method: 'POST', url: '/ws/message', headers: { connectionId }, body };
    const answer = await started.backend.handle(request);
    const text = Buffer.from(answer!.body as Uint8Array).toString();
    return { status: answer!.status, text, headers: answer!.headers };
  };
  return { ...started, seen, send };
}

const heartbeat = { status: 200, text: '{"type":"heartbeat"}' };

test.each([
  [{ action: 'ping', token: 'ada' }],
  [{ action: 'ping' }],
  [{ token: 'ada' }],
  [{ action: 'ping', token: 'expired' }],
])('a known connection sending %j gets a heartbeat back', async (message) => {
  const { seen, send, connect } = await startWithMessages();
  await connect('A=', 'ada');
  expect(await send(message)).toMatchObject(heartbeat);
  expect(seen).toEqual([]);
});

test.each([[{ action: 'ping', token: 'ada' }], [{ token: 'ada' }]])(
  'an unknown connection sending %j is registered again',
  async (message) => {
    const { backend, send } = await startWithMessages();
    expect(await send(message)).toMatchObject(heartbeat);
    expect(await backend.connections()).toEqual([
      { user_id: 'ada', connection_id: 'A=', connected_at: '2026-02-06T10:30:45Z' },
    ]);
  },
);

test.each([[{ action: 'ping', token: 'eve' }], [{ token: 'eve' }]])(
  'an unknown connection sending %j with a bad token is told so',
  async (message) => {
    const { backend, send } = await startWithMessages();
    expect(await send(message)).toMatchObject({
      status: 401,
      text: '{"type":"unauthorized","message":"Unauthorized"}',
    });
    expect(await backend.connections()).toEqual([]);
  },
);

test('an unknown connection that pings without a token is told how to register', async () => {
  const { send } = await startWithMessages();
  const { status, text } = await send({ action: 'ping' });
  expect(status).toBe(401);
  expect(JSON.parse(text)).toMatchObject({ type: 'unregistered' });
});

test('a token beside other members registers, and the message goes on', async () => {
  const { seen, send } = await startWithMessages();
  const message = { action: 'say', token: 'ada', text: 'hi' };
  await send(message);
  expect(seen).toMatchObject([{ userId: 'ada', message }]);
});

test('a message of an unknown connection has no user', async () => {
  const { seen, send } = await startWithMessages();
  await send({ action: 'say' });
  await send({ action: 'say', token: 'eve' });
  expect(seen.map((event) => event.userId)).toEqual([undefined, undefined]);
});

test.each(['', 'plain text', '{"half":', '"ping"', '7', 'null', '[]', '[{"token":"ada"}]'])(
  'the text %j is no heartbeat and arrives whole',
  async (text) => {
    const { seen, send } = await startWithMessages();
    expect((await send(text)).status).toBe(200);
    expect(seen).toMatchObject([{ text }]);
  },
);

test.each([
  [{ token: 7 }],
  [{ action: ['ping'] }],
  [JSON.parse('{"__proto__":{"action":"ping"}}')],
  [{ constructor: { action: 'ping' } }],
])('%j is no heartbeat', async (message) => {
  const { seen, send } = await startWithMessages();
  await send(message);
  expect(seen).toHaveLength(1);
});

test('several registrations of one connection at once make one record', async () => {
  const { backend, send } = await startWithMessages({ oneConnectionPerUser: true });
  await Promise.all(Array.from({ length: 10 }, () => send({ token: 'ada' })));
  expect(await backend.connections()).toHaveLength(1);
});

test('with oneConnectionPerUser a registration replaces the other connection', async () => {
  const { backend, connect, send } = await startWithMessages({ oneConnectionPerUser: true });
  await connect('B=', 'ada');
  await send({ token: 'ada' });
  expect(await backend.connections()).toMatchObject([{ connection_id: 'A=' }]);
});

test.each([
  [undefined, '', undefined],
  [null, '', undefined],
  ['as is', 'as is', 'text/plain; charset=utf-8'],
  [new TextEncoder().encode('bytes'), 'bytes', 'text/plain; charset=utf-8'],
  [{ ok: true }, '{"ok":true}', 'application/json'],
  [false, 'false', 'application/json'],
])('onMessage giving %j replies %j', async (reply, text, type) => {
  const { send } = await startWithMessages({ onMessage: async () => reply });
  const answer = await send('hello');
  expect(answer.text).toBe(text);
  expect(answer.headers['content-type']).toBe(type);
});

test('without onMessage a message is answered with nothing', async () => {
  const { backend } = await startBackend();
  const headers = { connectionId: 'A=' };
  const request = { method: 'POST', url: '/ws/message', headers, body: 'hello' };
  expect(await backend.handle(request)).toMatchObject({ status: 200, body: '' });
});

test('an onMessage that throws answers 500 without its text', async () => {
  const { send } = await startWithMessages({
    onMessage: () => Promise.reject(new Error('secret detail')),
  });
  expect(await send('x')).toMatchObject({
    status: 500,
    text: '{"message":"Internal server error"}',
  });
});

test('tokenName renames the member', async () => {
  const { backend, send } = await startWithMessages({ tokenName: 'jwt' });
  expect(await send({ jwt: 'ada' })).toMatchObject(heartbeat);
  expect(await backend.connections()).toHaveLength(1);
});

test('a body without end is given up', async () => {
  const { backend, seen } = await startWithMessages();
  let isGivenUp = false;
  async function* endless() {
    try {
      for (;;) yield new Uint8Array(65_536);
    } finally {
      isGivenUp = true;
    }
  }
  const headers = { connectionId: 'A=' };
  const request = { method: 'POST', url: '/ws/message', headers, body: endless() };
  expect((await backend.handle(request))?.status).toBe(413);
  expect(isGivenUp).toBe(true);
  expect(seen).toEqual([]);
});

test('bytes that are not UTF-8 become replacement characters', async () => {
  const { backend, seen } = await startWithMessages();
  const body = Uint8Array.of(0x68, 0xff, 0x69);
  const headers = { connectionId: 'A=' };
  await backend.handle({ method: 'POST', url: '/ws/message', headers, body });
  expect(seen).toMatchObject([{ text: 'h\uFFFDi', message: undefined }]);
});
