import { beforeAll, describe, expect, test } from 'vitest';
import { type AwsCli, awsCli } from './support/aws-cli.ts';
import { type Backend, startBackend } from './support/backend.ts';
import { useCleanup } from './support/cleanup.ts';
import { type RunningGateway, startGateway } from './support/gateway.ts';
import { fillPlaceholders, shellCommands } from './support/guide.ts';
import { createGuideApi, type GuideApi } from './support/guide-api.ts';
import { openSocket } from './support/socket.ts';
import { describeWith } from './support/tools.ts';

/** What each operation of the guide must answer once the guide was followed. */
const expectations: Record<string, (answer: never, api: GuideApi) => void> = {
  'get-routes': ({ Items }: { Items: { RouteKey: string; Target: string }[] }, api) => {
    const targets = Object.fromEntries(Items.map(({ RouteKey, Target }) => [RouteKey, Target]));
    expect(targets).toEqual({
      $connect: `integrations/${api.CONNECT_INTEG_ID}`,
      $disconnect: `integrations/${api.DISCONNECT_INTEG_ID}`,
      $default: `integrations/${api.DEFAULT_INTEG_ID}`,
    });
  },
  'get-integrations': ({ Items }: { Items: object[] }) => {
    expect(Items).toHaveLength(3);
    for (const item of Items) {
      expect(item).toMatchObject({
        IntegrationType: 'HTTP_PROXY',
        IntegrationMethod: 'POST',
        PassthroughBehavior: 'WHEN_NO_MATCH',
      });
    }
  },
  'update-integration': (answer) => {
    expect(answer).toMatchObject({
      RequestParameters: { 'integration.request.header.connectionId': 'context.connectionId' },
    });
  },
  'get-stage': (answer, api) => {
    expect(answer).toMatchObject({ StageName: api.STAGE, DeploymentId: expect.any(String) });
  },
  'create-deployment': (answer) => {
    expect(answer).toMatchObject({
      DeploymentId: expect.any(String),
      DeploymentStatus: 'DEPLOYED',
    });
  },
};

describeWith(['aws'], "the guide's commands, by the aws CLI with only --endpoint-url added", () => {
  const cleanup = useCleanup();
  let gateway: RunningGateway;
  let backend: Backend;
  let aws: AwsCli;
  let api: GuideApi;

  beforeAll(async () => {
    gateway = await startGateway(cleanup);
    backend = await startBackend(cleanup);
    aws = awsCli(gateway.url);
    api = await createGuideApi(aws, backend.url);
  });

  const follow = (section: string) =>
    test.each(shellCommands(section).map((command) => [firstLine(command), command]))(
      `${section}: %s`,
      async (_, command) => {
        const answer = await aws(fillPlaceholders(command, api));
        const operation = /aws apigatewayv2 (\S+)/.exec(command)![1]!;
        expectations[operation]!(answer as never, api);
      },
    );

  const connect = () => openSocket(cleanup, `${gateway.webSocketUrl}?token=good`);

  test('before section 1.2 the backend answers "connectionId header missing"', async () => {
    await expect(connect()).rejects.toThrow(/refused with 400: .*connectionId header missing/);
  });

  describe('section 1.2, the mapping', () => {
    follow('1.2');
  });

  test('the mapping does nothing until it is deployed', async () => {
    await expect(connect()).rejects.toThrow(/connectionId header missing/);
  });

  describe('section 1.3, verify', () => {
    follow('1.3');

    test('get-integrations shows the mapping on every integration', async () => {
      const { Items } = await aws(`aws apigatewayv2 get-integrations --api-id ${api.API_ID}`);
      for (const item of Items) expectations['update-integration']!(item as never, api);
    });
  });

  describe('section 1.4, deploy', () => {
    follow('1.4');
  });

  test('a client connects, sends and leaves: the backend hears all three', async () => {
    const socket = await connect();
    const { connectionId, query } = await backend.next(
      '/ws/connect',
      ({ status }) => status === 200,
    );
    expect(query.get('token')).toBe('good');
    socket.send('{"action":"ping","token":"good"}');
    const message = await backend.next('/ws/message');
    expect(message).toMatchObject({ connectionId, body: '{"action":"ping","token":"good"}' });
    socket.close();
    await socket.closed;
    expect(await backend.next('/ws/disconnect')).toMatchObject({ connectionId, body: '' });
  });

  test('a token the backend refuses is refused at the handshake', async () => {
    const address = `${gateway.webSocketUrl}?token=bad`;
    await expect(openSocket(cleanup, address)).rejects.toThrow(/refused with 401: .*Unauthorized/);
  });

  describe('section 5.3, useful commands', () => {
    follow('5.3');
  });

  test('post-to-connection pushes; delete-connection closes; then the connection is gone', async () => {
    const socket = await connect();
    const { connectionId } = await backend.next('/ws/connect', ({ status }) => status === 200);
    const push = awsCli(gateway.endpointUrl);
    const command = (operation: string) =>
      `aws apigatewaymanagementapi ${operation} --connection-id '${connectionId}'`;
    const data = `--cli-binary-format raw-in-base64-out --data '{"type":"heartbeat"}'`;
    await push(`${command('post-to-connection')} ${data}`);
    expect(await socket.next()).toBe('{"type":"heartbeat"}');
    expect(await push(command('get-connection'))).toMatchObject({
      ConnectedAt: expect.any(String),
      Identity: { SourceIp: '127.0.0.1' },
    });
    await push(command('delete-connection'));
    expect(await socket.closed).toEqual({ code: 1000, reason: 'Connection Closed Normally' });
    await expect(push(`${command('post-to-connection')} ${data}`)).rejects.toThrow(/GoneException/);
  });
});

const firstLine = (command: string) => command.split('\n')[0]!.replace(/\s*\\$/, ' …');
