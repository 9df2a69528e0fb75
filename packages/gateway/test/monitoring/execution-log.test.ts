import { describe, expect, test } from 'vitest';
import { LINE_BYTES_MAX } from '../../src/monitoring/execution-log.ts';
import type { RouteSpec, TestApi } from '../support/start-gateway.ts';
import { connect, refusal } from '../support/test-socket.ts';
import { useGateway } from '../support/use-gateway.ts';

/** The texts are those recorded from AWS. */
const at = useGateway();

async function logged(
  settings: object,
  routes?: Record<string, RouteSpec>,
  routeSettings?: object,
): Promise<TestApi> {
  const api = await at.gateway.createApi({
    routes: routes ?? {
      $connect: { url: `${at.backend.url}/connect` },
      $default: { url: `${at.backend.url}/echo` },
      $disconnect: { url: `${at.backend.url}/bye` },
    },
  });
  await at.gateway.control('PATCH', `/v2/apis/${api.apiId}/stages/test`, {
    defaultRouteSettings: settings,
    ...(routeSettings !== undefined && { routeSettings }),
  });
  return api;
}

/** Lines without their log group and their request id, which are the same for all of one event. */
async function lines({ apiId }: TestApi, count: number): Promise<string[]> {
  const texts: string[] = [];
  const ids = new Set<string>();
  for (let line = 0; line < count; line += 1) {
    const text = await at.gateway.lines.next();
    const [, id = '', rest = ''] =
      new RegExp(`^/aws/apigateway/${apiId}/test \\(([\\w-]{15}=)\\) (.*)$`).exec(text) ?? [];
    ids.add(id);
    texts.push(rest.replaceAll(id, '{id}'));
  }
  expect(ids.size).toBe(1);
  return texts;
}

const INFO = { loggingLevel: 'INFO' };

test('INFO tells the whole life of a connection', async () => {
  at.backend.answer('/echo', (_, response) => response.writeHead(201).end());
  const api = await logged(INFO);
  const { apiId } = api;
  const socket = await connect(api.wsUrl, { headers: { 'user-agent': 'device/1' } });
  const connected = await lines(api, 5);
  const { connectionId } = await at.gateway.events.next();
  expect(connected).toEqual([
    'Extended Request Id: {id}',
    'Starting execution for request: {id}',
    'WebSocket Request Route: [$connect]',
    `Client [UserAgent: device/1, SourceIp: 127.0.0.1] is connecting to WebSocket API [${apiId}].`,
    `Client [Connection Id: ${connectionId}] connected to API [${apiId}] successfully.`,
  ]);
  socket.send('ping');
  expect(await lines(api, 5)).toEqual([
    'Extended Request Id: {id}',
    'Starting execution for request: {id}',
    'WebSocket Request Route: [$default]',
    `WebSocket API [${apiId}] received message from client [Connection Id: ${connectionId}].`,
    `Message from client [Connection Id: ${connectionId}] sent to API [${apiId}] with response status code [201].`,
  ]);
  await fetch(`${api.endpoint}/@connections/${connectionId}`, { method: 'POST', body: 'hi' });
  expect(await lines(api, 3)).toEqual([
    'Extended Request Id: {id}',
    'Starting execution for request: {id}',
    'Connection API request completed with status: 200',
  ]);
  socket.close();
  expect((await lines(api, 4)).at(-1)).toBe(
    `Client [Connection Id: ${connectionId}] disconnected from API [${apiId}] with integration response status code [200]. Close reason: [1005: Client-side close frame status not set]`,
  );
});

test('without a $disconnect integration no status is told', async () => {
  const api = await logged(INFO, { $default: { url: `${at.backend.url}/echo` } });
  const socket = await connect(api.wsUrl);
  await lines(api, 5);
  const { connectionId } = await at.gateway.events.next();
  socket.close(4000, 'done');
  expect((await lines(api, 4)).at(-1)).toBe(
    `Client [Connection Id: ${connectionId}] disconnected from API [${api.apiId}]. Close reason: [4000: done]`,
  );
});

test('a call of @connections that is refused is told by its exception', async () => {
  const api = await logged({ loggingLevel: 'ERROR' });
  const gone = `${api.endpoint}/@connections/${'A'.repeat(18)}==`;
  await fetch(gone, { method: 'POST', body: 'x' });
  expect(await lines(api, 1)).toEqual(['Connection API request failed: GoneException']);
});

test('ERROR tells what failed and nothing else', async () => {
  at.backend.answer('/connect', (request, response) =>
    response.writeHead(request.url.includes('in') ? 200 : 403).end(),
  );
  const api = await logged({ loggingLevel: 'ERROR' }, undefined, {});
  await refusal(`${api.wsUrl}?out`);
  expect(await lines(api, 1)).toEqual(['Execution failed: the backend answered 403 to $connect']);
  const socket = await connect(`${api.wsUrl}?in`);
  socket.send('fine');
  socket.close();
  for (let event = 0; event < 4; event += 1) await at.gateway.events.next();
  await at.gateway.gateway.stop();
  expect(at.gateway.lines.size).toBe(0);
});

test('OFF tells nothing, and is what a stage begins with', async () => {
  const api = await at.gateway.createApi({ routes: { other: {} } });
  const socket = await connect(api.wsUrl);
  socket.send('no route');
  await socket.next();
  await at.gateway.gateway.stop();
  expect(at.gateway.lines.size).toBe(0);
});

test('a route may say more, or less, than its stage', async () => {
  const routes = { loud: {}, quiet: {} };
  const api = await logged({ loggingLevel: 'OFF' }, routes, {
    loud: { loggingLevel: 'ERROR' },
  });
  const socket = await connect(api.wsUrl);
  socket.send('{"action":"quiet"}');
  socket.send('{"action":"loud"}');
  expect(await lines(api, 1)).toEqual(['Execution failed: the route has no integration']);
});

describe('data trace', () => {
  const TRACED = { loggingLevel: 'INFO', dataTraceEnabled: true };

  test('tells what went to the backend and what came back', async () => {
    at.backend.answer('/echo', (_, response) =>
      response.writeHead(200, { 'x-from': 'backend' }).end('pong'),
    );
    const api = await logged(TRACED);
    const socket = await connect(api.wsUrl);
    await lines(api, 10);
    socket.send('{"say":"ping"}');
    const told = await lines(api, 11);
    expect(told[4]).toBe(`Endpoint request URI: ${at.backend.url}/echo`);
    expect(told[5]).toMatch(/^Endpoint request headers: \{.*User-Agent=AmazonAPIGateway_.*\}$/);
    expect(told[6]).toBe('Endpoint request body after transformations: {"say":"ping"}');
    expect(told[7]).toBe('Received response. Status: 200, Integration latency: 0 ms');
    expect(told[8]).toMatch(/^Endpoint response headers: \{x-from=backend, .*\}$/);
    expect(told[9]).toBe('Endpoint response body before transformations: pong');
  });

  test('is not told at INFO alone, and not at ERROR', async () => {
    const api = await logged({ loggingLevel: 'INFO', dataTraceEnabled: false });
    await connect(api.wsUrl);
    expect((await lines(api, 5)).join('\n')).not.toContain('Endpoint');
  });

  test('keeps tokens, keys and signatures out of every line', async () => {
    at.backend.answer('/connect', (_, response) =>
      response.writeHead(200, { 'set-cookie': 'session=topsecret' }).end('{"token":"topsecret"}'),
    );
    const api = await logged(TRACED);
    await connect(`${api.wsUrl}?token=topsecret&X-Amz-Signature=topsecret`, {
      headers: {
        authorization: 'Bearer topsecret',
        'x-api-key': 'topsecret',
        cookie: 'a=topsecret',
        'user-agent': 'app token=topsecret',
      },
      protocols: ['topsecret'],
    }).catch(() => {});
    const told = (await lines(api, 10)).join('\n');
    expect(told).toContain('Endpoint request headers');
    expect(told).not.toContain('topsecret');
  });
});

test('a line is cut after 1,024 bytes, and no character in two', async () => {
  const api = await logged({ loggingLevel: 'INFO', dataTraceEnabled: true });
  const socket = await connect(api.wsUrl);
  await lines(api, 10);
  socket.send('é'.repeat(2000));
  const told: string[] = [];
  for (let line = 0; line < 11; line += 1) told.push(await at.gateway.lines.next());
  const group = `/aws/apigateway/${api.apiId}/test `;
  const body = told.find((text) => text.includes('body after'))!.slice(group.length);
  expect(Buffer.byteLength(body)).toBeGreaterThan(LINE_BYTES_MAX - 2);
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(LINE_BYTES_MAX);
  expect(body).toMatch(/é$/);
});

test('nor does a body of several lines', async () => {
  const api = await logged({ loggingLevel: 'INFO', dataTraceEnabled: true });
  const socket = await connect(api.wsUrl);
  await lines(api, 10);
  socket.send('one\ntwo');
  expect((await lines(api, 11))[6]).toBe('Endpoint request body after transformations: one two');
});

test('no value makes a second line', async () => {
  const api = await logged(INFO);
  const socket = await connect(api.wsUrl);
  await lines(api, 5);
  socket.close(4000, 'a\nb\u2028c');
  expect((await lines(api, 4)).at(-1)).toMatch(/Close reason: \[4000: a b c\]$/);
});
