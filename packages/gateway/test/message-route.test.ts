import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { clientFrame, rawConnect } from './support/raw-client.ts';
import { startGateway } from './support/start-gateway.ts';
import { connect } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

const at = useGateway();

const frame = (message: string) =>
  new RegExp(
    `^\\{"message": "${message}", "connectionId":"[\\w-]{18}==", "requestId":"[\\w-]{15}="\\}$`,
  );

describe('which route a message takes', () => {
  const open = async (routes: string[]) => {
    const api = await at.gateway.createApi({
      routes: Object.fromEntries(
        routes.map((key) => [key, { url: `${at.backend.url}/${encodeURIComponent(key)}` }]),
      ),
    });
    return connect(api.wsUrl);
  };
  const arrived = (key: string) => at.backend.requests(`/${encodeURIComponent(key)}`).next();

  test('the one whose key equals the selected value', async () => {
    const socket = await open(['join', '$default']);
    socket.send('{"action":"join"}');
    expect((await arrived('join')).text).toBe('{"action":"join"}');
  });

  test.each([
    ['text that is not JSON', 'hello'],
    ['an empty message', ''],
    ['a value that names no route', '{"action":"other"}'],
    ['a missing value', '{"x":1}'],
    ['JSON that is no object', '[1,2]'],
    ['a number', '42'],
    ['the literal $default', '{"action":"$default"}'],
    ['$connect as a value', '{"action":"$connect"}'],
    ['$disconnect as a value', '{"action":"$disconnect"}'],
    ['a key that differs in case', '{"action":"JOIN"}'],
    ['a prototype-shaped value', '{"action":"__proto__"}'],
    ['a prototype-shaped key', '{"__proto__":{"action":"join"}}'],
  ])('$default for %s', async (_, text) => {
    const socket = await open(['join', '$connect', '$disconnect', '$default']);
    await arrived('$connect');
    socket.send(text);
    expect((await arrived('$default')).text).toBe(text);
    expect(at.backend.requests('/join').size).toBe(0);
  });

  test('none: without $default the client reads Forbidden and nothing is called', async () => {
    const socket = await open(['join']);
    socket.send('{"action":"other"}');
    expect(await socket.next()).toMatch(frame('Forbidden'));
    socket.send('still open');
    expect(await socket.next()).toMatch(frame('Forbidden'));
  });

  test('a route without a target answers Internal server error', async () => {
    const api = await at.gateway.createApi({ routes: { $default: {} } });
    const socket = await connect(api.wsUrl);
    socket.send('x');
    expect(await socket.next()).toMatch(frame('Internal server error'));
  });
});

describe('what the backend receives', () => {
  test('the message byte for byte, gateway headers, and context only where mapped', async () => {
    const api = await at.gateway.createApi({
      routes: {
        $default: {
          url: `${at.backend.url}/message?fixed=1`,
          requestParameters: {
            'integration.request.header.connectionId': 'context.connectionId',
            'integration.request.header.X-Api': "'static value'",
            'integration.request.header.x-room': 'route.request.body.room',
            'integration.request.querystring.stage': 'context.stage',
            'integration.request.header.x-var': 'stageVariables.color',
            'integration.request.header.x-missing': 'route.request.body.nothing',
            'integration.request.header.x-query': 'route.request.querystring.token',
          },
        },
      },
      stageVariables: { color: 'blue' },
    });
    const socket = await connect(`${api.wsUrl}?token=secret`);
    const text = '{ "room" : "é-42",\n "list":[1, 2]}';
    socket.send(text);
    const request = await at.backend.requests('/message').next();
    expect(request.body).toEqual(Buffer.from(text));
    expect(request.method).toBe('POST');
    expect(request.url).toBe('/message?fixed=1&stage=test');
    expect(request.rawHeaders).toContain('connectionId');
    expect(request.headers).toMatchObject({
      connectionid: expect.stringMatching(/^[\w-]{18}==$/),
      'x-api': 'static value',
      'x-room': Buffer.from('é-42').toString('latin1'),
      'x-var': 'blue',
      'user-agent': `AmazonAPIGateway_${api.apiId}`,
      'x-amzn-apigateway-api-id': api.apiId,
      accept: 'application/json',
      'content-type': 'application/json',
      'x-forwarded-for': '127.0.0.1',
    });
    expect(request.headers).not.toHaveProperty('x-missing');
    expect(request.headers).not.toHaveProperty('x-query');
    expect(request.headers).not.toHaveProperty('cookie');
  });

  test('text that is not JSON as text/plain', async () => {
    const api = await at.gateway.createApi({
      routes: { $default: { url: `${at.backend.url}/plain` } },
    });
    const socket = await connect(api.wsUrl);
    socket.send('hello');
    const { headers } = await at.backend.requests('/plain').next();
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  test('nothing of the text where the method is GET', async () => {
    const api = await at.gateway.createApi({
      routes: { $default: { url: `${at.backend.url}/get`, method: 'GET' } },
    });
    const socket = await connect(api.wsUrl);
    socket.send('lost');
    const request = await at.backend.requests('/get').next();
    expect(request.method).toBe('GET');
    expect(request.body.length).toBe(0);
  });

  test('path places filled and encoded, stage variables in the URI', async () => {
    const api = await at.gateway.createApi({
      routes: {
        $default: {
          url: 'http://${stageVariables.host}/rooms/{room}/x',
          requestParameters: { 'integration.request.path.room': 'route.request.body.room' },
        },
      },
      stageVariables: { host: at.backend.url.replace('http://', '') },
    });
    const socket = await connect(api.wsUrl);
    socket.send('{"room":"a/../b c"}');
    await at.backend.requests('/rooms/a%2F..%2Fb%20c/x').next();
    socket.send('{"room":".."}');
    await at.backend.requests('/rooms/%2E%2E/x').next();
  });
});

describe('what the client reads back', () => {
  test('nothing on a one-way route, whatever the backend answers', async () => {
    const api = await at.gateway.createApi({
      routes: { a: { url: `${at.backend.url}/one-way` }, $default: {} },
    });
    at.backend.answer('/one-way', (_, response) => response.writeHead(503).end('ignored'));
    const socket = await connect(api.wsUrl);
    socket.send('{"action":"a"}');
    await at.backend.requests('/one-way').next();
    socket.send('then');
    expect(await socket.next()).toMatch(frame('Internal server error'));
    expect(socket.pending).toBe(0);
  });

  test("the backend's body on a two-way route, whatever its status, also when empty", async () => {
    const api = await at.gateway.createApi({
      routes: { $default: { url: `${at.backend.url}/two-way`, twoWay: true } },
    });
    const bodies = ['{"reply":1}', 'plain', ''];
    at.backend.answer('/two-way', (_, response) => response.writeHead(500).end(bodies.shift()));
    const socket = await connect(api.wsUrl);
    for (const body of [...bodies]) {
      socket.send('x');
      expect(await socket.next()).toBe(body);
    }
  });

  test('Internal server error for a reply one byte too long, the reply at the limit', async () => {
    const api = await at.gateway.createApi({
      routes: { $default: { url: `${at.backend.url}/long`, twoWay: true } },
    });
    let length = 131_072;
    at.backend.answer('/long', (_, response) => response.end('x'.repeat(length)));
    const socket = await connect(api.wsUrl);
    socket.send('x');
    expect((await socket.next()).length).toBe(131_072);
    length += 1;
    socket.send('x');
    expect(await socket.next()).toMatch(frame('Internal server error'));
  });

  test.each([
    ['a backend that is down', 'http://127.0.0.1:9/', 'Internal server error'],
    [
      'a URL whose stage variable is missing',
      'http://${stageVariables.none}/',
      'Internal server error',
    ],
  ])('an error frame for %s, also on a one-way route', async (_, url, message) => {
    const api = await at.gateway.createApi({ routes: { $default: { url } } });
    const socket = await connect(api.wsUrl);
    socket.send('x');
    expect(await socket.next()).toMatch(frame(message));
  });

  test('Endpoint request timed out after timeoutInMillis', async () => {
    const api = await at.gateway.createApi({
      routes: { $default: { url: `${at.backend.url}/slow`, timeoutInMillis: 50 } },
    });
    at.backend.answer('/slow', () => {});
    const socket = await connect(api.wsUrl);
    socket.send('x');
    await at.backend.requests('/slow').next();
    at.gateway.clock.advance(50);
    expect(await socket.next()).toMatch(frame('Endpoint request timed out'));
  });

  test('Internal server error for a backend that answers garbage', async () => {
    const { createServer } = await import('node:net');
    const garbage = createServer((socket) => {
      socket.on('error', () => {});
      socket.end('this is not HTTP\r\n\r\n');
    });
    await new Promise<void>((resolve) => garbage.listen(0, '127.0.0.1', resolve));
    const { port } = garbage.address() as { port: number };
    const api = await at.gateway.createApi({
      routes: { $default: { url: `http://127.0.0.1:${port}/` } },
    });
    const socket = await connect(api.wsUrl);
    socket.send('x');
    expect(await socket.next()).toMatch(frame('Internal server error'));
    garbage.close();
  });

  test('Bad Request where a mapped value would end the header line', async () => {
    const api = await at.gateway.createApi({
      routes: {
        $default: {
          url: `${at.backend.url}/inject`,
          requestParameters: { 'integration.request.header.x-room': 'route.request.body.room' },
        },
      },
    });
    const socket = await connect(api.wsUrl);
    socket.send(JSON.stringify({ room: 'a\r\nX-Admin: yes' }));
    expect(await socket.next()).toMatch(frame('Bad Request'));
    expect(at.backend.requests('/inject').size).toBe(0);
  });
});

test('messages of one connection are processed side by side', async () => {
  const api = await at.gateway.createApi({
    routes: { $default: { url: `${at.backend.url}/parallel`, twoWay: true } },
  });
  const held: (() => void)[] = [];
  at.backend.answer('/parallel', (request, response) => {
    held.push(() => response.end(request.text));
  });
  const socket = await connect(api.wsUrl);
  socket.send('first');
  socket.send('second');
  await at.backend.requests('/parallel').next();
  await at.backend.requests('/parallel').next();
  held[1]?.();
  expect(await socket.next()).toBe('second');
  held[0]?.();
  expect(await socket.next()).toBe('first');
});

test('open connections follow a new deployment; edits alone change nothing', async () => {
  const api = await at.gateway.createApi({
    routes: { $default: { url: `${at.backend.url}/old` } },
  });
  const socket = await connect(api.wsUrl);
  await at.gateway.control(
    'PATCH',
    `/v2/apis/${api.apiId}/integrations/${api.integrations.$default}`,
    { integrationUri: `${at.backend.url}/new` },
  );
  socket.send('before');
  expect((await at.backend.requests('/old').next()).text).toBe('before');
  await api.deploy();
  socket.send('after');
  expect((await at.backend.requests('/new').next()).text).toBe('after');
});

test('stage variables are in force without a deployment', async () => {
  const api = await at.gateway.createApi({
    routes: {
      $default: {
        url: `${at.backend.url}/variable`,
        requestParameters: { 'integration.request.header.color': 'stageVariables.color' },
      },
    },
    stageVariables: { color: 'blue' },
  });
  const socket = await connect(api.wsUrl);
  await at.gateway.control('PATCH', `/v2/apis/${api.apiId}/stages/test`, {
    stageVariables: { color: 'red' },
  });
  socket.send('x');
  expect((await at.backend.requests('/variable').next()).headers.color).toBe('red');
});

describe.each([
  ['without compression', {}, []],
  [
    'with compression',
    { 'postern:permessageDeflate': 'true' },
    ['Sec-WebSocket-Extensions: permessage-deflate'],
  ],
])('beyond the messages in flight, %s', (_, tags, headers) => {
  const sent = Array.from({ length: 20 }, (_, index) => `message ${index}`);
  const inOneRead = Buffer.concat(sent.map((text) => clientFrame(text)));

  /** A client that may have two messages in flight, and a backend that holds its answers. */
  const open = async () => {
    await at.gateway.stop();
    at.gateway = await startGateway({ settings: { messagesInFlightMax: 2 } });
    const routes = {
      $default: { url: `${at.backend.url}/busy` },
      $disconnect: { url: `${at.backend.url}/left` },
      look: { url: `${at.backend.url}/look` },
    };
    const api = await at.gateway.createApi({ routes, tags });
    const held: (() => void)[] = [];
    at.backend.answer('/busy', (_, response) => held.push(() => response.end()));
    const received: string[] = [];
    const take = async () => received.push((await at.backend.requests('/busy').next()).text);
    const takeAll = async () => {
      while (received.length < sent.length) {
        await take();
        held.shift()?.();
      }
    };
    return { api, client: await rawConnect(api.wsUrl, headers), received, take, takeAll, held };
  };

  test('the rest waits, and none is lost', async () => {
    const { api, client, received, take, takeAll, held } = await open();
    client.socket.write(inOneRead);
    await take();
    await take();
    const other = await connect(api.wsUrl);
    other.send('{"action":"look"}');
    await at.backend.requests('/look').next();
    expect(at.backend.requests('/busy').size).toBe(0);
    for (const release of held.splice(0)) release();
    await takeAll();
    expect(received.toSorted()).toEqual(sent.toSorted());
    client.socket.destroy();
  });

  test.each([
    [
      'a close frame',
      (socket: Socket) => socket.write(clientFrame(Buffer.of(3, 232), { opcode: 8 })),
    ],
    ['the end of its side', (socket: Socket) => socket.end()],
  ])('none is lost before %s', async (_, leave) => {
    const { client, received, takeAll } = await open();
    client.socket.write(inOneRead);
    leave(client.socket);
    await takeAll();
    expect(received.toSorted()).toEqual(sent.toSorted());
    await at.backend.requests('/left').next();
    client.socket.destroy();
  });
});
