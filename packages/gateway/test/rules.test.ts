import { type AddressInfo, connect as connectTcp, createServer, type Server } from 'node:net';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import type { RuleName } from '../src/wire/rules.ts';
import { clientFrame, handshake, rawConnect } from './support/raw-client.ts';
import { type RouteSpec, startGateway } from './support/start-gateway.ts';
import { connect, refusal } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

/** Each row brings about what the rule says; whoever reads the live log or the trace is told its name. */
const at = useGateway(undefined, { settings: { httpAuthorizers: true } });

const ID = `${'A'.repeat(18)}==`;
const api = (routes: Record<string, RouteSpec>, more = {}) =>
  at.gateway.createApi({ routes, ...more });
const silent = { silent: {} };
const backend = (path: string): RouteSpec => ({ url: `${at.backend.url}${path}` });
const wsUrl = () => at.gateway.url.replace('http', 'ws');

const opens = async (routes: Record<string, RouteSpec>, more = {}) =>
  connect((await api(routes, more)).wsUrl);
const sends = async (route: RouteSpec | undefined, text = 'ping') => {
  const socket = await opens(route ? { $default: route } : silent);
  socket.send(text);
};
const sendsBytes = async (bytes: Buffer) => {
  const { wsUrl } = await api(silent);
  const client = await rawConnect(wsUrl);
  client.socket.write(bytes);
  await client.ended;
};
const asks = async (lines: string[], edit = (text: string) => text) => {
  const { wsUrl } = await api(silent);
  const { hostname, port } = new URL(wsUrl);
  const socket = connectTcp(Number(port), hostname);
  socket.on('error', () => {});
  socket.end(edit(handshake(wsUrl, lines)));
};
const pushes = async (id: string, body = 'hello', method = 'POST') => {
  const { endpoint } = await api(silent);
  await fetch(`${endpoint}/@connections/${id}`, { method, ...(method === 'POST' && { body }) });
};
const idOf = async () => (await at.gateway.events.next()).connectionId!;

let garbler: Server | undefined;
afterEach(() => {
  garbler?.close();
  garbler = undefined;
});

/** A server that answers what is no HTTP. */
async function garbling(): Promise<RouteSpec> {
  const server = createServer((socket) => socket.end('what?\r\n\r\n'));
  garbler = server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const rows: Partial<Record<RuleName, () => Promise<unknown>>> = {
  'stage-not-found': () => refusal(`${wsUrl()}/nowhere`),
  'url-too-long': () => refusal(`${wsUrl()}/nowhere?${'x'.repeat(4096)}`),
  'headers-too-long': () => refusal(`${wsUrl()}/n`, { headers: { 'x-long': 'x'.repeat(10_241) } }),
  'authorization-repeated': () => asks(['Authorization: a', 'Authorization: b']),
  'not-a-handshake': () => asks([], (text) => text.replace('dGhlIHNhbXBsZSBub25jZQ==', 'no')),
  'websocket-version': () => asks([], (text) => text.replace('Version: 13', 'Version: 12')),
  'origin-not-allowed': async () => {
    const tags = { 'postern:allowedOrigins': 'https://app.example' };
    const { wsUrl } = await api(silent, { tags });
    await refusal(wsUrl, { headers: { origin: 'https://evil.example' } });
  },
  'address-limit': async () => {
    const { wsUrl } = await api(silent, { tags: { 'postern:connectionsPerAddressMax': '1' } });
    await connect(wsUrl);
    await refusal(wsUrl);
  },
  'parameter-missing': async () => {
    const required = { 'route.request.querystring.token': { required: true } };
    const { wsUrl } = await api({ $connect: { ...backend('/connect'), required } });
    await refusal(wsUrl);
  },
  'backend-refused': async () => {
    at.backend.answer('/no', (_, response) => response.writeHead(401).end());
    await refusal((await api({ $connect: backend('/no') })).wsUrl);
  },
  'route-not-found': () => sends(undefined),
  'integration-missing': () => sends({}),
  'integration-misconfigured': () =>
    sends({ type: 'MOCK', integration: { requestTemplates: { $default: 'no object' } } }),
  'mapped-value-invalid': () =>
    sends(
      {
        ...backend('/x'),
        requestParameters: { 'integration.request.header.x': 'route.request.body.x' },
      },
      '{"x":"a\\nb"}',
    ),
  'template-not-selected': () =>
    sends({
      ...backend('/x'),
      type: 'HTTP',
      integration: { passthroughBehavior: 'NEVER', requestTemplates: {} },
    }),
  'reply-too-long': async () => {
    at.backend.answer('/long', (_, response) => response.end('x'.repeat(131_073)));
    await sends({ ...backend('/long'), twoWay: true });
  },
  'backend-error': async () => {
    at.backend.answer('/sick', (_, response) => response.writeHead(503).end());
    await sends(backend('/sick'));
  },
  'backend-timeout': async () => {
    at.backend.answer('/slow', () => at.gateway.clock.advance(29_000));
    await sends(backend('/slow'));
  },
  'backend-unreachable': () => sends({ url: 'http://127.0.0.1:1/' }),
  'backend-garbled': async () => sends(await garbling()),
  'function-unavailable': () =>
    sends({
      type: 'AWS_PROXY',
      url: 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:missing/invocations',
    }),
  'connection-gone': () => pushes(ID),
  'connection-id-malformed': () => pushes('AAAA='),
  'payload-too-large': () => pushes(ID, 'x'.repeat(131_073)),
  'operation-unknown': () => pushes(ID, '', 'PUT'),
  'control-plane': () => fetch(`${at.gateway.url}/v2/apis`, { method: 'POST', body: '{}' }),
  'client-closed': async () => (await opens(silent)).close(),
  'connection-lost': async () => (await opens(silent)).socket.terminate(),
  deleted: async () => {
    const { endpoint, wsUrl } = await api(silent);
    await connect(wsUrl);
    await fetch(`${endpoint}/@connections/${await idOf()}`, { method: 'DELETE' });
  },
  'binary-message': async () => (await opens(silent)).send(Buffer.from([1, 2])),
  'message-too-long': async () => (await opens(silent)).send('x'.repeat(32_769)),
  'text-invalid': () => sendsBytes(clientFrame(Buffer.from([0xff]))),
  'protocol-error': () => sendsBytes(clientFrame('x', { opcode: 3 })),
};

test.each(Object.entries(rows))('%s', async (rule, bringAbout) => {
  await bringAbout();
  for (;;) {
    const event = await at.gateway.events.next();
    if (event.rule === undefined) continue;
    expect(event).toMatchObject({ rule });
    if (event.kind !== 'disconnect') expect(event.reason).toMatch(/\w/);
    return;
  }
});

test('postern start: whoever is refused a change is in the log, with the rule', async () => {
  const gateway = await startGateway({ mode: 'start' });
  await fetch(`${gateway.url}/v2/apis?token=topsecret`, { method: 'POST', body: '{}' });
  expect(await gateway.events.next()).toMatchObject({
    kind: 'control',
    route: 'POST /v2/apis',
    status: 403,
    rule: 'not-signed',
    reason: 'Missing Authentication Token',
  });
  await gateway.stop();
});

test('what is asked of another service is in the log as it was asked', async () => {
  const answer = await fetch(`${at.gateway.url}/restapis?limit=5`);
  expect(await answer.json()).toEqual({ message: 'Missing Authentication Token' });
  expect(await at.gateway.events.next()).toMatchObject({
    kind: 'control',
    route: 'GET /restapis',
    status: 403,
    rule: 'operation-unknown',
    reason: 'no operation has this method and path',
  });
});

test('a client of a stage that several APIs have is told of as that', async () => {
  const gateway = await startGateway();
  onTestFinished(() => gateway.stop());
  const one = await gateway.createApi({ routes: silent });
  await gateway.createApi({ routes: silent });
  const short = one.wsUrl.replace(`/${one.apiId}/`, '/');
  expect(short).not.toBe(one.wsUrl);
  expect((await refusal(short)).status).toBe(403);
  expect(await gateway.events.next()).toMatchObject({
    kind: 'connect',
    rule: 'stage-not-found',
    reason: 'several APIs have this stage: the URL has to name one, as /{apiId}/{stage}',
  });
});

test('a push to an endpoint without its stage is told what is missing', async () => {
  const answer = await fetch(`${at.gateway.url}/@connections/${ID}`, { method: 'POST', body: 'x' });
  expect(await answer.json()).toEqual({ message: 'Forbidden' });
  expect(await at.gateway.events.next()).toMatchObject({
    kind: 'push',
    status: 403,
    rule: 'stage-not-found',
    reason: 'the URL names no deployed stage: endpoint_url ends with one',
  });
});
