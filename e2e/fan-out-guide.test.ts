import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createBackend } from '@postern/backend';
import { beforeAll, describe, expect, test } from 'vitest';
import { useCleanup } from './support/cleanup.ts';
import { codeBlock } from './support/document.ts';
import { type RunningGateway, startGateway } from './support/gateway.ts';
import { repository } from './support/repository.ts';
import { openSocket, type TestSocket } from './support/socket.ts';
import { describeWith, PYTHON } from './support/tools.ts';

/** docs/guides/fan-out.md shows how one call reaches many. Here it does, as its readers copy it. */

const PAGE = 'docs/guides/fan-out.md';
const NEWS = '{"type":"news"}';
const run = promisify(execFile);
const KEY = { accessKeyId: 'AKIAFANOUTGUIDE0001', secretAccessKey: 'the-secret-of-the-guide' };
const env = {
  ...process.env,
  AWS_ACCESS_KEY_ID: KEY.accessKeyId,
  AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
};

const pointedAt = (gateway: RunningGateway, code: string) =>
  code.replaceAll('http://127.0.0.1:4080', gateway.url);

describe('postern dev', () => {
  const cleanup = useCleanup();
  test('the curls print what is written', async () => {
    const gateway = await startGateway(cleanup, {
      args: ['--ephemeral', '--backend', 'http://127.0.0.1:9'],
    });
    const curl = async (words: string) => {
      const code = pointedAt(gateway, codeBlock(PAGE, 'sh', words));
      return (await run('/bin/sh', ['-c', `${code.trim()} --silent`])).stdout;
    };
    expect(JSON.parse(await curl('@connections\n'))).toEqual({ delivered: 0, refused: 0, gone: 0 });
    expect(JSON.parse(await curl('principal=ada'))).toEqual({ delivered: 0, refused: 0, gone: 0 });
  });
});

describe('postern start', () => {
  const cleanup = useCleanup();
  let gateway: RunningGateway;
  let sockets: TestSocket[];
  let folder: string;
  beforeAll(async () => {
    folder = await cleanup.folder();
    const config = join(folder, 'postern.yaml');
    await writeFile(
      config,
      `apis:
  news:
    id: news
    routes: { $default: 'http://127.0.0.1:9/message' }
users:
  - name: backend
    accessKeys: [{ accessKeyId: ${KEY.accessKeyId}, secretAccessKey: ${KEY.secretAccessKey} }]
    policies:
      - Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Action: execute-api:ManageConnections
            Resource: arn:aws:execute-api:us-east-1:000000000000:news/production/POST/@connections/*
`,
    );
    gateway = await startGateway(cleanup, {
      mode: 'start',
      args: ['--ephemeral', '--config', config],
    });
    sockets = [
      await openSocket(cleanup, gateway.webSocketUrl),
      await openSocket(cleanup, gateway.webSocketUrl),
    ];
  });

  /** Everyone is meant, since nobody here has a principal. */
  const toEveryone = (code: string) =>
    pointedAt(gateway, code)
      .replace(", '?principal=ada'", '')
      .replace(", { principal: 'ada' }", '');
  const next = () => Promise.all(sockets.map((socket) => socket.next()));

  test('the JavaScript reaches everyone, signed', async () => {
    const file = join(repository, 'e2e', `fan-out-${process.pid}.mjs`);
    cleanup.defer(() => rm(file, { force: true }));
    await writeFile(file, toEveryone(codeBlock(PAGE, 'js', 'SignatureV4')));
    const { stdout } = await run(process.execPath, [file], { env });
    expect(stdout).toBe('{ delivered: 2, refused: 0, gone: 0 }\n');
    expect(await next()).toEqual([NEWS, NEWS]);
  });

  test('pushToAll of @postern/backend is that call', async () => {
    const backend = createBackend({
      endpoint: gateway.endpointUrl,
      region: 'us-east-1',
      credentials: KEY,
      authenticate: (token) => token ?? null,
    });
    cleanup.defer(() => backend.close());
    const none = { refused: 0, gone: 0, unreached: [], failed: [] };
    expect(await backend.pushToAll({ type: 'news' })).toEqual({ delivered: 2, ...none });
    expect(await next()).toEqual([NEWS, NEWS]);
  });

  test('the curl for this curl reaches everyone, signed', async () => {
    const { stdout: version } = await run('curl', ['--version']);
    const words = version.startsWith('curl 7.') ? '--request-target' : 'sigv4';
    const code = pointedAt(gateway, codeBlock(PAGE, 'sh', words));
    const { stdout } = await run('/bin/sh', ['-c', `${code.trim()} --silent`], { env });
    expect(JSON.parse(stdout)).toEqual({ delivered: 2, refused: 0, gone: 0 });
    expect(await next()).toEqual([NEWS, NEWS]);
  });

  describeWith(['boto3'], 'with botocore', () => {
    test('the Python reaches everyone, signed', async () => {
      const code = codeBlock(PAGE, 'python', 'SigV4Auth');
      const { stdout } = await run(PYTHON, ['-c', toEveryone(code)], { env });
      expect(stdout).toBe('{"delivered":2,"refused":0,"gone":0}\n');
      expect(await next()).toEqual([NEWS, NEWS]);
      const toAda = await run(PYTHON, ['-c', pointedAt(gateway, code)], { env });
      expect(toAda.stdout).toBe('{"delivered":0,"refused":0,"gone":0}\n');
    });
  });
});
