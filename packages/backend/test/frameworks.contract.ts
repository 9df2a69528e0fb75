/** What every framework's door gives: the guide's section 3.1 and 5.1 over real HTTP. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Backend, createBackend, type MessageEvent } from '../src/index.ts';
import { FakeAmbient } from './support/fake-ambient.ts';
import type { StartApplication } from './support/frameworks.ts';
import { connect, disconnect, message } from './support/gateway-calls.ts';
import {
  gone,
  type ManagementEndpoint,
  startManagementEndpoint,
} from './support/management-endpoint.ts';
import type { Running } from './support/servers.ts';

const ID = 'gbgA_A9XiQAYKEiI6A==';

export function frameworkContract(start: StartApplication): void {
  let management: ManagementEndpoint;
  let backend: Backend;
  let app: Running;
  let ambient: FakeAmbient;
  let messages: MessageEvent[];
  let reply: unknown;

  beforeEach(async () => {
    management = await startManagementEndpoint();
    ambient = new FakeAmbient();
    messages = [];
    reply = undefined;
    backend = createBackend({
      endpoint: management.endpoint,
      authenticate: (token, { headers, query }) => {
        if (token === 'broken') throw new Error('the database is down');
        if (query.as) return query.as;
        if (headers.cookie) return headers.cookie;
        return token?.startsWith('token of ') ? token.slice(9) : null;
      },
      onConnect: ({ request }) =>
        request.headers['sec-websocket-protocol'] ? { subprotocol: 'chat.v1' } : undefined,
      onMessage: (event) => {
        messages.push(event);
        return reply;
      },
      debug: { authorize: ({ headers }) => headers['x-admin'] === 'yes' },
      log: () => {},
      ambient,
    });
    app = await start(backend);
  });

  afterEach(async () => {
    await app.close();
    await backend.close();
    await management.close();
  });

  test('a connect with a good token stores the record of the guide', async () => {
    const response = await connect(app.url, { connectionId: ID, token: 'token of user_xyz' });
    expect(response.status).toBe(200);
    expect(await backend.connections()).toEqual([
      {
        user_id: 'user_xyz',
        connection_id: ID,
        connected_at: '2026-02-06T10:30:45Z',
      },
    ]);
  });

  test('a connect with a bad token is refused with 401 and stores nothing', async () => {
    const response = await connect(app.url, { connectionId: ID, token: 'nonsense' });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ message: 'Unauthorized: the token was not accepted' });
    expect(await backend.connections()).toEqual([]);
  });

  test('a connect without a token is refused with 401 and says that it is missing', async () => {
    const response = await connect(app.url, { connectionId: ID });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ message: 'Unauthorized: no token was given' });
  });

  test.each(['connect', 'disconnect', 'message'])(
    'a %s without the connectionId header answers 400 in the words of the guide',
    async (path) => {
      const response = await fetch(`${app.url}/ws/${path}?token=token%20of%20a`, {
        method: 'POST',
      });
      expect(response.status).toBe(400);
      const body = (await response.json()) as { message: string; hint: string };
      expect(body.message).toBe('connectionId header missing');
      expect(body.hint).toContain('aws apigatewayv2 update-integration');
      expect(body.hint).toContain(
        '{"integration.request.header.connectionId": "context.connectionId"}',
      );
      expect(body.hint).toContain('create-deployment');
    },
  );

  test('authenticate sees the headers and the query string of the handshake', async () => {
    await connect(app.url, { connectionId: 'A1=', headers: { cookie: 'session-1' } });
    await fetch(`${app.url}/ws/connect?as=first&as=last`, {
      method: 'POST',
      headers: { connectionId: 'B2=' },
    });
    const users = (await backend.connections()).map((record) => record.user_id);
    expect(users).toEqual(['session-1', 'last']);
  });

  test('a connect with a content type and no body is accepted', async () => {
    const headers = { 'content-type': 'application/json' };
    const response = await connect(app.url, { connectionId: ID, token: 'token of a', headers });
    expect(response.status).toBe(200);
  });

  test('the sub-protocol chosen by onConnect is answered', async () => {
    const headers = { 'sec-websocket-protocol': 'chat.v1, chat.v0' };
    const response = await connect(app.url, { connectionId: ID, token: 'token of a', headers });
    expect(response.headers.get('sec-websocket-protocol')).toBe('chat.v1');
  });

  test('an error in authenticate answers 500 without its text', async () => {
    const response = await connect(app.url, { connectionId: ID, token: 'broken' });
    expect(response.status).toBe(500);
    expect(await response.text()).toBe('{"message":"Internal server error"}');
  });

  test('a disconnect deletes the record', async () => {
    await connect(app.url, { connectionId: ID, token: 'token of a' });
    const response = await disconnect(app.url, { connectionId: ID });
    expect(response.status).toBe(200);
    expect(await backend.connections()).toEqual([]);
  });

  test('a message reaches onMessage with its user, and the reply goes back', async () => {
    await connect(app.url, { connectionId: ID, token: 'token of a' });
    reply = { type: 'saved', id: 7 };
    const response = await message(app.url, ID, { action: 'save', text: 'hé' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(await response.text()).toBe('{"type":"saved","id":7}');
    expect(messages).toEqual([
      {
        connectionId: ID,
        userId: 'a',
        message: { action: 'save', text: 'hé' },
        text: '{"action":"save","text":"hé"}',
      },
    ]);
  });

  test.each([['text/plain'], ['application/octet-stream'], ['application/vnd.api+json']])(
    'a message of type %s arrives as it was sent',
    async (type) => {
      await message(app.url, ID, 'half a {"json', { 'content-type': type });
      expect(messages).toEqual([
        { connectionId: ID, userId: undefined, message: undefined, text: 'half a {"json' },
      ]);
    },
  );

  test('a message without a content type arrives as it was sent', async () => {
    await message(app.url, ID, new TextEncoder().encode('[1,  2]'), {});
    expect(messages[0]).toMatchObject({ message: [1, 2], text: '[1,  2]' });
  });

  test('a message of 131072 bytes arrives and one of 131073 answers 413', async () => {
    const most = `{"text":"${'x'.repeat(131_061)}"}`;
    expect((await message(app.url, ID, most)).status).toBe(200);
    expect(messages[0]?.text).toHaveLength(131_072);
    expect((await message(app.url, ID, `${most} `, { 'content-type': 'text/plain' })).status).toBe(
      413,
    );
    expect(messages).toHaveLength(1);
  });

  test('a heartbeat is answered and does not reach onMessage', async () => {
    await connect(app.url, { connectionId: ID, token: 'token of a' });
    const response = await message(app.url, ID, { action: 'ping', token: 'token of a' });
    expect(await response.json()).toEqual({ type: 'heartbeat' });
    expect(messages).toEqual([]);
  });

  test('an unknown connection registers again with its token', async () => {
    const response = await message(app.url, ID, { token: 'token of a' });
    expect(await response.json()).toEqual({ type: 'heartbeat' });
    expect(await backend.connections()).toMatchObject([{ user_id: 'a', connection_id: ID }]);
    expect(await backend.pushToUser('a', { type: 'new_content' })).toBe(true);
  });

  test('another method than POST answers 405 and names POST', async () => {
    const response = await fetch(`${app.url}/ws/connect`);
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });

  test('other paths belong to the application, which reads their bodies itself', async () => {
    expect(await (await fetch(`${app.url}/hello`)).text()).toBe('hello');
    const response = await fetch(`${app.url}/echo`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: 'still unread' }),
    });
    expect(await response.text()).toBe('still unread');
  });

  test.each([
    ['GET', '/debug/ws-connections'],
    ['POST', '/debug/ws-push-test/a'],
    ['DELETE', '/debug/ws-connections/stale'],
  ])('%s %s answers 403 to whom authorize refuses', async (method, path) => {
    expect((await fetch(app.url + path, { method })).status).toBe(403);
    expect(management.received).toEqual([]);
  });

  test('the debug endpoints list, push and clean up', async () => {
    const headers = { 'x-admin': 'yes' };
    await connect(app.url, { connectionId: ID, token: 'token of a/b' });
    const list = await fetch(`${app.url}/debug/ws-connections`, { headers });
    expect(await list.json()).toMatchObject({ count: 1, connections: [{ user_id: 'a/b' }] });

    const pushTest = `${app.url}/debug/ws-push-test/a%2Fb`;
    const push = await fetch(pushTest, { method: 'POST', headers });
    expect(await push.json()).toEqual({ user_id: 'a/b', delivered: true });
    expect(management.received.at(-1)?.text).toBe('{"type":"test","message":"Test push"}');

    await fetch(pushTest, { method: 'POST', headers, body: '{"type":"mine"}' });
    expect(management.received.at(-1)?.text).toBe('{"type":"mine"}');

    management.answer = () => gone;
    ambient.move(2000);
    const stale = `${app.url}/debug/ws-connections/stale`;
    const sweep = await fetch(stale, { method: 'DELETE', headers });
    expect(await sweep.json()).toEqual({ removed: 1 });
    expect(await backend.connections()).toEqual([]);
  });
}
