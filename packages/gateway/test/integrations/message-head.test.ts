/**
 * The heads of requests for messages are made of text that is kept; those of messages that somebody
 * follows are put together one by one. Both ways the backend receives the same bytes.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RawBackend } from '../backends/http/raw-backend.ts';
import { connect, type TestSocket } from '../support/test-socket.ts';
import { useGateway } from '../support/use-gateway.ts';

const running = useGateway();
let backend: RawBackend;

beforeAll(async () => {
  backend = await RawBackend.start();
  backend.answers = [{ bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok' }];
});
afterAll(() => backend.stop());

const messages = [
  '{"text":"plain","n":1.5}',
  '{"text":"é and 漢"}',
  '{"text":"line\\nbreak"}',
  '{"text":""}',
  '{"other":["a","b"]}',
  'no JSON',
  '{ no JSON either',
  '漢字',
  ' ',
];

const sources = [
  "'fixed'",
  "'postern-mark-trace'",
  "'é'",
  "''",
  'context.connectionId',
  'context.stage',
  'context.identity.sourceIp',
  'context.nothing',
  'stageVariables.color',
  'stageVariables.nothing',
  'route.request.body',
  'route.request.body.text',
  'route.request.body.other',
  'route.request.querystring.token',
];
const names = [
  'connectionId',
  'x-one',
  'X-One',
  'x-two',
  'Host',
  'User-Agent',
  'accept',
  'Content-Type',
  'X-Forwarded-For',
  'X-Forwarded-Port',
  'Keep-Alive',
];

const parameters = fc.dictionary(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...names).map((name) => `header.${name}`) },
    fc.constantFrom('querystring.q', 'querystring.r', 'path.place'),
  ),
  fc.constantFrom(...sources),
  { maxKeys: 5 },
);

/** What the backend received of a message, but for what is drawn anew; or what the client read. */
async function sent(socket: TestSocket, text: string): Promise<string> {
  socket.send(text);
  const reply = await socket.next();
  const request = backend.requests.size > 0 ? await backend.requests.next() : reply;
  return request
    .replace(/Root=1-[0-9a-f]+-[0-9a-f]{24}/, 'the trace')
    .replace(/"requestId":"[^"]+"/, 'the request');
}

test('followed or not, a message is the same request', async () => {
  const { trace } = running.gateway.gateway;
  const follow = () => trace.subscribe({}, () => {}, { perSecondMax: 1_000_000 });
  for (const set of fc.sample(parameters, { seed: 20_261_128, numRuns: 40 })) {
    const requestParameters = Object.fromEntries(
      Object.entries(set).map(([name, source]) => [`integration.request.${name}`, source]),
    );
    const url = `${backend.url}/here/{place}?fixed=1`;
    const api = await running.gateway.createApi({
      stageVariables: { color: 'blue' },
      routes: { $default: { url, twoWay: true, requestParameters } },
    });
    const socket = await connect(`${api.wsUrl}?token=secret`);
    for (const text of messages) {
      const unfollowed = await sent(socket, text);
      const following = follow();
      const followed = await sent(socket, text);
      following.cancel();
      expect(unfollowed, JSON.stringify({ text, requestParameters })).toBe(followed);
    }
    socket.close();
  }
});

test('a value that would end its line is refused, and the next message is served', async () => {
  const api = await running.gateway.createApi({
    routes: {
      $default: {
        url: backend.url,
        twoWay: true,
        requestParameters: { 'integration.request.header.x': 'route.request.body.text' },
      },
    },
  });
  const socket = await connect(api.wsUrl);
  for (const text of ['a', 'a\r\nx-admin: yes', 'b']) {
    socket.send(JSON.stringify({ text }));
    expect(await socket.next()).toMatch(text.length > 1 ? /^\{"message": "Bad Request"/ : /^ok$/);
  }
  const requests = [await backend.requests.next(), await backend.requests.next()];
  expect(requests.map((request) => /^x: .*$/m.exec(request)?.[0])).toEqual(['x: a', 'x: b']);
  expect(backend.requests.size).toBe(0);
});
