/**
 * Whatever a client writes in a handshake, however $connect maps and renders it: an HTTP answer comes,
 * without a stack trace, and nothing of it is a fault of the gateway (`useGateway` fails a test that
 * logged one).
 */
import { connect as connectTcp } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RouteSpec, TestApi } from './support/start-gateway.ts';
import { connect } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

const running = useGateway();

const requestParameters = {
  'integration.request.header.token': 'route.request.querystring.token',
  'integration.request.header.all': 'route.request.multivaluequerystring.token',
  'integration.request.header.agent': 'context.identity.userAgent',
  'integration.request.header.domain': 'context.domainName',
  'integration.request.querystring.custom': 'route.request.header.X-Custom',
  'integration.request.querystring.customs': 'route.request.multivalueheader.X-Custom',
  'integration.request.path.place': 'route.request.header.Cookie',
};
const template = `#set($seen = "$input.params() $input.params('token') $input.params('X-Custom')
$input.params().header $util.urlEncode($input.params('Cookie')) $context $input.body")
{"statusCode": 200}`;

/** Bytes of a request line or a header: any but those that end it. */
const bytes = fc.oneof(
  fc.array(fc.integer({ min: 0x20, max: 0xff }), { maxLength: 24 }),
  fc
    .constantFrom('%', '%ff', '%00%0d%0a', '%ED%A0%80', '+', 'a=b&a', '&&=', '%25', '\\t', '"', '')
    .map((text) => [...Buffer.from(text)]),
);
const queryOf = fc
  .array(fc.tuple(fc.constantFrom('token', '', 'X-Amz-Signature', '__proto__'), bytes), {
    maxLength: 4,
  })
  .map((pairs) =>
    // A blank would end the target, and a `#` is no part of one.
    pairs.map(([name, value]) => `${name}=${latin(value).replaceAll(/[ #]/g, '')}`).join('&'),
  );
const header = fc.tuple(
  fc.constantFrom(
    'X-Custom',
    'Cookie',
    'User-Agent',
    'X-Forwarded-For',
    'Authorization',
    'Sec-WebSocket-Protocol',
    'Sec-WebSocket-Extensions',
    'Host',
    'Content-Length',
    'Transfer-Encoding',
    'Origin',
    '__proto__',
    'x-api-key',
  ),
  fc.oneof(
    bytes.map(latin),
    fc.constantFrom(
      'AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host, Signature=0',
      'AWS4-HMAC-SHA256 ',
      'permessage-deflate; client_max_window_bits=99',
      'chunked',
      '5',
      ', ,',
    ),
  ),
);

function latin(values: readonly number[]): string {
  return Buffer.from(values).toString('latin1');
}

/** What comes back until the gateway, or for an accepted handshake the client, hangs up. */
function exchange(target: string, lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp(running.gateway.port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      if (answer.includes('\r\n\r\n')) socket.destroy();
    });
    socket.on('error', (error: Error & { code?: string }) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
    socket.on('close', () => resolve(answer));
    const head = [
      `GET ${target} HTTP/1.1`,
      'Host: 127.0.0.1',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
      ...lines,
    ];
    socket.write(Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'));
  });
}

const kinds: Record<string, (url: string) => RouteSpec> = {
  HTTP_PROXY: (url) => ({ url: `${url}/{place}`, requestParameters }),
  HTTP: (url) => ({
    type: 'HTTP',
    url: `${url}/{place}`,
    requestParameters,
    integration: { requestTemplates: { $default: template } },
  }),
  MOCK: () => ({ type: 'MOCK', integration: { requestTemplates: { $default: template } } }),
};

async function start(kind: string): Promise<TestApi> {
  const api = await running.gateway.createApi({
    routes: { $connect: kinds[kind]!(running.backend.url) },
  });
  return api;
}

test.each(Object.keys(kinds))('an answer comes to each handshake: %s', async (kind) => {
  const api = await start(kind);
  const { pathname } = new URL(api.wsUrl);
  const handshake = fc.tuple(queryOf, fc.array(header, { maxLength: 5 }));
  await fc.assert(
    fc.asyncProperty(handshake, async ([query, headers]) => {
      const lines = headers.map(([name, value]) => `${name}: ${value}`);
      const answer = await exchange(`${pathname}?${query}`, lines);
      expect(answer).toMatch(/^HTTP\/1\.1 \d{3} /);
      expect(answer).not.toMatch(/\n\s+at /);
    }),
    { seed: 20261128, numRuns: 250 },
  );
  (await connect(api.wsUrl)).close();
});
