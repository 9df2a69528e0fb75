import { connect as connectTcp, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { TestApi } from './support/start-gateway.ts';
import { connect, type TestSocket } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

const MINUTE = 60_000;

let api: TestApi;
const at = useGateway(async ({ backend, gateway }) => {
  api = await gateway.createApi({
    routes: {
      $default: { url: `${backend.url}/message` },
      $disconnect: {
        url: `${backend.url}/disconnect`,
        requestParameters: {
          'integration.request.header.connectionId': 'context.connectionId',
          'integration.request.header.code': 'context.disconnectStatusCode',
          'integration.request.header.reason': 'context.disconnectReason',
          'integration.request.header.type': 'context.eventType',
        },
      },
    },
  });
});

/** What $disconnect was told: code and reason (`undefined` when the mapping had nothing to send). */
async function disconnect(): Promise<[string | undefined, string | undefined]> {
  const { headers, body, method } = await at.backend.requests('/disconnect').next();
  expect(method).toBe('POST');
  expect(body.length).toBe(0);
  expect(headers['content-length']).toBe('0');
  expect(headers.type).toBe('DISCONNECT');
  return [headers.code as string, headers.reason as string | undefined];
}

describe('the close matrix: what the client receives, what $disconnect is told', () => {
  test('a client that closes with code and reason gets them echoed', async () => {
    const socket = await connect(api.wsUrl);
    socket.close(3001, 'bye');
    expect(await socket.closed).toEqual({ code: 3001, reason: 'bye' });
    expect(await disconnect()).toEqual(['3001', 'bye']);
  });

  test('a client that closes without a status: 1005 and its reason', async () => {
    const socket = await connect(api.wsUrl);
    socket.close();
    expect((await socket.closed).code).toBe(1005);
    expect(await disconnect()).toEqual(['1005', 'Client-side close frame status not set']);
  });

  test('a browser that leaves the page: 1001 and an empty reason', async () => {
    const socket = await connect(api.wsUrl);
    socket.close(1001);
    await socket.closed;
    expect(await disconnect()).toEqual(['1001', undefined]);
  });

  test('a TCP connection that ends without a close frame: 1006', async () => {
    const socket = await connect(api.wsUrl);
    socket.socket.terminate();
    expect(await disconnect()).toEqual(['1006', 'Connection closed abnormally']);
  });

  test('a binary frame: 1003', async () => {
    const socket = await connect(api.wsUrl);
    socket.send(Buffer.from([1, 2]));
    const close = { code: 1003, reason: 'Binary is not supported' };
    expect(await socket.closed).toEqual(close);
    expect(await disconnect()).toEqual(['1003', close.reason]);
    expect(at.backend.requests('/message').size).toBe(0);
  });

  test('the management API’s DELETE: 1000 Connection Closed Normally', async () => {
    const socket = await connect(api.wsUrl);
    const [connection] = [...(await ids(socket))];
    const reply = await fetch(`${api.endpoint}/@connections/${connection}`, { method: 'DELETE' });
    expect(reply.status).toBe(204);
    const close = { code: 1000, reason: 'Connection Closed Normally' };
    expect(await socket.closed).toEqual(close);
    expect(await disconnect()).toEqual(['1000', close.reason]);
  });

  test('a deleted stage: 1001, and $disconnect of its last deployment still runs', async () => {
    const socket = await connect(api.wsUrl);
    await at.gateway.control('DELETE', `/v2/apis/${api.apiId}/stages/test`);
    expect(await socket.closed).toEqual({ code: 1001, reason: 'Going away' });
    expect(await disconnect()).toEqual(['1001', 'Going away']);
  });

  test('a deleted API: 1001, likewise', async () => {
    const socket = await connect(api.wsUrl);
    await at.gateway.control('DELETE', `/v2/apis/${api.apiId}`);
    expect((await socket.closed).code).toBe(1001);
    expect(await disconnect()).toEqual(['1001', 'Going away']);
  });
});

/** The id of an open connection, learnt as a backend does. */
async function ids(socket: TestSocket): Promise<string[]> {
  await at.gateway.control(
    'PATCH',
    `/v2/apis/${api.apiId}/integrations/${api.integrations.$default}`,
    { requestParameters: { 'integration.request.header.connectionId': 'context.connectionId' } },
  );
  await api.deploy();
  socket.send('who am I');
  const { headers } = await at.backend.requests('/message').next();
  return [encodeURIComponent(String(headers.connectionid))];
}

describe('frames and messages', () => {
  test('a frame of 32768 bytes is a message', async () => {
    const socket = await connect(api.wsUrl);
    socket.send('x'.repeat(32_768));
    expect((await at.backend.requests('/message').next()).body.length).toBe(32_768);
  });

  test('a frame of 32769 bytes closes with 1009', async () => {
    const socket = await connect(api.wsUrl);
    socket.send('x'.repeat(32_769));
    const close = { code: 1009, reason: 'Message too long' };
    expect(await socket.closed).toEqual(close);
    expect(await disconnect()).toEqual(['1009', close.reason]);
  });

  const fragmented = (socket: TestSocket, bytes: number) => {
    for (let sent = 0; sent < bytes; sent += 32_768) {
      const length = Math.min(32_768, bytes - sent);
      socket.socket.send('y'.repeat(length), { fin: sent + length >= bytes });
    }
  };

  test('a message of 131072 bytes in fragments is a message', async () => {
    const socket = await connect(api.wsUrl);
    fragmented(socket, 131_072);
    expect((await at.backend.requests('/message').next()).body.length).toBe(131_072);
  });

  test('a message of 131073 bytes closes with 1009', async () => {
    const socket = await connect(api.wsUrl);
    fragmented(socket, 131_073);
    expect((await socket.closed).code).toBe(1009);
    expect(await disconnect()).toEqual(['1009', 'Message too long']);
  });

  test('a message in more than 1024 fragments closes with 1008', async () => {
    const socket = await connect(api.wsUrl);
    for (let sent = 0; sent < 1025; sent += 1) socket.socket.send('z', { fin: false });
    expect((await socket.closed).code).toBe(1008);
    expect((await disconnect())[0]).toBe('1008');
  });

  test('text that is not UTF-8 closes with 1007', async () => {
    const { raw, closeFrame } = await rawConnect(api.wsUrl);
    raw.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28]));
    expect(await closeFrame).toBe(1007);
    expect((await disconnect())[0]).toBe('1007');
  });

  test('a frame without a mask closes with 1002', async () => {
    const { raw, closeFrame } = await rawConnect(api.wsUrl);
    raw.write(Buffer.from([0x81, 0x01, 0x61]));
    expect(await closeFrame).toBe(1002);
    expect((await disconnect())[0]).toBe('1002');
  });

  test('a ping is answered with its own payload and reaches no backend', async () => {
    const socket = await connect(api.wsUrl);
    const pong = new Promise((resolve) =>
      socket.socket.once('pong', (data) => resolve(String(data))),
    );
    socket.socket.ping('payload');
    expect(await pong).toBe('payload');
    expect(at.backend.requests('/message').size).toBe(0);
  });
});

describe('time limits', () => {
  test('after ten idle minutes the connection closes with 1001 Going away', async () => {
    const socket = await connect(api.wsUrl);
    at.gateway.clock.advance(10 * MINUTE - 1);
    socket.send('still here');
    await at.backend.requests('/message').next();
    // Answered too: time that passes first would be the backend's.
    while ((await at.gateway.events.next()).kind !== 'message');
    at.gateway.clock.advance(10 * MINUTE - 1000);
    expect(socket.socket.readyState).toBe(socket.socket.OPEN);
    at.gateway.clock.advance(2000);
    expect(await socket.closed).toEqual({ code: 1001, reason: 'Going away' });
    expect(await disconnect()).toEqual(['1001', 'Going away']);
  });

  test('a ping counts as activity', async () => {
    const socket = await connect(api.wsUrl);
    at.gateway.clock.advance(9 * MINUTE);
    const pong = new Promise((resolve) => socket.socket.once('pong', resolve));
    socket.socket.ping();
    await pong;
    at.gateway.clock.advance(9 * MINUTE);
    socket.send('still here');
    await at.backend.requests('/message').next();
  });

  test('after two hours the connection closes, however busy', async () => {
    const socket = await connect(api.wsUrl);
    for (let minute = 0; minute < 119; minute += 7) {
      at.gateway.clock.advance(7 * MINUTE);
      if (minute + 7 >= 120) break;
      socket.send('busy');
      await at.backend.requests('/message').next();
    }
    at.gateway.clock.advance(MINUTE);
    expect((await socket.closed).code).toBe(1001);
  });
});

interface RawSocket {
  readonly raw: Socket;
  /** Code of the close frame the gateway sends. */
  readonly closeFrame: Promise<number>;
}

/** A client that may break the protocol. */
function rawConnect(wsUrl: string): Promise<RawSocket> {
  const { hostname, port, pathname } = new URL(wsUrl);
  return new Promise((resolve, reject) => {
    const raw = connectTcp(Number(port), hostname);
    raw.on('error', reject);
    raw.write(
      `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\n` +
        'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    raw.once('data', (head) => {
      if (!String(head).startsWith('HTTP/1.1 101')) return reject(new Error(String(head)));
      const closeFrame = new Promise<number>((done) => {
        raw.on('data', (frame) => {
          if (frame[0] === 0x88) done(frame.readUInt16BE(2));
        });
      });
      return resolve({ raw, closeFrame });
    });
  });
}
