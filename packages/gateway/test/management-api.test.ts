import { describe, expect, test } from 'vitest';
import type { TestApi } from './support/start-gateway.ts';
import { connect, type TestSocket } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

const UNKNOWN_ID = 'gbgA_A9XiQAYKEiI6A%3D%3D';

let api: TestApi;
const at = useGateway(async ({ backend, gateway }) => {
  api = await gateway.createApi({
    routes: {
      $connect: {
        url: `${backend.url}/connect`,
        requestParameters: { 'integration.request.header.connectionId': 'context.connectionId' },
      },
    },
  });
});

async function open(url = api.wsUrl): Promise<{ socket: TestSocket; id: string }> {
  const socket = await connect(url, { headers: { 'User-Agent': 'test/1' } });
  const { headers } = await at.backend.requests('/connect').next();
  return { socket, id: encodeURIComponent(String(headers.connectionid)) };
}

const call = (
  method: string,
  id: string,
  body?: string | Uint8Array<ArrayBuffer>,
  endpoint = api.endpoint,
) => fetch(`${endpoint}/@connections/${id}`, { method, ...(body !== undefined && { body }) });

describe('POST', () => {
  test('hands the bytes to the client as text and answers 200 with an empty body', async () => {
    const { socket, id } = await open();
    const reply = await call('POST', id, '{"type":"new_content"}');
    expect(reply.status).toBe(200);
    expect(await reply.text()).toBe('');
    expect(reply.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    expect(reply.headers.get('x-amz-apigw-id')).toMatch(/^[\w-]{15}=$/);
    expect(reply.headers.get('x-amzn-trace-id')).toMatch(/^Root=1-/);
    expect(await socket.next()).toBe('{"type":"new_content"}');
  });

  test('bytes that are not UTF-8 arrive as U+FFFD', async () => {
    const { socket, id } = await open();
    await call('POST', id, Buffer.from([0x61, 0xff, 0x62]));
    expect(await socket.next()).toBe('a\ufffdb');
  });

  test('131072 bytes arrive as one message in frames of at most 32768', async () => {
    const { socket, id } = await open();
    expect((await call('POST', id, 'x'.repeat(131_072))).status).toBe(200);
    expect((await socket.next()).length).toBe(131_072);
  });

  test('131073 bytes are refused with 413, no body and no Amazon header', async () => {
    const { socket, id } = await open();
    const reply = await call('POST', id, 'x'.repeat(131_073));
    expect(reply.status).toBe(413);
    expect(await reply.text()).toBe('');
    expect([...reply.headers.keys()].filter((name) => name.startsWith('x-am'))).toEqual([]);
    await call('POST', id, 'after');
    expect(await socket.next()).toBe('after');
  });

  test('an empty body is an empty message', async () => {
    const { socket, id } = await open();
    await call('POST', id, '');
    expect(await socket.next()).toBe('');
  });

  test('pushes of one caller arrive in order', async () => {
    const { socket, id } = await open();
    for (let n = 0; n < 20; n += 1) await call('POST', id, String(n));
    for (let n = 0; n < 20; n += 1) expect(await socket.next()).toBe(String(n));
  });

  test('to a client that does not read is refused with 429 once its queue is full', async () => {
    const { socket, id } = await open();
    socket.socket.pause();
    let reply = await call('POST', id, 'x'.repeat(131_072));
    for (let n = 0; n < 400 && reply.status === 200; n += 1) {
      reply = await call('POST', id, 'x'.repeat(131_072));
    }
    expect(reply.status).toBe(429);
    expect(reply.headers.get('x-amzn-errortype')).toBe('LimitExceededException');
    // Half a minute later it is taken for dead: what waits for it would wait for ever.
    at.gateway.clock.advance(29_000);
    expect((await call('GET', id)).status).toBe(200);
    at.gateway.clock.advance(1000);
    expect((await call('GET', id)).status).toBe(410);
    socket.socket.resume();
    expect(await socket.closed).toEqual({ code: 1008, reason: 'Client reads too slowly' });
  });
});

describe('GET', () => {
  test('describes the connection in the recorded form', async () => {
    const { id } = await open();
    at.gateway.clock.advance(1234);
    await call('POST', id, 'active');
    const reply = await call('GET', id);
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toBe('application/json');
    expect(await reply.text()).toBe(
      [
        '{',
        '  "identity" : {',
        '    "sourceIp" : "127.0.0.1",',
        '    "userAgent" : "test/1"',
        '  },',
        '  "connectedAt" : "2026-09-25T00:02:11.000Z",',
        '  "lastActiveAt" : "2026-09-25T00:02:12.234Z"',
        '}',
      ].join('\n'),
    );
  });

  test('does not count as activity, and a refused push neither', async () => {
    const { id } = await open();
    at.gateway.clock.advance(5000);
    await call('GET', id);
    await call('POST', id, 'x'.repeat(131_073));
    expect(await (await call('GET', id)).text()).toContain('"lastActiveAt" : "2026-09-25T00:02:11');
  });
});

describe('DELETE', () => {
  test('answers 204, and the connection is gone at once', async () => {
    const { socket, id } = await open();
    const reply = await call('DELETE', id);
    expect(reply.status).toBe(204);
    expect((await call('GET', id)).status).toBe(410);
    expect((await socket.closed).code).toBe(1000);
    expect((await call('DELETE', id)).status).toBe(410);
  });
});

describe('what is refused', () => {
  test.each(['POST', 'GET', 'DELETE'])(
    '%s to an unknown connection: 410, empty',
    async (method) => {
      const reply = await call(method, UNKNOWN_ID, method === 'POST' ? 'x' : undefined);
      expect(reply.status).toBe(410);
      expect(reply.headers.get('x-amzn-errortype')).toBe('GoneException');
      expect(reply.headers.get('content-length')).toBe('0');
      expect(await reply.text()).toBe('');
    },
  );

  test('a closed connection: 410', async () => {
    const { socket, id } = await open();
    socket.close();
    await socket.closed;
    expect((await call('POST', id, 'x')).status).toBe(410);
  });

  test('a connection of another API: 410', async () => {
    const other = await at.gateway.createApi({ routes: { $default: {} } });
    const { id } = await open();
    expect((await call('POST', id, 'x', other.endpoint)).status).toBe(410);
  });

  test.each(['AAAA=', 'abc', '%00', 'a'.repeat(200)])('the malformed id %s: 400', async (id) => {
    const reply = await call('GET', id);
    expect(reply.status).toBe(400);
    expect(reply.headers.get('x-amzn-errortype')).toBe('BadRequestException');
    expect(await reply.json()).toEqual({
      message: `Invalid connectionId: ${decodeURIComponent(id)}`,
    });
  });

  test('an unknown stage: 403 Forbidden', async () => {
    const reply = await call('GET', UNKNOWN_ID, undefined, `${at.gateway.url}/nothing`);
    expect(reply.status).toBe(403);
    expect(reply.headers.get('x-amzn-errortype')).toBe('ForbiddenException');
    expect(await reply.json()).toEqual({ message: 'Forbidden' });
  });

  test.each([
    ['PUT', UNKNOWN_ID],
    ['PATCH', UNKNOWN_ID],
    ['GET', ''],
    ['GET', `${UNKNOWN_ID}/more`],
  ])('%s %s: 403 Missing Authentication Token', async (method, id) => {
    const reply = await call(method, id, method === 'GET' ? undefined : 'x');
    expect(reply.status).toBe(403);
    expect(await reply.json()).toEqual({ message: 'Missing Authentication Token' });
  });
});

describe('addresses', () => {
  test('every stage of the API reaches the connection', async () => {
    const base = `/v2/apis/${api.apiId}`;
    await at.gateway.control('POST', `${base}/stages`, { stageName: 'other' });
    await at.gateway.control('POST', `${base}/deployments`, { stageName: 'other' });
    const { socket, id } = await open();
    await call('POST', id, 'via other', `${at.gateway.url}/${api.apiId}/other`);
    expect(await socket.next()).toBe('via other');
  });

  test('/{stage} is enough: the connection names its API, even where two APIs have the stage', async () => {
    await at.gateway.createApi({ routes: { $default: {} } });
    const { socket, id } = await open();
    await call('POST', id, 'short', `${at.gateway.url}/test`);
    expect(await socket.next()).toBe('short');
    expect((await call('POST', UNKNOWN_ID, 'x', `${at.gateway.url}/test`)).status).toBe(410);
  });

  test('an endpoint that ends in a slash works: SDKs then send two', async () => {
    const { socket, id } = await open();
    await call('POST', id, 'slash', `${api.endpoint}/`);
    expect(await socket.next()).toBe('slash');
  });

  test('@ may be encoded, and a trailing slash is tolerated', async () => {
    const { socket, id } = await open();
    await fetch(`${api.endpoint}/%40connections/${id}/`, { method: 'POST', body: 'encoded' });
    expect(await socket.next()).toBe('encoded');
  });
});
