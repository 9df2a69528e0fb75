import { connect as connectTcp } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { startGateway, type TestApi } from './support/start-gateway.ts';
import { connect, refusal } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

let api: TestApi;
const at = useGateway(
  async ({ backend, gateway }) => {
    api = await gateway.createApi({ routes: { $connect: { url: `${backend.url}/connect` } } });
  },
  { settings: { handshakeTimeoutSeconds: 1 } },
);

/** Writes bytes as they are and returns everything the gateway answers until it hangs up. */
function exchange(bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp(at.gateway.port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', (error: Error & { code?: string }) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    socket.write(bytes);
  });
}

const handshake = (lines: Record<string, string>, target = new URL(api.wsUrl).pathname) => {
  const headers = {
    Host: '127.0.0.1',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version': '13',
    ...lines,
  };
  const block = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${target} HTTP/1.1\r\n${block.join('')}\r\n`;
};

const status = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);

describe('handshakes that are refused without asking the backend', () => {
  afterEach(() => expect(at.backend.requests('/connect').size).toBe(0));

  test.each([
    ['without a key', { 'Sec-WebSocket-Key': '' }, 400],
    ['with a malformed key', { 'Sec-WebSocket-Key': 'short' }, 400],
    ['of another version', { 'Sec-WebSocket-Version': '12' }, 426],
    ['without a version', { 'Sec-WebSocket-Version': '' }, 426],
    ['to another protocol', { Upgrade: 'h2c' }, 400],
  ])('%s', async (_, headers, expected) => {
    const answer = await exchange(handshake(headers));
    expect(status(answer)).toBe(expected);
    expect(answer).not.toMatch(/\n\s+at /);
  });

  test('with several Authorization headers: 400', async () => {
    const two = 'Bearer a\r\nauthorization: Bearer b';
    expect(status(await exchange(handshake({ Authorization: two })))).toBe(400);
  });

  test('a URL of 4097 characters: 414', async () => {
    const url = `${api.wsUrl}?token=`;
    const used = new URL(url).pathname.length + '?token='.length;
    expect((await refusal(url + 'x'.repeat(4097 - used))).status).toBe(414);
  });

  test('header values of more than 10240 bytes: 431', async () => {
    const headers = { 'X-Long': 'x'.repeat(10_240) };
    expect((await refusal(api.wsUrl, { headers })).status).toBe(431);
  });

  test('a header block that exceeds every bound: 431', async () => {
    const answer = await exchange(handshake({ 'X-Long': 'x'.repeat(64 * 1024) }));
    expect(status(answer)).toBe(431);
  });

  test('bytes that are no HTTP: 400', async () => {
    expect(status(await exchange('\u0000\u0003\u0001 hello\r\n\r\n'))).toBe(400);
  });

  test('headers that never end are cut off', async () => {
    const unfinished = handshake({}).slice(0, -2);
    expect(status(await exchange(unfinished))).toBe(408);
  });
});

test('a URL of 4096 characters is accepted', async () => {
  const url = `${api.wsUrl}?token=`;
  const used = new URL(url).pathname.length + '?token='.length;
  await connect(url + 'x'.repeat(4096 - used));
});

test('a refused handshake leaves the connection open; one with a body ends it', async () => {
  at.backend.answer('/connect', (_, response) => response.writeHead(403).end('no'));
  const socket = connectTcp(at.gateway.port, '127.0.0.1');
  const next = () => new Promise<string>((resolve) => socket.once('data', (d) => resolve(`${d}`)));
  for (let round = 0; round < 20; round += 1) {
    socket.write(handshake({}));
    const refused = await next();
    expect(status(refused)).toBe(403);
    expect(refused).toMatch(/connection: keep-alive/);
  }
  socket.write('GET /@health/live HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(status(await next())).toBe(200);
  socket.write(`${handshake({ 'Content-Length': '60' })}${handshake({}, '/nothing')}`);
  expect(await next()).toMatch(/connection: close/);
  await new Promise((resolve) => socket.once('close', resolve));
});

test('a body smuggled behind the upgrade is never taken for a request', async () => {
  const smuggled = handshake({ 'Content-Length': '60' }) + handshake({}, '/nothing');
  const socket = connectTcp(at.gateway.port, '127.0.0.1');
  socket.write(smuggled);
  const head = await new Promise<string>((resolve) => socket.once('data', (d) => resolve(`${d}`)));
  expect(status(head)).toBe(101);
  // What follows the upgrade is frames; these are none.
  await new Promise((resolve) => socket.once('close', resolve));
  expect(at.backend.requests('/connect').size).toBe(1);
});

test.each([
  ['CR LF in a mapped query value', '?name=a%0d%0aX-Admin:%20yes'],
  ['LF alone', '?name=a%0aX-Admin:%20yes'],
  ['NUL', '?name=a%00b'],
])('%s refuses the handshake with 400 and calls nobody', async (_, query) => {
  const injected = await at.gateway.createApi({
    routes: {
      $connect: {
        url: `${at.backend.url}/mapped`,
        requestParameters: {
          'integration.request.header.x-name': 'route.request.querystring.name',
        },
      },
    },
  });
  expect((await refusal(injected.wsUrl + query)).status).toBe(400);
  expect(at.backend.requests('/mapped').size).toBe(0);
});

test('a thousand clients that hang up in the middle of the handshake leave nothing behind', async () => {
  const half = handshake({}).slice(0, 60);
  await Promise.all(
    Array.from({ length: 1000 }, (_, index) => {
      const socket = connectTcp(at.gateway.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.resume();
      return new Promise<void>((resolve) => {
        socket.on('close', () => resolve());
        socket.on('connect', () => {
          socket.write(half);
          if (index % 2 === 0) socket.destroy();
          else socket.end();
        });
      });
    }),
  );
  await connect(api.wsUrl);
});

test('a handshake may be given as long as the setting allows: five minutes', async () => {
  const patient = await startGateway({ settings: { handshakeTimeoutSeconds: 300 } });
  expect((await fetch(`${patient.url}/@health/live`)).status).toBe(200);
  await patient.stop();
});

test.each([
  ['both a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked'],
  ['two lengths', 'Content-Length: 5\r\nContent-Length: 6'],
  ['a length that is none', 'Content-Length: 5x'],
  ['chunks before something else', 'Transfer-Encoding: chunked, identity'],
  ['a header with a space before its colon', 'Content-Length : 5'],
  ['a header that goes on in the next line', 'X-Folded: a\r\n Content-Length: 5'],
])('a request with %s is refused, and what is behind it never read', async (_, lines) => {
  const path = `${new URL(api.wsUrl).pathname}/@connections/x`;
  const smuggled = 'GET /@health/live HTTP/1.1\r\nHost: x\r\n\r\n';
  const answer = await exchange(
    `POST ${path} HTTP/1.1\r\nHost: x\r\n${lines}\r\n\r\n0\r\n\r\n${smuggled}`,
  );
  expect(status(answer)).toBe(400);
  expect(answer.match(/^HTTP\/1\.1 /gm)).toHaveLength(1);
});

describe('ways out of the folder of the console', () => {
  test.each([
    '/@console/../package.json',
    '/@console/../../package.json',
    '/@console/..%2f..%2fpackage.json',
    '/@console/%2e%2e/%2e%2e/package.json',
    '/@console/%2e%2e%2f%2e%2e%2fpackage.json',
    '/@console/..\\..\\package.json',
    '/@console/....//....//package.json',
    '/@console//etc/passwd',
    '/@console/%00',
    '/@console/index.html%00.js',
    '/@console/__proto__',
    '/@console/constructor',
    '/@console/%',
    `/@console/${'../'.repeat(500)}etc/passwd`,
  ])('%s leads to no file', async (path) => {
    const answer = await exchange(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`,
    );
    expect(status(answer)).toBeGreaterThanOrEqual(400);
    expect(answer).not.toMatch(/"dependencies"|root:/);
    expect(answer).not.toMatch(/\n\s+at /);
  });
});
