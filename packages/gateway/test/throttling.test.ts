import {
  ApiGatewayManagementApiClient,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Configuration } from '../src/server/config.ts';
import { type RecordingBackend, startBackend } from './support/recording-backend.ts';
import { startGateway, type TestApi, type TestGateway } from './support/start-gateway.ts';
import { connect, refusal, type TestSocket } from './support/test-socket.ts';

let backend: RecordingBackend;
let gateway: TestGateway;
let api: TestApi;

async function start(settings: Partial<Configuration> = {}): Promise<void> {
  gateway = await startGateway({ settings });
  const parameters = { 'integration.request.header.connectionId': 'context.connectionId' };
  api = await gateway.createApi({
    routes: {
      $connect: { url: `${backend.url}/connect`, requestParameters: parameters },
      hello: { url: `${backend.url}/hello`, twoWay: true },
      other: { url: `${backend.url}/other`, twoWay: true },
    },
  });
}
beforeEach(async () => {
  backend = await startBackend();
  for (const route of ['hello', 'other']) {
    backend.answer(`/${route}`, (_, response) => response.end(`from ${route}`));
  }
});
afterEach(async () => {
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
  await backend.stop();
});

interface Throttling {
  readonly throttlingRateLimit?: number;
  readonly throttlingBurstLimit?: number;
}
const limit = (throttlingRateLimit: number, throttlingBurstLimit: number): Throttling => ({
  throttlingRateLimit,
  throttlingBurstLimit,
});
/** Changes the stage and deploys nothing. */
const changeStage = (change: {
  readonly defaultRouteSettings?: Throttling;
  readonly routeSettings?: Record<string, Throttling>;
}) => gateway.control('PATCH', `/v2/apis/${api.apiId}/stages/test`, change);

async function open(): Promise<{ socket: TestSocket; connectionId: string }> {
  const socket = await connect(api.wsUrl);
  const { headers } = await backend.requests('/connect').next();
  return { socket, connectionId: String(headers.connectionid) };
}

/** What a message of the action is answered. */
async function ask(socket: TestSocket, action: string): Promise<string> {
  socket.send(JSON.stringify({ action }));
  const answer = await socket.next();
  return answer.startsWith('{') ? JSON.parse(answer).message : answer;
}

const push = (connectionId: string) =>
  fetch(`${api.endpoint}/@connections/${encodeURIComponent(connectionId)}`, {
    method: 'POST',
    body: 'pushed',
  });

const THREE_KEYS =
  /^\{"message": "Too Many Requests", "connectionId":"[\w-]{18}==", "requestId":"[\w-]{15}="\}$/;

describe('the limits of a stage', () => {
  beforeEach(() => start());

  test('burst messages are served, one more is answered with an error frame, the socket stays', async () => {
    await changeStage({ defaultRouteSettings: limit(1, 3) });
    const { socket } = await open();
    for (let count = 1; count <= 3; count += 1)
      expect(await ask(socket, 'hello')).toBe('from hello');
    socket.send('{"action":"hello"}');
    expect(await socket.next()).toMatch(THREE_KEYS);
    expect(backend.requests('/hello').size).toBe(3);

    gateway.clock.advance(999);
    expect(await ask(socket, 'hello')).toBe('Too Many Requests');
    gateway.clock.advance(1);
    expect(await ask(socket, 'hello')).toBe('from hello');
    expect(await ask(socket, 'hello')).toBe('Too Many Requests');
    // However long nobody asks, no more than the burst is saved up.
    gateway.clock.advance(60_000);
    for (let count = 1; count <= 3; count += 1)
      expect(await ask(socket, 'hello')).toBe('from hello');
    expect(await ask(socket, 'hello')).toBe('Too Many Requests');
  });

  test('each route has the default for itself, and its own settings before the default', async () => {
    await changeStage({
      defaultRouteSettings: limit(1, 1),
      routeSettings: { other: limit(1, 2) },
    });
    const { socket } = await open();
    expect(await ask(socket, 'hello')).toBe('from hello');
    expect(await ask(socket, 'hello')).toBe('Too Many Requests');
    expect(await ask(socket, 'other')).toBe('from other');
    expect(await ask(socket, 'other')).toBe('from other');
    expect(await ask(socket, 'other')).toBe('Too Many Requests');
    // Nobody sets a limit for messages that no route takes.
    expect(await ask(socket, 'unknown')).toBe('Forbidden');
    expect(await ask(socket, 'unknown')).toBe('Forbidden');
  });

  test('of a pair that is half set, the other half is the default of the stage, then AWS’s', async () => {
    await changeStage({
      defaultRouteSettings: { throttlingRateLimit: 1 },
      routeSettings: { hello: { throttlingBurstLimit: 1 } },
    });
    const { socket } = await open();
    expect(await ask(socket, 'hello')).toBe('from hello');
    expect(await ask(socket, 'hello')).toBe('Too Many Requests');
    gateway.clock.advance(1000);
    expect(await ask(socket, 'hello')).toBe('from hello');
    for (let count = 1; count <= 10; count += 1)
      expect(await ask(socket, 'other')).toBe('from other');
  });

  test('the limit of $connect: 429 with an error frame as body, without asking the backend', async () => {
    await changeStage({ routeSettings: { $connect: limit(0.5, 1) } });
    await open();
    const refused = await refusal(api.wsUrl);
    expect(refused.status).toBe(429);
    expect(refused.body).toMatch(THREE_KEYS);
    expect(backend.requests('/connect').size).toBe(0);
    gateway.clock.advance(1999);
    expect((await refusal(api.wsUrl)).status).toBe(429);
    gateway.clock.advance(1);
    await open();
  });

  test('0/0 lets nobody connect, however long they wait, with a $connect route or without', async () => {
    await changeStage({ defaultRouteSettings: limit(0, 0) });
    gateway.clock.advance(3_600_000);
    expect((await refusal(api.wsUrl)).status).toBe(429);
    expect(backend.requests('/connect').size).toBe(0);

    await gateway.control('DELETE', `/v2/apis/${api.apiId}/routes/${api.routes.$connect}`);
    await api.deploy();
    expect((await refusal(api.wsUrl)).status).toBe(429);
  });

  test('a change is in force at once, for open connections too, without a deployment', async () => {
    const { socket } = await open();
    expect(await ask(socket, 'hello')).toBe('from hello');
    await changeStage({ routeSettings: { hello: limit(0, 0) } });
    expect(await ask(socket, 'hello')).toBe('Too Many Requests');
    await changeStage({ routeSettings: { hello: limit(1, 1) } });
    expect(await ask(socket, 'hello')).toBe('from hello');
    expect(await ask(socket, 'hello')).toBe('Too Many Requests');
    await gateway.control('DELETE', `/v2/apis/${api.apiId}/stages/test/routesettings/hello`);
    expect(await ask(socket, 'hello')).toBe('from hello');
    expect(await ask(socket, 'hello')).toBe('from hello');
  });

  test('a deployment, and any other change of the stage, does not fill a bucket again', async () => {
    await changeStage({ routeSettings: { hello: limit(1, 1) } });
    const { socket } = await open();
    expect(await ask(socket, 'hello')).toBe('from hello');
    await api.deploy();
    expect(await ask(socket, 'hello')).toBe('Too Many Requests');
    await changeStage({ routeSettings: { other: limit(1, 1) } });
    expect(await ask(socket, 'hello')).toBe('Too Many Requests');
  });

  test('another stage of the same API counts for itself, and so does one that was made again', async () => {
    await changeStage({ defaultRouteSettings: limit(1, 1) });
    const stages = `/v2/apis/${api.apiId}/stages`;
    const { deploymentId } = await gateway.control('GET', `${stages}/test`);
    const second = { stageName: 'second', deploymentId, defaultRouteSettings: limit(1, 1) };
    await gateway.control('POST', stages, second);
    await connect(api.wsUrl);
    expect((await refusal(api.wsUrl)).status).toBe(429);
    const url = api.wsUrl.replace(/test$/, 'second');
    await connect(url);
    expect((await refusal(url)).status).toBe(429);
    await gateway.control('DELETE', `${stages}/second`);
    await gateway.control('POST', stages, second);
    await connect(url);
  });

  test('what is throttled is a line of the log with 429 and the limit', async () => {
    await changeStage({ defaultRouteSettings: limit(0, 0) });
    await refusal(api.wsUrl);
    expect(await gateway.events.next()).toMatchObject({
      kind: 'connect',
      status: 429,
      reason: 'throttled: the limit of $connect is reached',
    });
  });
});

describe('the limit of the account', () => {
  test('counts handshakes, messages and calls of @connections of all APIs together', async () => {
    await start({ accountRateLimit: 1, accountBurstLimit: 4 });
    const { socket, connectionId } = await open();
    expect(await ask(socket, 'hello')).toBe('from hello');
    expect(await ask(socket, 'unknown')).toBe('Forbidden');
    expect((await push(connectionId)).status).toBe(200);
    expect(await socket.next()).toBe('pushed');

    const refused = await refusal(api.wsUrl);
    expect(refused.status).toBe(429);
    expect(refused.body).toMatch(THREE_KEYS);
    expect(backend.requests('/connect').size).toBe(0);
    expect(await ask(socket, 'hello')).toBe('Too Many Requests');
    expect((await push(connectionId)).status).toBe(429);
    gateway.clock.advance(1000);
    expect((await push(connectionId)).status).toBe(200);
    expect((await push(connectionId)).status).toBe(429);
  });

  test('a call beyond it is a TooManyRequestsException to the SDK', async () => {
    await start({ accountRateLimit: 1, accountBurstLimit: 1 });
    const { connectionId } = await open();
    const reply = await push(connectionId);
    expect(reply.headers.get('x-amzn-errortype')).toBe('TooManyRequestsException');
    expect(reply.headers.get('x-postern-reason')).toBe('throttled');
    expect(await reply.text()).toBe('{"message":"Too Many Requests"}');
    const client = new ApiGatewayManagementApiClient({
      endpoint: api.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
      maxAttempts: 1,
    });
    const command = new PostToConnectionCommand({ ConnectionId: connectionId, Data: 'x' });
    await expect(client.send(command)).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      message: 'Too Many Requests',
    });
  });

  test('is not used up by what the limit of a route has refused', async () => {
    await start({ accountRateLimit: 1, accountBurstLimit: 3 });
    const { socket } = await open();
    await changeStage({ routeSettings: { hello: limit(0, 0) } });
    for (let count = 1; count <= 5; count += 1) {
      expect(await ask(socket, 'hello')).toBe('Too Many Requests');
    }
    expect(await ask(socket, 'other')).toBe('from other');
    expect(await ask(socket, 'other')).toBe('from other');
    expect(await ask(socket, 'other')).toBe('Too Many Requests');
  });
});

test('connectsPerSecondMax: so many handshakes at once, one more is 429, a second later again', async () => {
  await start({ connectsPerSecondMax: 2 });
  const { socket } = await open();
  await open();
  expect((await refusal(api.wsUrl)).status).toBe(429);
  expect(await ask(socket, 'hello')).toBe('from hello');
  gateway.clock.advance(500);
  await open();
  expect((await refusal(api.wsUrl)).status).toBe(429);
});

test('without a limit nothing is throttled', async () => {
  await start();
  const { socket } = await open();
  for (let count = 0; count < 200; count += 1) socket.send('{"action":"hello"}');
  for (let count = 0; count < 200; count += 1) expect(await socket.next()).toBe('from hello');
});
