import { readFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { handshake } from './support/raw-client.ts';
import type { TestApi } from './support/start-gateway.ts';
import { startGateway } from './support/start-gateway.ts';
import { useGateway } from './support/use-gateway.ts';

const V1 = 'PROXY TCP4 198.51.100.7 192.0.2.1 54321 443\r\n';
const V2 = Buffer.from('0d0a0d0a000d0a515549540a2111000cc6336407c0000201d43101bb', 'hex');
const LOCAL = Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex');

const mapped = (backendUrl: string) => ({
  $connect: {
    url: `${backendUrl}/connect`,
    requestParameters: { 'integration.request.header.ip': 'context.identity.sourceIp' },
  },
});

describe('connections of a trusted proxy', () => {
  let api: TestApi;
  const at = useGateway(
    async ({ backend, gateway }) => {
      api = await gateway.createApi({ routes: mapped(backend.url) });
    },
    { settings: { trustedProxies: '127.0.0.1', proxyProtocol: true } },
  );
  const tcp = () => connectTcp(at.gateway.port, '127.0.0.1');

  test.each([
    ['version 1', V1, '198.51.100.7'],
    ['version 2', V2, '198.51.100.7'],
    ['the proxy for itself', LOCAL, '127.0.0.1'],
    ['a client it does not know', 'PROXY UNKNOWN\r\n', '127.0.0.1'],
  ])('%s: events say whose they are', async (_, header, expected) => {
    const socket = tcp();
    socket.write(header);
    socket.write(handshake(api.wsUrl));
    expect(await answer(socket)).toMatch(/^HTTP\/1\.1 101 /);
    expect((await at.backend.requests('/connect').next()).headers.ip).toBe(expected);
    socket.destroy();
  });

  test('a header that comes byte by byte, and the handshake right behind it', async () => {
    const socket = tcp().setNoDelay(true);
    const bytes = Buffer.concat([V2, Buffer.from(handshake(api.wsUrl))]);
    for (const byte of bytes) {
      socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await answer(socket)).toMatch(/^HTTP\/1\.1 101 /);
    expect((await at.backend.requests('/connect').next()).headers.ip).toBe('198.51.100.7');
    socket.destroy();
  });

  test('TLS comes after the header', async () => {
    // Clients judge the certificate by the real time.
    at.gateway.clock.jumpTo(Date.now());
    await at.gateway.gateway.tlsReady();
    const raw = tcp();
    raw.write(V1);
    const ca = readFileSync(at.gateway.gateway.caFile!, 'utf8');
    const socket = connectTls({ socket: raw, ca, host: '127.0.0.1' });
    socket.write(handshake(api.wsUrl));
    expect(await answer(socket)).toMatch(/^HTTP\/1\.1 101 /);
    expect((await at.backend.requests('/connect').next()).headers.ip).toBe('198.51.100.7');
    socket.destroy();
  });

  test('an X-Forwarded-For of the client behind it is not believed', async () => {
    const socket = tcp();
    socket.write(V1 + handshake(api.wsUrl, ['X-Forwarded-For: 203.0.113.9']));
    expect(await answer(socket)).toMatch(/^HTTP\/1\.1 101 /);
    expect((await at.backend.requests('/connect').next()).headers.ip).toBe('198.51.100.7');
    socket.destroy();
  });

  test('further requests of a connection are of the same client', async () => {
    at.backend.answer('/connect', (_, response) => response.writeHead(403).end());
    const socket = tcp();
    socket.write(V1);
    for (let round = 0; round < 2; round += 1) {
      socket.write(handshake(api.wsUrl));
      expect(await answer(socket)).toMatch(/^HTTP\/1\.1 403 /);
      expect((await at.backend.requests('/connect').next()).headers.ip).toBe('198.51.100.7');
    }
    socket.destroy();
  });

  test.each([
    ['a request without a header', 'GET /@health/live HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a header that is none', 'PROXY TCP4 nonsense\r\n'],
    ['a first byte of TLS', Buffer.from([0x16, 3, 1])],
  ])('%s is hung up on', async (_, bytes) => {
    const socket = tcp();
    socket.write(bytes);
    expect(await rest(socket)).toBe('');
  });

  test('a header that does not come is waited for as long as a handshake may take', async () => {
    const socket = tcp();
    socket.write(V1.slice(0, 20));
    const ended = rest(socket);
    // Only the gateway's own time can end it; one that was accepted later is served before that.
    const other = tcp();
    other.write(`${V1}GET /@health/live HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(await answer(other)).toMatch(/^HTTP\/1\.1 200 /);
    at.gateway.clock.advance(10_000);
    expect(await ended).toBe('');
    other.destroy();
  });
});

test('connections of anybody else are what they are, and may name nobody', async () => {
  const gateway = await startGateway({
    settings: { trustedProxies: '192.0.2.0/24', proxyProtocol: true },
  });
  expect((await fetch(`${gateway.url}/@health/live`)).status).toBe(200);
  const socket = connectTcp(gateway.port, '127.0.0.1');
  socket.write(`${V1}GET /@health/live HTTP/1.1\r\nHost: x\r\n\r\n`);
  expect(await rest(socket)).toMatch(/^HTTP\/1\.1 400 /);
  await gateway.stop();
});

test('stopping ends connections whose header is not there yet', async () => {
  const gateway = await startGateway({
    settings: { trustedProxies: '127.0.0.1', proxyProtocol: true },
  });
  const socket = connectTcp(gateway.port, '127.0.0.1');
  const ended = rest(socket);
  const other = connectTcp(gateway.port, '127.0.0.1');
  other.write(`${V1}GET /@health/live HTTP/1.1\r\nHost: x\r\n\r\n`);
  expect(await answer(other)).toMatch(/^HTTP\/1\.1 200 /);
  await gateway.stop();
  expect(await ended).toBe('');
});

const answer = (socket: Socket) =>
  new Promise<string>((resolve, reject) => {
    socket.once('data', (data) => resolve(String(data)));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the gateway hung up')));
  });

function rest(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (data) => {
      text += data;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}
