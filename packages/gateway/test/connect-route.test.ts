import { expect, test } from 'vitest';
import type { TestApi } from './support/start-gateway.ts';
import { connect, refusal } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

const at = useGateway();

const withConnect = (route: Record<string, unknown> = {}): Promise<TestApi> =>
  at.gateway.createApi({ routes: { $connect: { url: `${at.backend.url}/connect`, ...route } } });

test('the 101 carries date, connection, upgrade and accept, and no other header', async () => {
  const api = await withConnect();
  const socket = await connect(api.wsUrl);
  expect(Object.keys(socket.headers)).toEqual([
    'date',
    'connection',
    'upgrade',
    'sec-websocket-accept',
  ]);
});

test('the upgrade is held until $connect has answered', async () => {
  const api = await withConnect();
  let release = () => {};
  at.backend.answer('/connect', (_, response) => {
    release = () => response.end();
  });
  let isOpen = false;
  const opening = connect(api.wsUrl).then((socket) => {
    isOpen = true;
    return socket;
  });
  await at.backend.requests('/connect').next();
  expect(isOpen).toBe(false);
  release();
  await opening;
  at.backend.answer('/connect', (_, response) => response.end());
});

test('$connect receives method, query, headers and an empty body, and only mapped context', async () => {
  const api = await withConnect({
    requestParameters: { 'integration.request.header.connectionId': 'context.connectionId' },
  });
  await connect(`${api.wsUrl}?token=a%20b&x=1`, {
    headers: { Cookie: 'c=1', Origin: 'https://app.example', 'X-Custom': 'yes' },
  });
  const request = await at.backend.requests('/connect').next();
  expect(request.method).toBe('POST');
  expect(request.url).toBe('/connect?token=a%20b&x=1');
  expect(request.body.length).toBe(0);
  const sent = new Map<string, string>();
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    sent.set(request.rawHeaders[at]!, request.rawHeaders[at + 1]!);
  }
  expect(sent.get('connectionId')).toMatch(/^[\w-]{18}==$/);
  expect(Object.fromEntries(sent)).toMatchObject({
    Cookie: 'c=1',
    Origin: 'https://app.example',
    'X-Custom': 'yes',
    'Sec-WebSocket-Version': '13',
    'User-Agent': `AmazonAPIGateway_${api.apiId}`,
    'X-Amzn-Apigateway-Api-Id': api.apiId,
    'X-Forwarded-For': '127.0.0.1',
    'X-Forwarded-Port': '443',
    'X-Forwarded-Proto': 'https',
    'content-length': '0',
  });
  expect(sent.get('X-Amzn-Trace-Id')).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
  expect(request.headers.host).toBe(`127.0.0.1:${at.backend.port}`);
  expect(request.headers.upgrade).toBeUndefined();
  expect(request.headers.connection).not.toMatch(/upgrade/i);
});

test("the client's own User-Agent and X-Forwarded-For reach $connect", async () => {
  const api = await withConnect();
  await connect(api.wsUrl, {
    headers: { 'User-Agent': 'device/1', 'X-Forwarded-For': '203.0.113.7' },
  });
  const { headers } = await at.backend.requests('/connect').next();
  expect(headers['user-agent']).toBe('device/1');
  expect(headers['x-forwarded-for']).toBe('203.0.113.7, 127.0.0.1');
});

test('the last address of X-Forwarded-For is never the client’s to choose', async () => {
  const api = await withConnect();
  await connect(api.wsUrl, { headers: { 'X-Forwarded-For': '127.0.0.1, 6.6.6.6' } });
  const { headers } = await at.backend.requests('/connect').next();
  expect(headers['x-forwarded-for']).toBe('127.0.0.1, 6.6.6.6, 127.0.0.1');
});

test('a bearer token is passed on, a SigV4 signature is not', async () => {
  const api = await withConnect();
  await connect(api.wsUrl, { headers: { Authorization: 'Bearer t' } });
  expect((await at.backend.requests('/connect').next()).headers.authorization).toBe('Bearer t');
  await connect(api.wsUrl, { headers: { Authorization: 'AWS4-HMAC-SHA256 Credential=x' } });
  expect((await at.backend.requests('/connect').next()).headers.authorization).toBeUndefined();
});

test("a refusal carries the backend's status, body and content type", async () => {
  const api = await withConnect({ url: `${at.backend.url}/refuse` });
  at.backend.answer('/refuse', (_, response) => {
    response.writeHead(401, { 'content-type': 'application/json', 'set-cookie': 'a=1' });
    response.end('{"error":"bad token"}');
  });
  const refused = await refusal(`${api.wsUrl}?token=wrong`);
  expect(refused.status).toBe(401);
  expect(refused.body).toBe('{"error":"bad token"}');
  expect(refused.headers['content-type']).toBe('application/json');
  expect(refused.headers['x-amz-apigw-id']).toMatch(/^[\w-]{15}=$/);
  expect(refused.headers['set-cookie']).toBeUndefined();
  expect(at.gateway.gateway.stages()).toHaveLength(1);
});

test('a redirect is not followed: the handshake is refused with it', async () => {
  const api = await withConnect({ url: `${at.backend.url}/redirect` });
  at.backend.answer('/redirect', (_, response) => {
    response.writeHead(302, { location: '/connect' }).end();
  });
  expect((await refusal(api.wsUrl)).status).toBe(302);
  expect(at.backend.requests('/connect').size).toBe(0);
});

test('a refused handshake is followed by no $disconnect', async () => {
  const api = await at.gateway.createApi({
    routes: {
      $connect: { url: `${at.backend.url}/no` },
      $disconnect: { url: `${at.backend.url}/gone` },
    },
  });
  at.backend.answer('/no', (_, response) => response.writeHead(403).end());
  await refusal(api.wsUrl);
  await at.gateway.stop();
  expect(at.backend.requests('/gone').size).toBe(0);
});

test('without a $connect route everyone may come in', async () => {
  const api = await at.gateway.createApi({ routes: { $default: { url: at.backend.url } } });
  await connect(api.wsUrl);
});

test('a $connect route without a target lets everyone in', async () => {
  const api = await at.gateway.createApi({ routes: { $connect: {} } });
  await connect(api.wsUrl);
});

const threeKeys = (message: string) =>
  new RegExp(
    `^\\{"message": "${message}", "connectionId":"[\\w-]{18}==", "requestId":"[\\w-]{15}="\\}$`,
  );

test('a backend that is down refuses with 500 and no stack trace', async () => {
  const api = await withConnect({ url: 'http://127.0.0.1:9/connect' });
  const refused = await refusal(api.wsUrl);
  expect(refused.status).toBe(500);
  expect(refused.body).toMatch(threeKeys('Internal server error'));
});

test('a backend whose name does not exist refuses with 500', async () => {
  const api = await withConnect({ url: 'http://backend.invalid/connect' });
  expect((await refusal(api.wsUrl)).status).toBe(500);
});

test('a backend slower than timeoutInMillis refuses with 504', async () => {
  const api = await withConnect({ url: `${at.backend.url}/slow`, timeoutInMillis: 29_000 });
  at.backend.answer('/slow', () => {});
  const refused = refusal(api.wsUrl);
  await at.backend.requests('/slow').next();
  at.gateway.clock.advance(28_999);
  at.gateway.clock.advance(1);
  expect((await refused).status).toBe(504);
  expect((await refused).body).toMatch(threeKeys('Endpoint request timed out'));
});

test('a backend that does not speak TLS where https is configured refuses with 504', async () => {
  const api = await withConnect({ url: `https://127.0.0.1:${at.backend.port}/connect` });
  const refused = await refusal(api.wsUrl);
  expect(refused.status).toBe(504);
  expect(refused.body).toMatch(threeKeys('Network error communicating with endpoint'));
});

test('required request parameters that are missing refuse with 400 without a call', async () => {
  const api = await withConnect({
    url: `${at.backend.url}/required`,
    required: { 'route.request.querystring.token': { required: true } },
  });
  const refused = await refusal(api.wsUrl);
  expect(refused.status).toBe(400);
  expect(refused.body).toMatch(/Missing required request parameters: \[token\]/);
  expect(at.backend.requests('/required').size).toBe(0);
  await connect(`${api.wsUrl}?token=x`);
});

test("the sub-protocol is the backend's choice, even one the client did not offer", async () => {
  const api = await withConnect({ url: `${at.backend.url}/protocol` });
  at.backend.answer('/protocol', (request, response) => {
    expect(request.headers['sec-websocket-protocol']).toBe('chat,news');
    response.setHeader('Sec-WebSocket-Protocol', 'news').end();
  });
  const socket = await connect(api.wsUrl, { protocols: ['chat', 'news'] });
  expect(socket.socket.protocol).toBe('news');
  expect(socket.headers['sec-websocket-protocol']).toBe('news');
});

test('a client that asked for a sub-protocol and gets none ends the connection itself', async () => {
  const api = await withConnect();
  await expect(connect(api.wsUrl, { protocols: ['chat'] })).rejects.toThrow(
    'Server sent no subprotocol',
  );
});

test('headers and cookies that $connect answers do not reach the client', async () => {
  const api = await withConnect({ url: `${at.backend.url}/cookie` });
  at.backend.answer('/cookie', (_, response) =>
    response.setHeader('set-cookie', 'a=1').end('body'),
  );
  const socket = await connect(api.wsUrl);
  expect(socket.headers['set-cookie']).toBeUndefined();
});

test('pushing to a connection that is still in $connect answers 410', async () => {
  const api = await withConnect({
    url: `${at.backend.url}/early`,
    requestParameters: { 'integration.request.header.connectionId': 'context.connectionId' },
  });
  at.backend.answer('/early', async (request, response) => {
    const id = encodeURIComponent(String(request.headers.connectionid));
    const push = await fetch(`${api.endpoint}/@connections/${id}`, { method: 'POST', body: 'x' });
    response.writeHead(push.status === 410 ? 200 : 500).end();
  });
  await connect(api.wsUrl);
});

test('a client that leaves during an accepted $connect is reported by $disconnect with 1006', async () => {
  const api = await at.gateway.createApi({
    routes: {
      $connect: { url: `${at.backend.url}/held` },
      $disconnect: {
        url: `${at.backend.url}/left`,
        requestParameters: {
          'integration.request.header.code': 'context.disconnectStatusCode',
        },
      },
    },
  });
  let release = () => {};
  at.backend.answer('/held', (_, response) => {
    release = () => response.end();
  });
  const { WebSocket } = await import('ws');
  const socket = new WebSocket(api.wsUrl);
  socket.on('error', () => {});
  await at.backend.requests('/held').next();
  socket.terminate();
  release();
  expect((await at.backend.requests('/left').next()).headers.code).toBe('1006');
});
