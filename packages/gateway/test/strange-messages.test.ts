/**
 * A client chooses what it sends: a message so deep that a path may not be followed through it, or with
 * text that no bytes can hold, is no fault of the gateway, and is answered like any other.
 */
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { connect } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

const running = useGateway();

/** Deeper than a scan (`..`) goes. */
const DEEP = `${'[{"a":'.repeat(300)}1${'}]'.repeat(300)}`;
const INTERNAL = /^\{"message": "Internal server error", /;

/** More than a frame holds goes in several. */
function sendInFrames(socket: WebSocket, text: string): void {
  for (let at = 0; at < text.length; at += 32_768) {
    socket.send(text.slice(at, at + 32_768), { fin: at + 32_768 >= text.length });
  }
}

test('where the route is selected by a scan it goes to $default', async () => {
  const { backend, gateway } = running;
  const api = await gateway.createApi({
    routeSelectionExpression: '${request.body..action}',
    routes: { $default: { url: `${backend.url}/default` } },
  });
  const socket = await connect(api.wsUrl);
  socket.send(DEEP);
  expect((await backend.requests('/default').next()).text).toBe(DEEP);
});

test('where a parameter is mapped by a scan it is an Internal server error', async () => {
  const { backend, gateway } = running;
  const requestParameters = { 'integration.request.header.x': 'route.request.body..a' };
  const api = await gateway.createApi({
    routes: { $default: { url: `${backend.url}/default`, requestParameters } },
  });
  const socket = await connect(api.wsUrl);
  socket.send(DEEP);
  expect(await socket.next()).toMatch(INTERNAL);
  socket.send('[{"a":1}]');
  expect((await backend.requests('/default').next()).headers.x).toBe('[1]');
});

test('where a template is selected by a scan it is as if nothing were found', async () => {
  const { gateway } = running;
  const api = await gateway.createApi({
    routes: {
      $default: {
        type: 'MOCK',
        twoWay: true,
        integration: {
          templateSelectionExpression: '${request.body..a}',
          requestTemplates: { '[1]': '{"statusCode":201}', $default: '{"statusCode":200}' },
        },
        responses: [
          {
            integrationResponseKey: '$default',
            templateSelectionExpression: '\\$default',
            responseTemplates: { $default: "$input.path('$..a')" },
          },
        ],
      },
    },
  });
  const socket = await connect(api.wsUrl);
  socket.send(DEEP);
  expect(await socket.next()).toBe('[]');
});

test.each([
  ['lists', `{"action":${'['.repeat(60_000)}${']'.repeat(60_000)}}`],
  ['objects', `{"action":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`],
])('a selected value of %s within one another goes to $default', async (_, text) => {
  const { backend, gateway } = running;
  const api = await gateway.createApi({ routes: { $default: { url: `${backend.url}/default` } } });
  const socket = await connect(api.wsUrl);
  sendInFrames(socket.socket, text);
  expect((await backend.requests('/default').next()).text).toBe(text);
});

test('half a surrogate pair is U+FFFD wherever it is mapped to', async () => {
  const { backend, gateway } = running;
  const requestParameters = {
    'integration.request.header.x': 'route.request.body.text',
    'integration.request.querystring.x': 'route.request.body.text',
    'integration.request.path.x': 'route.request.body.text',
  };
  const api = await gateway.createApi({
    routes: { $default: { url: `${backend.url}/at/{x}`, requestParameters } },
  });
  const socket = await connect(api.wsUrl);
  socket.send('{"text":"\\ud83d!"}');
  const { url, headers } = await backend.requests('/at/%EF%BF%BD!').next();
  expect(url).toBe('/at/%EF%BF%BD!?x=%EF%BF%BD!');
  expect(Buffer.from(String(headers.x), 'latin1').toString()).toBe('\ufffd!');
});
