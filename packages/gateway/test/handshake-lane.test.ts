/**
 * Handshakes of the usual shape never meet node:http; everything else does. Neither their clients nor
 * their backends must be able to tell.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeFolder } from './support/code-folder.ts';
import { startGateway, type TestApi, type TestGateway } from './support/start-gateway.ts';
import { Wire } from './support/wire.ts';

const code = `
exports.tell = async (event) => ({
  statusCode: 403,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(event),
});
exports.echo = async (event) => ({ statusCode: 200, body: event.body });
`;
const lambda = (name: string) => ({
  type: 'AWS_PROXY',
  url: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:${name}/invocations`,
});

let files: ReturnType<typeof codeFolder>;
let gateway: TestGateway;
/** Refuses everyone with the event it was told. */
let telling: TestApi;
/** Lets everyone in, and answers what they say. */
let open: TestApi;
beforeAll(async () => {
  files = codeFolder({ 'index.js': code });
  const functions = {
    tell: { handler: 'index.tell', runtime: 'nodejs20.x' },
    echo: { handler: 'index.echo', runtime: 'nodejs20.x' },
  };
  const settings = { trustedProxies: '127.0.0.1' };
  gateway = await startGateway({ functions, functionsFolder: files.folder, settings });
  telling = await gateway.createApi({ routes: { $connect: lambda('tell') } });
  open = await gateway.createApi({
    stage: 'open',
    routes: { $default: { ...lambda('echo'), twoWay: true } },
    tags: { 'postern:allowedOrigins': 'https://app.example' },
  });
});
afterAll(async () => {
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
  files.remove();
});

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

interface Parts {
  readonly target?: string;
  readonly key?: string;
  readonly version?: string;
  readonly lines?: readonly string[];
}

function handshake(
  api: TestApi,
  { target = '', key = KEY, version = '13', lines = [] }: Parts = {},
) {
  return [
    `GET ${new URL(api.wsUrl).pathname}${target} HTTP/1.1`,
    `Host: 127.0.0.1:${gateway.port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    `Sec-WebSocket-Version: ${version}`,
    `Sec-WebSocket-Key: ${key}`,
    ...lines,
    '\r\n',
  ].join('\r\n');
}

/** What no two answers have in common. */
const comparable = (answer: string) =>
  answer
    .replaceAll(/("(?:connectionId|requestId|extendedRequestId)": ?")[^"]+/g, '$1')
    .replaceAll(/Root=1-[0-9a-f]+-[0-9a-f]+/g, '')
    .replaceAll(/^(x-amzn?-[\w-]*id: ).*$/gim, '$1')
    .replaceAll(/^(date: ).*$/gim, '$1')
    .replaceAll(/"(?:requestTime|requestTimeEpoch|connectedAt)":[^,}]+/g, '');

describe('in the lane and outside of it, what comes of a handshake is the same', () => {
  test.each<[string, () => string]>([
    ['the event of a plain one', () => handshake(telling)],
    [
      'the event of a browser’s',
      () =>
        handshake(telling, {
          target: '?token=a%20b&token=c&=&x',
          lines: [
            'Origin: https://app.example',
            'User-Agent: Mozilla/5.0 (X11; Linux x86_64)',
            'Accept-Language: en-US,en;q=0.9',
            'Cookie: a=b; c="d, e"',
            'Sec-WebSocket-Protocol: one, two',
            'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
          ],
        }),
    ],
    [
      'the event behind a proxy',
      () =>
        handshake(telling, { lines: ['X-Forwarded-For: 192.0.2.7', 'X-Forwarded-Proto: https'] }),
    ],
    ['the event with headers of any spelling', () => handshake(telling, { lines: ['xX-yY: Zz'] })],
    ['the 101', () => handshake(open)],
    [
      'the 101 for an allowed origin',
      () => handshake(open, { lines: ['Origin: https://app.example'] }),
    ],
    ['the refusal of another origin', () => handshake(open, { lines: ['Origin: https://other'] })],
    ['a key that is none', () => handshake(open, { key: 'short' })],
    ['another version', () => handshake(open, { version: '8' })],
    ['no stage', () => handshake(open, { target: '/nothing/here' })],
    ['a target too long', () => handshake(open, { target: `?${'x'.repeat(4096)}` })],
    ['an escape that is none', () => handshake(open, { target: '%zz' })],
    [
      'a signature nobody asked for',
      () => handshake(telling, { lines: ['Authorization: AWS4-x'] }),
    ],
  ])('%s', async (_, request) => {
    const inLane = new Wire(gateway.port);
    inLane.socket.write(request());
    const outside = new Wire(gateway.port);
    await outside.leaveTheLane();
    outside.socket.write(request());
    expect(comparable((await inLane.answer()).text)).toBe(
      comparable((await outside.answer()).text),
    );
    inLane.socket.destroy();
    outside.socket.destroy();
  });
});

describe('a client in the lane', () => {
  /** `hello`, masked with zeros. */
  const frame = Buffer.from('\x81\x85\0\0\0\0hello', 'latin1');

  test('may send its first message behind its handshake, whole or in pieces', async () => {
    for (const cut of [0, 3]) {
      const wire = new Wire(gateway.port);
      wire.socket.write(Buffer.concat([Buffer.from(handshake(open)), frame.subarray(0, cut)]));
      if (cut > 0) await wire.until('101');
      wire.socket.write(frame.subarray(cut));
      await wire.until('\x81\x05hello');
      wire.socket.destroy();
    }
  });

  test('that is refused may ask again on the same connection, and be let in', async () => {
    const wire = new Wire(gateway.port);
    wire.socket.write(handshake(telling));
    expect((await wire.answer()).status).toMatch(/^HTTP\/1.1 403 /);
    wire.socket.write(handshake(open));
    expect((await wire.answer()).status).toMatch(/^HTTP\/1.1 101 /);
    wire.socket.destroy();
  });

  test('whose handshake comes in pieces is let in', async () => {
    const wire = new Wire(gateway.port);
    const request = handshake(open);
    for (const piece of [request.slice(0, 30), request.slice(30, -2), request.slice(-2)]) {
      await new Promise((resolve) => wire.socket.write(piece, resolve));
    }
    expect((await wire.answer()).status).toMatch(/^HTTP\/1.1 101 /);
    wire.socket.destroy();
  });
});
