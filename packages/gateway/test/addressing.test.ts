import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startGateway, type TestApi, type TestGateway } from './support/start-gateway.ts';
import { connect, refusal } from './support/test-socket.ts';

let gateway: TestGateway;
let api: TestApi;
let base: string;
beforeEach(async () => {
  gateway = await startGateway();
  api = await gateway.createApi({ routes: { $default: {} }, stage: 'production' });
  base = gateway.url.replace('http', 'ws');
});
afterEach(() => gateway.stop());

test.each([
  ['/{apiId}/{stage}', () => `${base}/${api.apiId}/production`],
  ['/{apiId}/{stage}/', () => `${base}/${api.apiId}/production/`],
  ['/{stage} where one API has it', () => `${base}/production`],
  ['/{stage} with a query', () => `${base}/production?token=x`],
])('%s connects', async (_, url) => {
  await connect(url());
});

test('the host {apiId}.execute-api.… with /{stage} connects, in any case', async () => {
  const headers = { Host: `${api.apiId.toUpperCase()}.execute-api.us-east-1.amazonaws.com` };
  await connect(`${base}/production`, { headers });
  expect((await refusal(`${base}/other`, { headers })).status).toBe(403);
});

test('/{stage} is refused where two APIs have the stage', async () => {
  await gateway.createApi({ routes: { $default: {} }, stage: 'production' });
  expect((await refusal(`${base}/production`)).status).toBe(403);
  await connect(api.wsUrl);
});

test.each(['/nothing', '/', '', '/production/more', '/a/b/c', '/%ff', '/__proto__', '/..%2f'])(
  'a handshake for %s is refused with 403 Forbidden',
  async (path) => {
    const refused = await refusal(base + path);
    expect(refused.status).toBe(403);
    expect(refused.body).toBe('{"message":"Forbidden"}');
    expect(refused.headers['x-amzn-errortype']).toBe('ForbiddenException');
  },
);

test('a stage without a deployment is refused', async () => {
  await gateway.control('POST', `/v2/apis/${api.apiId}/stages`, { stageName: 'empty' });
  expect((await refusal(`${base}/${api.apiId}/empty`)).status).toBe(403);
});

test('disableExecuteApiEndpoint closes the endpoint from the next deployment on', async () => {
  await gateway.control('PATCH', `/v2/apis/${api.apiId}`, { disableExecuteApiEndpoint: true });
  await connect(api.wsUrl);
  await api.deploy();
  expect((await refusal(api.wsUrl)).status).toBe(403);
});

test('a plain GET of a stage answers 426 Upgrade Required', async () => {
  const reply = await new Promise<{ status: number; upgrade: unknown; body: string }>((resolve) => {
    httpRequest(`${gateway.url}/production`, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, upgrade: response.headers.upgrade, body }),
      );
    }).end();
  });
  expect(reply).toEqual({
    status: 426,
    upgrade: 'websocket',
    body: '{"message":"Upgrade Required"}',
  });
});

test('health answers live and ready', async () => {
  expect((await fetch(`${gateway.url}/@health/live`)).status).toBe(200);
  expect(await (await fetch(`${gateway.url}/@health/ready`)).json()).toEqual({ status: 'ready' });
});
