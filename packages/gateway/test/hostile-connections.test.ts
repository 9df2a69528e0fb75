/**
 * What one connection may do to the others: nothing. Each attack runs beside honest clients, who must be
 * answered while it lasts.
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  clientFrame,
  handshake,
  type RawClient,
  rawConnect as rawConnectTo,
} from './support/raw-client.ts';
import { startGateway, type TestApi } from './support/start-gateway.ts';
import { connect, type TestSocket } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

const HONEST = 8;
const PING = 9;
const PONG = 10;
const CONTINUATION = 0;
const CLOSE = 8;

let api: TestApi;
let honest: TestSocket[];
const at = useGateway(
  async ({ backend, gateway }) => {
    backend.answer('/echo', (request, response) => response.end(request.body));
    api = await gateway.createApi({
      routes: { $default: { url: `${backend.url}/echo`, twoWay: true } },
      tags: { 'postern:permessageDeflate': 'true' },
    });
  },
  { settings: { handshakeTimeoutSeconds: 300, drainSpreadSeconds: 0 } },
);
const hostile: Socket[] = [];
afterEach(() => {
  for (const socket of hostile.splice(0)) socket.destroy();
});
beforeEach(async () => {
  honest = await Promise.all(Array.from({ length: HONEST }, () => connect(api.wsUrl)));
});

async function rawConnect(url: string, lines: readonly string[] = []): Promise<RawClient> {
  const client = await rawConnectTo(url, lines);
  hostile.push(client.socket);
  return client;
}

function tcp(): Socket {
  const socket = connectTcp(at.gateway.port, '127.0.0.1');
  socket.on('error', () => {});
  hostile.push(socket);
  return socket;
}

async function honestAreServed(): Promise<void> {
  for (const [number, socket] of honest.entries()) socket.send(`honest ${number}`);
  const replies = await Promise.all(honest.map((socket) => socket.next()));
  expect(replies).toEqual(honest.map((_, number) => `honest ${number}`));
}

const written = (socket: Socket, bytes: Buffer | string) =>
  new Promise<void>((resolve) => socket.write(bytes, () => resolve()));

/** The close frame's code, once it comes. */
async function closeCode({ frames }: RawClient): Promise<number> {
  for (;;) {
    const { opcode, payload } = await frames.next();
    if (opcode === CLOSE) return payload.readUInt16BE(0);
  }
}

test('handshakes that stop in the middle', async () => {
  const half = handshake(api.wsUrl).slice(0, 60);
  const sockets = Array.from({ length: 200 }, tcp);
  await Promise.all(sockets.map((socket) => written(socket, half)));
  await honestAreServed();
});

test('a message that is sent byte by byte, and one that never ends: idle, and closed for it', async () => {
  const slow = await rawConnect(api.wsUrl);
  const frame = clientFrame('slowly');
  for (const byte of frame) {
    await written(slow.socket, Buffer.from([byte]));
    await honestAreServed();
  }
  expect((await slow.frames.next()).payload.toString()).toBe('slowly');

  const endless = await rawConnect(api.wsUrl);
  await written(endless.socket, clientFrame('x'.repeat(30_000), { fin: false }));
  await honestAreServed();
  at.gateway.clock.advance(600_000);
  expect(await closeCode(endless)).toBe(1001);
});

test('thousands of fragments without a byte in them: 1008', async () => {
  const client = await rawConnect(api.wsUrl);
  const empty = clientFrame('', { fin: false, opcode: CONTINUATION });
  const all = [clientFrame('', { fin: false }), ...Array<Buffer>(5000).fill(empty)];
  client.socket.write(Buffer.concat(all));
  expect(await closeCode(client)).toBe(1008);
  await honestAreServed();
});

test('pings between the fragments change nothing of their limit', async () => {
  const client = await rawConnect(api.wsUrl);
  const pair = Buffer.concat([
    clientFrame('x', { fin: false, opcode: CONTINUATION }),
    clientFrame('', { opcode: PING }),
  ]);
  client.socket.write(
    Buffer.concat([clientFrame('x', { fin: false }), ...Array<Buffer>(1100).fill(pair)]),
  );
  expect(await closeCode(client)).toBe(1008);
  await honestAreServed();
});

test('a flood of pings whose pongs nobody reads: beyond a bound there are none', async () => {
  const client = await rawConnect(api.wsUrl);
  client.socket.pause();
  // More than the system keeps for a connection that is not read.
  const pings = 200_000;
  const chunk = Buffer.concat(
    Array<Buffer>(1000).fill(clientFrame('p'.repeat(125), { opcode: PING })),
  );
  for (let sent = 0; sent < pings; sent += 1000) {
    await written(client.socket, chunk);
    if (sent % 50_000 === 0) await honestAreServed();
  }
  client.socket.write(clientFrame('after the flood'));
  await honestAreServed();
  client.socket.resume();
  let pongs = 0;
  for (;;) {
    const { opcode, payload } = await client.frames.next();
    if (opcode === PONG) pongs += 1;
    else {
      expect(payload.toString()).toBe('after the flood');
      break;
    }
  }
  expect(pongs).toBeGreaterThan(0);
  expect(pongs).toBeLessThan(pings);
  // Whoever reads is answered again.
  client.socket.write(clientFrame('still here?', { opcode: PING }));
  expect((await client.frames.next()).payload.toString()).toBe('still here?');
});

test('a bomb: 31 KB that would become 31 MB are not inflated further than a message may be', async () => {
  const bomb = deflateRawSync(Buffer.alloc(31 * 1024 * 1024), { level: 9 });
  expect(bomb.length).toBeLessThan(32_768);
  const offer = ['Sec-WebSocket-Extensions: permessage-deflate'];
  const clients = await Promise.all(Array.from({ length: 20 }, () => rawConnect(api.wsUrl, offer)));
  for (const client of clients) client.socket.write(clientFrame(bomb, { rsv1: true }));
  expect(await Promise.all(clients.map(closeCode))).toEqual(clients.map(() => 1009));
  await honestAreServed();
});

test('headers by the thousand', async () => {
  const lines = Array.from({ length: 3000 }, (_, number) => `A${number}: b`);
  const client = await rawConnect(api.wsUrl, lines).catch(() => undefined);
  expect(client?.head ?? 'HTTP/1.1 431').toMatch(/^HTTP\/1\.1 (?:101|431) /);
  await honestAreServed();
});

test('requests one behind the other whose answers nobody reads: the gateway stops reading', async () => {
  const socket = tcp();
  socket.pause();
  const path = `${new URL(api.endpoint).pathname}/@connections/AAAAAAAAAAAAAAAAAA%3D%3D`;
  const line = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nX-Pad: `;
  // 256 bytes, so that a read ends where a request ends, and none is handed to node:http.
  const push = `${line}${'x'.repeat(252 - line.length)}\r\n\r\n`;
  const chunk = push.repeat(64);
  // More than the system keeps for both directions of a connection.
  const bytesMax = 32 * 1024 * 1024;
  let taken = 0;
  const pump = async () => {
    while (taken < bytesMax && !socket.destroyed) {
      await written(socket, chunk);
      taken += chunk.length;
    }
  };
  void pump();
  let before = -1;
  while (taken < bytesMax && taken !== before) {
    before = taken;
    for (let round = 0; round < 20; round += 1) await honestAreServed();
  }
  expect(taken).toBeLessThan(bytesMax);
  // Whoever reads is read again.
  socket.resume();
  await expect.poll(() => taken).toBeGreaterThan(before);
});

describe('JSON that is made to hurt', () => {
  const depth = 16_000;
  const nested = `${'['.repeat(depth)}${']'.repeat(depth)}`;
  const objects = `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`;

  test.each([
    ['arrays within arrays', nested],
    ['objects within objects', objects],
  ])('%s, as deep as a frame allows, wherever a message is read', async (_, text) => {
    const url = `${at.backend.url}/echo`;
    const deep = await at.gateway.createApi({
      stage: 'deep',
      routeSelectionExpression: '$request.body.a.a.action',
      routes: {
        $default: {
          url,
          type: 'HTTP',
          twoWay: true,
          requestParameters: {
            'integration.request.header.all': 'route.request.body.a',
            'integration.request.querystring.found': 'route.request.body..none',
          },
          integration: {
            requestTemplates: {
              $default: "$input.json('$') $input.path('$.a') $util.parseJson($input.body)",
            },
          },
        },
      },
    });
    const base = `/v2/apis/${deep.apiId}`;
    const schema = '{"additionalProperties":{"$ref":"#"},"items":{"$ref":"#"}}';
    await at.gateway.control('POST', `${base}/models`, { name: 'tree', schema });
    const socket = await connect(deep.wsUrl);
    socket.send(text);
    expect(await socket.next()).toBeTypeOf('string');
    await at.gateway.control('PATCH', `${base}/routes/${deep.routes.$default}`, {
      modelSelectionExpression: '$default',
      requestModels: { $default: 'tree' },
    });
    await deep.deploy();
    socket.send(text);
    expect(await socket.next()).toBeTypeOf('string');
    await honestAreServed();
  });

  test.each([
    '{"__proto__":{"admin":true,"toString":1}}',
    '{"constructor":{"prototype":{"admin":true}}}',
    '{"a":{"__proto__":null},"toString":null,"hasOwnProperty":1}',
  ])('%s reaches the backend as it is and changes nothing here', async (text) => {
    honest[0]!.send(text);
    expect(await honest[0]!.next()).toBe(text);
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
    await honestAreServed();
  });
});

describe('line ends in what a client chooses never end a line', () => {
  const EVIL = 'a\r\nX-Admin: yes\r\n\r\nGET /evil HTTP/1.1';
  const mapped = (place: string, source: string) =>
    at.gateway.createApi({
      stage: 'mapped',
      routes: {
        $default: {
          url: `${at.backend.url}/mapped/{seen}`,
          twoWay: true,
          requestParameters: {
            'integration.request.path.seen': "'fixed'",
            [`integration.request.${place}`]: source,
          },
        },
      },
    });

  test('in a header: refused, nobody is called', async () => {
    const socket = await connect((await mapped('header.x-seen', 'route.request.body.v')).wsUrl);
    socket.send(JSON.stringify({ v: EVIL }));
    expect(JSON.parse(await socket.next()).message).toMatch(/^Bad request/i);
    expect(at.backend.requests('/mapped/fixed').size).toBe(0);
    await honestAreServed();
  });

  test('in the query: encoded', async () => {
    const socket = await connect((await mapped('querystring.seen', 'route.request.body.v')).wsUrl);
    socket.send(JSON.stringify({ v: EVIL }));
    const { url, headers } = await at.backend.requests('/mapped/fixed').next();
    expect(new URL(url, 'http://x').searchParams.get('seen')).toBe(EVIL);
    expect(headers).not.toHaveProperty('x-admin');
  });

  test('in the path: encoded, and no way out of it', async () => {
    for (const value of [EVIL, '../../admin', '..%2fadmin', '?q=1#f', '//other.example/']) {
      const socket = await connect((await mapped('path.seen', 'route.request.body.v')).wsUrl);
      socket.send(JSON.stringify({ v: value }));
      const sent = encodeURIComponent(value).replace(
        /[!'()*]/g,
        (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
      );
      const paths = [`/mapped/${encodeURIComponent(value)}`, `/mapped/${sent}`];
      const arrived = await Promise.race(paths.map((path) => at.backend.requests(path).next()));
      expect(arrived.headers).not.toHaveProperty('x-admin');
    }
  });
});

test('with connectionsMax one more is closed at once, and the admin port is open still', async () => {
  const settings = { connectionsMax: 3, adminPort: 0 };
  const gateway = await startGateway({ settings });
  const small = await gateway.createApi({ routes: { $default: {} } });
  const sockets = [];
  for (let opened = 0; opened < 3; opened += 1) sockets.push(await connect(small.wsUrl));
  await expect(connect(small.wsUrl)).rejects.toThrow(/ECONNRESET|socket hang up|EPIPE/);
  expect((await fetch(`${gateway.gateway.adminUrl}/@health/live`)).status).toBe(200);
  sockets[0]!.close();
  await sockets[0]!.closed;
  await expect
    .poll(() =>
      connect(small.wsUrl).then(
        () => 'in',
        () => 'out',
      ),
    )
    .toBe('in');
  await gateway.stop();
});
