import {
  ApiGatewayManagementApiClient,
  GetConnectionCommand,
  GoneException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import {
  ApiGatewayV2Client,
  CreateApiCommand,
  CreateDeploymentCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateStageCommand,
  GetIntegrationsCommand,
  NotFoundException,
  UpdateIntegrationCommand,
} from '@aws-sdk/client-apigatewayv2';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Backend, startBackend } from './support/backend.ts';
import { useCleanup } from './support/cleanup.ts';
import { freePort } from './support/free-port.ts';
import { type RunningGateway, startGateway } from './support/gateway.ts';
import { openSocket } from './support/socket.ts';

const mapping = 'integration.request.header.connectionId';
const paths = { $connect: '/ws/connect', $disconnect: '/ws/disconnect', $default: '/ws/message' };
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

describe('the guide by AWS SDK v3', () => {
  const cleanup = useCleanup();
  let backend: Backend;
  let data: string;
  let gateway: RunningGateway;
  let control: ApiGatewayV2Client;
  let push: ApiGatewayManagementApiClient;
  let ApiId: string;
  const integrationIds: string[] = [];

  beforeAll(async () => {
    backend = await startBackend(cleanup);
    data = await cleanup.folder();
    gateway = await startGateway(cleanup, { args: ['--data', data], port: await freePort() });
    control = new ApiGatewayV2Client({ region: 'us-east-1', endpoint: gateway.url, credentials });
    push = new ApiGatewayManagementApiClient({
      region: 'us-east-1',
      endpoint: gateway.endpointUrl,
      credentials,
    });
    cleanup.defer(() => control.destroy());
    cleanup.defer(() => push.destroy());
  });

  const deploy = () =>
    control.send(new CreateDeploymentCommand({ ApiId, StageName: 'production' }));
  const map = async (expression: string) => {
    for (const IntegrationId of integrationIds) {
      const RequestParameters = { [mapping]: expression };
      await control.send(new UpdateIntegrationCommand({ ApiId, IntegrationId, RequestParameters }));
    }
  };
  const connect = async (token = 'good') => {
    const socket = await openSocket(cleanup, `${gateway.webSocketUrl}?token=${token}`);
    const call = await backend.next('/ws/connect', ({ status }) => status === 200);
    return { socket, ConnectionId: call.connectionId! };
  };
  const post = (ConnectionId: string, text: string) =>
    push.send(new PostToConnectionCommand({ ConnectionId, Data: new TextEncoder().encode(text) }));

  test('an API is made with three routes to HTTP_PROXY integrations, mapped and deployed', async () => {
    const api = await control.send(
      new CreateApiCommand({
        Name: 'notifications',
        ProtocolType: 'WEBSOCKET',
        RouteSelectionExpression: '$request.body.action',
      }),
    );
    ApiId = api.ApiId!;
    for (const [RouteKey, path] of Object.entries(paths)) {
      const { IntegrationId } = await control.send(
        new CreateIntegrationCommand({
          ApiId,
          IntegrationType: 'HTTP_PROXY',
          IntegrationMethod: 'POST',
          IntegrationUri: `${backend.url}${path}`,
        }),
      );
      integrationIds.push(IntegrationId!);
      const Target = `integrations/${IntegrationId}`;
      await control.send(new CreateRouteCommand({ ApiId, RouteKey, Target }));
    }
    await map('context.connectionId');
    await control.send(new CreateStageCommand({ ApiId, StageName: 'production' }));
    expect(await deploy()).toMatchObject({ DeploymentStatus: 'DEPLOYED' });
  });

  test('a pushed message arrives, and the connection can be looked up', async () => {
    const { socket, ConnectionId } = await connect();
    await post(ConnectionId, '{"type":"new_content"}');
    expect(await socket.next()).toBe('{"type":"new_content"}');
    const details = await push.send(new GetConnectionCommand({ ConnectionId }));
    expect(details.ConnectedAt).toBeInstanceOf(Date);
    expect(details.Identity?.SourceIp).toBe('127.0.0.1');
  });

  test('a bad token is refused with what the backend answered', async () => {
    await expect(connect('bad')).rejects.toThrow(/refused with 401: .*Unauthorized/);
  });

  test('a client that is gone gives GoneException', async () => {
    const { socket, ConnectionId } = await connect();
    socket.close();
    await socket.closed;
    await backend.next('/ws/disconnect', (call) => call.connectionId === ConnectionId);
    await expect(post(ConnectionId, 'late')).rejects.toBeInstanceOf(GoneException);
  });

  test('the mapping removed and deployed gives "connectionId header missing"; restored, it works', async () => {
    await map('');
    await deploy();
    await expect(connect()).rejects.toThrow(/refused with 400: .*connectionId header missing/);
    await map('context.connectionId');
    await deploy();
    const { socket, ConnectionId } = await connect();
    await post(ConnectionId, 'again');
    expect(await socket.next()).toBe('again');
  });

  test('an unknown API is NotFoundException', async () => {
    const unknown = control.send(new GetIntegrationsCommand({ ApiId: 'nosuchapi0' }));
    await expect(unknown).rejects.toBeInstanceOf(NotFoundException);
  });

  test('what was answered survives kill -9, and clients come back', async () => {
    await map("'static'");
    gateway.signal('SIGKILL');
    await gateway.ended;
    gateway = await startGateway(cleanup, { args: ['--data', data], port: gateway.port });

    const { Items } = await control.send(new GetIntegrationsCommand({ ApiId }));
    expect(Items?.map((item) => item.RequestParameters?.[mapping])).toEqual(
      Array(3).fill("'static'"),
    );
    // The deployment in force is still the one before that edit.
    const { socket, ConnectionId } = await connect();
    await post(ConnectionId, 'back');
    expect(await socket.next()).toBe('back');
  });
});
