import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { ApiGatewayV2Client, GetApisCommand } from '@aws-sdk/client-apigatewayv2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type RecordingBackend, startBackend } from './support/recording-backend.ts';
import { startGateway, type TestApi, type TestGateway } from './support/start-gateway.ts';
import { connect, type TestSocket } from './support/test-socket.ts';

const PUSHER = { accessKeyId: 'AKIAPUSHER000000001', secretAccessKey: 'pusher-secret' };
const ADMIN = { accessKeyId: 'AKIAADMIN0000000001', secretAccessKey: 'admin-secret' };
const DISABLED = { accessKeyId: 'AKIADISABLED0000001', secretAccessKey: 'disabled-secret' };

/** Section 2 of the integration guide, its placeholders filled. */
const guidePolicy = {
  Version: '2012-10-17' as const,
  Statement: [
    {
      Effect: 'Allow' as const,
      Action: 'execute-api:ManageConnections',
      Resource: 'arn:aws:execute-api:us-east-1:000000000000:*/test/POST/@connections/*',
    },
  ],
};

let backend: RecordingBackend;
let gateway: TestGateway;
let api: TestApi;
let socket: TestSocket;
let ConnectionId: string;
beforeEach(async () => {
  backend = await startBackend();
  gateway = await startGateway({
    mode: 'start',
    users: [
      {
        name: 'pusher',
        accessKeys: [
          { ...PUSHER, enabled: true },
          { ...DISABLED, enabled: false },
        ],
        policies: [guidePolicy],
      },
      {
        name: 'admin',
        accessKeys: [{ ...ADMIN, enabled: true }],
        policies: [
          {
            Version: '2012-10-17',
            Statement: [
              { Effect: 'Allow', Action: '*', Resource: '*' },
              {
                Effect: 'Deny',
                Action: 'execute-api:*',
                Resource: 'arn:aws:execute-api:*:*:*/DELETE/*',
              },
            ],
          },
        ],
      },
    ],
  });
  // Signatures carry the caller's clock; the gateway's must agree with it.
  gateway.clock.jumpTo(Date.now());
  api = await gateway.createApi({
    routes: {
      $connect: {
        url: `${backend.url}/connect`,
        requestParameters: { 'integration.request.header.connectionId': 'context.connectionId' },
      },
    },
  });
  socket = await connect(api.wsUrl);
  ConnectionId = String((await backend.requests('/connect').next()).headers.connectionid);
});
afterEach(async () => {
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
  await backend.stop();
});

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const management = (credentials: Credentials, endpoint = api.endpoint) =>
  new ApiGatewayManagementApiClient({
    endpoint,
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
  });
const push = (credentials: Credentials) =>
  management(credentials).send(new PostToConnectionCommand({ ConnectionId, Data: 'pushed' }));

describe('the policy of the guide', () => {
  test('allows to push', async () => {
    await push(PUSHER);
    expect(await socket.next()).toBe('pushed');
  });

  test('allows nothing else', async () => {
    for (const Command of [GetConnectionCommand, DeleteConnectionCommand]) {
      await expect(management(PUSHER).send(new Command({ ConnectionId }))).rejects.toMatchObject({
        name: 'AccessDeniedException',
        message: expect.stringMatching(
          /^User: arn:aws:iam::000000000000:user\/pusher is not authorized to perform: execute-api:ManageConnections on resource: arn:aws:execute-api:us-east-1:\*{8}0000:\w{10}\/test\/(GET|DELETE)\/@connections\/\{connectionId\} because no identity-based policy allows the execute-api:ManageConnections action$/,
        ),
      });
    }
    const control = new ApiGatewayV2Client({
      endpoint: gateway.url,
      region: 'us-east-1',
      credentials: PUSHER,
      maxAttempts: 1,
    });
    await expect(control.send(new GetApisCommand({}))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });
});

test('an explicit deny wins and says so', async () => {
  await expect(
    management(ADMIN).send(new DeleteConnectionCommand({ ConnectionId })),
  ).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringMatching(/with an explicit deny in an identity-based policy$/),
  });
});

test.each([
  ['a wrong secret', { ...PUSHER, secretAccessKey: 'wrong' }, 'InvalidSignatureException'],
  [
    'an unknown key',
    { accessKeyId: 'AKIAUNKNOWN00000001', secretAccessKey: 'x' },
    'UnrecognizedClientException',
  ],
  ['a disabled key', DISABLED, 'UnrecognizedClientException'],
])('%s is refused', async (_, credentials, name) => {
  await expect(push(credentials)).rejects.toMatchObject({ name });
  expect(socket.pending).toBe(0);
});

test('an unsigned call is refused', async () => {
  const id = encodeURIComponent(ConnectionId);
  for (const url of [`${api.endpoint}/@connections/${id}`, `${gateway.url}/v2/apis`]) {
    const reply = await fetch(url);
    expect(reply.status).toBe(403);
    expect(reply.headers.get('x-amzn-errortype')).toBe('MissingAuthenticationTokenException');
    expect(await reply.json()).toEqual({ message: 'Missing Authentication Token' });
  }
});

test('a malformed id is 400 even for a caller who may do nothing, a dead one 403', async () => {
  const bad = management(PUSHER).send(new GetConnectionCommand({ ConnectionId: 'AAAA=' }));
  await expect(bad).rejects.toMatchObject({
    name: 'BadRequestException',
    message: 'Invalid connectionId: AAAA=',
  });
  const dead = management(PUSHER).send(
    new GetConnectionCommand({ ConnectionId: 'gbgA_A9XiQAYKEiI6A==' }),
  );
  await expect(dead).rejects.toMatchObject({ name: 'AccessDeniedException' });
});

test('a gone connection is a GoneException to the SDK', async () => {
  socket.close();
  await socket.closed;
  await expect(push(PUSHER)).rejects.toMatchObject({ name: 'GoneException' });
});

test('an administrator may use the control plane', async () => {
  const control = new ApiGatewayV2Client({
    endpoint: gateway.url,
    region: 'us-east-1',
    credentials: ADMIN,
  });
  expect((await control.send(new GetApisCommand({}))).Items).toHaveLength(1);
});

test('health needs no signature', async () => {
  expect((await fetch(`${gateway.url}/@health/live`)).status).toBe(200);
});
