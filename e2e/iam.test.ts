import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { awsCli, awsEnvironment } from './support/aws-cli.ts';
import { type Backend, startBackend } from './support/backend.ts';
import { useCleanup } from './support/cleanup.ts';
import { type RunningGateway, startGateway } from './support/gateway.ts';
import { codeBlocks, fillPlaceholders } from './support/guide.ts';
import { quietEnvironment } from './support/process.ts';
import { repository } from './support/repository.ts';
import { openSocket, type TestSocket } from './support/socket.ts';
import { describeWith, PYTHON } from './support/tools.ts';

const run = promisify(execFile);

const key = { id: 'AKIAPOSTERNTEST00001', secret: 'the-secret-of-the-backend' };
const script = join(repository, 'e2e/support/management_calls.py');

interface Outcome {
  readonly ok: boolean;
  readonly code?: string;
  readonly message?: string;
  readonly status?: number;
}

describeWith(['boto3'], "postern start with the policy of the guide's section 2", () => {
  const cleanup = useCleanup();
  let gateway: RunningGateway;
  let backend: Backend;
  let socket: TestSocket;
  let connectionId: string;

  beforeAll(async () => {
    backend = await startBackend(cleanup);
    const folder = await cleanup.folder();
    const config = join(folder, 'postern.yaml');
    await writeFile(config, configuration(backend.url));
    gateway = await startGateway(cleanup, {
      mode: 'start',
      args: ['--data', join(folder, 'data'), '--config', config],
    });
    socket = await openSocket(cleanup, `${gateway.webSocketUrl}?token=good`);
    connectionId = (await backend.next('/ws/connect')).connectionId!;
  });

  const call = async (operation: string, { id, secret } = key): Promise<Outcome> => {
    const { stdout } = await run(PYTHON, [script, gateway.endpointUrl, operation, connectionId], {
      env: {
        ...quietEnvironment(),
        ...awsEnvironment,
        AWS_ACCESS_KEY_ID: id,
        AWS_SECRET_ACCESS_KEY: secret,
      },
      timeout: 120_000,
    });
    return JSON.parse(stdout);
  };

  test('the key may post to a connection', async () => {
    expect(await call('post_to_connection')).toEqual({ ok: true });
    expect(await socket.next()).toBe('pushed');
  });

  test.each(['get_connection', 'delete_connection'])('the key may not %s', async (operation) => {
    expect(await call(operation)).toMatchObject({
      ok: false,
      status: 403,
      code: 'AccessDeniedException',
      message: expect.stringContaining('execute-api:ManageConnections'),
    });
  });

  test('a wrong secret is refused', async () => {
    const outcome = await call('post_to_connection', { ...key, secret: 'another' });
    expect(outcome).toMatchObject({ ok: false, status: 403, code: 'InvalidSignatureException' });
  });

  test('an unknown key is refused', async () => {
    const outcome = await call('post_to_connection', { ...key, id: 'AKIAUNKNOWN000000001' });
    expect(outcome).toMatchObject({ ok: false, status: 403, code: 'UnrecognizedClientException' });
  });

  test('an unsigned push is refused', async () => {
    const url = `${gateway.endpointUrl}/@connections/${encodeURIComponent(connectionId)}`;
    const response = await fetch(url, { method: 'POST', body: 'unsigned' });
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ message: 'Missing Authentication Token' });
  });

  test('nothing that was refused reached the client, which is still connected', async () => {
    expect(await call('post_to_connection')).toEqual({ ok: true });
    expect(await socket.next()).toBe('pushed');
  });

  describeWith(['aws'], 'the control plane', () => {
    test('is closed to the key: the policy says nothing about apigateway', async () => {
      const aws = awsCli(gateway.url, {
        AWS_ACCESS_KEY_ID: key.id,
        AWS_SECRET_ACCESS_KEY: key.secret,
      });
      await expect(aws('aws apigatewayv2 get-apis')).rejects.toThrow(/AccessDeniedException/);
    });
  });

  test('secret, token and signature appear nowhere in the log', () => {
    const log = gateway.lines.join('\n');
    expect(log).not.toContain(key.secret);
    expect(log).not.toContain('token=good');
    expect(log).not.toMatch(/Signature=/);
  });
});

function configuration(backendUrl: string): string {
  const policy = fillPlaceholders(codeBlocks('2', 'json')[0]!, {
    REGION: 'us-east-1',
    AWS_ACCOUNT_ID: '000000000000',
    API_ID: 'kt2quqdplj',
    STAGE: 'production',
  });
  // JSON is YAML: the policy stands in the file as the guide prints it.
  return `
apis:
  notifications:
    id: kt2quqdplj
    routes:
      $connect: ${backendUrl}/ws/connect
      $disconnect: ${backendUrl}/ws/disconnect
      $default: ${backendUrl}/ws/message
users:
  - name: backend
    accessKeys:
      - accessKeyId: ${key.id}
        secretAccessKey: ${key.secret}
    policies:
      - ${policy.trim().replaceAll('\n', '\n        ')}
`;
}
