import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { TestApi } from './support/start-gateway.ts';
import { connect, type TestSocket } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';
import { type Answer, Wire } from './support/wire.ts';

/**
 * Pushes of the usual shape never meet node:http; everything else does. Nobody must be able to tell.
 */
let api: TestApi;
let socket: TestSocket;
let id: string;
const at = useGateway(async ({ backend, gateway }) => {
  api = await gateway.createApi({
    routes: {
      $connect: {
        url: `${backend.url}/connect`,
        requestParameters: { 'integration.request.header.connectionId': 'context.connectionId' },
      },
    },
  });
  socket = await connect(api.wsUrl);
  id = encodeURIComponent(String((await backend.requests('/connect').next()).headers.connectionid));
});

const push = (path: string, body = 'hello', lines: readonly string[] = []) =>
  [
    `POST ${new URL(api.endpoint).pathname}${path} HTTP/1.1`,
    `Host: ${new URL(at.gateway.url).host}`,
    ...lines,
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');

const VARYING = ['date', 'x-amzn-requestid', 'x-amz-apigw-id', 'x-amzn-trace-id'];

function comparable({ status, headers, body }: Answer) {
  return {
    status,
    body,
    headers: [...headers].map(([name, value]) => [name, VARYING.includes(name) ? '' : value]),
  };
}

describe('in the lane and outside of it, the answer is the same', () => {
  test.each([
    ['a push', () => push(`/@connections/${id}`)],
    ['a push of nothing', () => push(`/@connections/${id}`, '')],
    ['to a connection that never was', () => push('/@connections/gbgA_A9XiQAYKEiI6A%3D%3D')],
    ['to what is no connection id', () => push('/@connections/AAAA%3D')],
    ['to no connection', () => push('/@connections/')],
    ['to something below a connection', () => push(`/@connections/${id}/more`)],
    ['to an unknown stage', () => push(`x/@connections/${id}`)],
    ['with %40', () => push(`/%40connections/${id}`)],
    ['with two slashes', () => push(`//@connections/${id}`)],
    ['with an escape that is none', () => push('/@connections/%zz')],
    ['to all', () => push('/@connections')],
    ['to all, with %40', () => push('/%40connections')],
    ['to those that a query selects', () => push('/@connections?address=127.0.0.1')],
    ['to none of them', () => push('/@connections?userAgent=nobody')],
    ['to one by its id', () => push(`/@connections?connectionId=${id}`)],
    ['with a query that selects nothing', () => push('/@connections?principle=ada')],
    ['with an escape in the query that is none', () => push('/@connections?principal=%zz')],
    ['to all of an unknown stage', () => push('x/@connections')],
  ])('%s', async (_, request) => {
    const inLane = new Wire(at.gateway.port);
    inLane.socket.write(request());
    const outside = new Wire(at.gateway.port);
    await outside.leaveTheLane();
    outside.socket.write(request());
    expect(comparable(await inLane.answer())).toEqual(comparable(await outside.answer()));
    inLane.socket.destroy();
    outside.socket.destroy();
  });
});

describe('a connection', () => {
  test('carries push after push, each answered in turn', async () => {
    const wire = new Wire(at.gateway.port);
    for (const body of ['one', 'two', 'three']) {
      wire.socket.write(push(`/@connections/${id}`, body));
      expect((await wire.answer()).status).toBe('HTTP/1.1 200 OK');
      expect(await socket.next()).toBe(body);
    }
    wire.socket.destroy();
  });

  test('gets an id with each answer: a UUID of version 4, in each of its variants', async () => {
    const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    const wire = new Wire(at.gateway.port);
    const variants = new Set<string | undefined>();
    while (variants.size < 4) {
      wire.socket.write(push(`/@connections/${id}`));
      const { headers } = await wire.answer();
      const given = headers.get('x-amzn-requestid');
      expect(given).toMatch(form);
      variants.add(given?.[19]);
      await socket.next();
    }
    wire.socket.destroy();
  });

  test('and is served alike when its pushes have come often enough to be known', async () => {
    const wire = new Wire(at.gateway.port);
    const first = push(`/@connections/${id}`, 'message 100');
    wire.socket.write(first);
    const { headers } = await wire.answer();
    await socket.next();
    for (let number = 101; number < 200; number += 1) {
      wire.socket.write(first.replace('100', String(number)));
      const answer = await wire.answer();
      expect(answer.status).toBe('HTTP/1.1 200 OK');
      expect([...answer.headers.keys()]).toEqual([...headers.keys()]);
      expect(await socket.next()).toBe(`message ${number}`);
    }
    wire.socket.write(first.replace(id, 'gbgA_A9XiQAYKEiI6A%3D%3D'));
    expect((await wire.answer()).status).toBe('HTTP/1.1 410 Gone');
    wire.socket.destroy();
  });

  test('may send several at once: each is delivered, in order', async () => {
    const wire = new Wire(at.gateway.port);
    const bodies = Array.from({ length: 20 }, (_, index) => `message ${index}`);
    wire.socket.write(bodies.map((body) => push(`/@connections/${id}`, body)).join(''));
    for (const body of bodies) {
      expect((await wire.answer()).status).toBe('HTTP/1.1 200 OK');
      expect(await socket.next()).toBe(body);
    }
    wire.socket.destroy();
  });

  test('goes on with whatever else comes, in the middle of what was received', async () => {
    const wire = new Wire(at.gateway.port);
    const unusual = push(`/@connections/${id}`, 'two', ['Expect: 100-continue']);
    wire.socket.write(push(`/@connections/${id}`, 'one') + unusual);
    expect((await wire.answer()).status).toBe('HTTP/1.1 200 OK');
    expect((await wire.answer()).status).toBe('HTTP/1.1 100 Continue');
    expect((await wire.answer()).status).toBe('HTTP/1.1 200 OK');
    expect([await socket.next(), await socket.next()]).toEqual(['one', 'two']);
    wire.socket.write(push(`/@connections/${id}`, 'three'));
    expect((await wire.answer()).status).toBe('HTTP/1.1 200 OK');
    expect(await socket.next()).toBe('three');
    wire.socket.destroy();
  });

  test('whose request comes in pieces is served', async () => {
    const wire = new Wire(at.gateway.port);
    const request = push(`/@connections/${id}`);
    for (const piece of [request.slice(0, 30), request.slice(30, -2), request.slice(-2)]) {
      await new Promise((resolve) => wire.socket.write(piece, resolve));
    }
    expect((await wire.answer()).status).toBe('HTTP/1.1 200 OK');
    expect(await socket.next()).toBe('hello');
    wire.socket.destroy();
  });

  test('that turns into a WebSocket is one', async () => {
    const wire = new Wire(at.gateway.port);
    wire.socket.write(push(`/@connections/${id}`, 'one'));
    await wire.answer();
    const { host, pathname } = new URL(api.wsUrl);
    wire.socket.write(
      `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    expect((await wire.answer()).status).toBe('HTTP/1.1 101 Switching Protocols');
    wire.socket.destroy();
  });

  test('that waits for its next push is closed when the gateway stops', async () => {
    const wire = new Wire(at.gateway.port);
    wire.socket.write(push(`/@connections/${id}`));
    await wire.answer();
    const ended = once(wire.socket, 'end');
    await at.gateway.stop();
    await ended;
    wire.socket.destroy();
  });
});
