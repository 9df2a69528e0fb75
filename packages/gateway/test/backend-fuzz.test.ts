/**
 * Whatever bytes a backend answers with, the client gets one answer, nothing that the backend wrote ends
 * one of its lines, and nothing of it is a fault of the gateway (`useGateway` fails a test that logged one).
 */
import { createServer, type Server } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connect, type Refused } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

const running = useGateway();

/** What the backend writes next; then it hangs up. */
let answer = Buffer.alloc(0);
let backend: Server;
let url: string;
beforeEach(async () => {
  backend = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(answer));
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(backend.address() as { port: number }).port}/`;
});
afterEach(() => backend.close());

const latin = fc
  .array(fc.integer({ min: 0, max: 255 }), { maxLength: 20 })
  .map((bytes) => Buffer.from(bytes).toString('latin1'));
const statusLine = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(200, 204, 304, 403, 500, 999).map((code) => `HTTP/1.1 ${code} x`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'HTTP/1.1 101 x',
      'HTTP/1.0 200',
      'HTTP/2 200',
      'HTTP/1.1 20',
      'ICY 200 OK',
    ),
  },
  { weight: 1, arbitrary: latin },
);
const header = fc.tuple(
  fc.constantFrom(
    'Content-Type',
    'Content-Length',
    'Transfer-Encoding',
    'Connection',
    'Keep-Alive',
    'Sec-WebSocket-Protocol',
    'Content-Encoding',
    'Location',
    'X-Any',
    '',
    'a b',
  ),
  fc.oneof(
    latin,
    fc.constantFrom('0', '3', '99999999999', '-1', '3, 3', 'chunked', 'gzip', 'close', 'timeout=1'),
  ),
);
const body = fc.oneof(
  latin,
  fc.constantFrom('abc', '3\r\nabc\r\n0\r\n\r\n', '3\r\nab', 'ffffffffff\r\n', '0\r\nx: y\r\n\r\n'),
);
const bytes = fc
  .tuple(statusLine, fc.array(header, { maxLength: 4 }), body)
  .map(([line, headers, rest]) => {
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
    return Buffer.from(`${line}\r\n${lines.join('')}\r\n${rest}`, 'latin1');
  });

test('to a message: one frame comes', async () => {
  const api = await running.gateway.createApi({ routes: { $default: { url, twoWay: true } } });
  const socket = await connect(api.wsUrl);
  await fc.assert(
    fc.asyncProperty(bytes, async (written) => {
      answer = written;
      socket.send('hello');
      expect(typeof (await socket.next())).toBe('string');
      expect(socket.pending).toBe(0);
    }),
    { seed: 20261128, numRuns: 400 },
  );
});

test('to $connect: the client comes in or is refused, in words of its own', async () => {
  const api = await running.gateway.createApi({ routes: { $connect: { url } } });
  await fc.assert(
    fc.asyncProperty(bytes, async (written) => {
      answer = written;
      const outcome = await connect(api.wsUrl, { protocols: ['any'] }).then(
        (socket) => socket.close(),
        (error: Error & { refused?: Refused }) => error,
      );
      // A client that asked for a sub-protocol and gets another, or none, hangs up by itself.
      if (outcome === undefined || /subprotocol/.test(outcome.message)) return;
      const { status, headers } = outcome.refused ?? { status: 0, headers: {} };
      expect(status, outcome.message).toBeGreaterThanOrEqual(300);
      expect(headers).not.toHaveProperty('x-any');
    }),
    { seed: 20261128, numRuns: 300 },
  );
});
