import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createBackend, type PushError } from '../src/index.ts';
import { gone, testCredentials } from './support/management-endpoint.ts';
import { startBackend } from './support/start-backend.ts';

const ID = 'gbgA_A9XiQAYKEiI6A==';

/** Past the time in which a 410 may come from a handshake that is still under way. */
const SETTLED_MILLIS = 2000;

const failureOf = (promise: Promise<unknown>): Promise<PushError> =>
  promise.then(
    () => expect.unreachable('the push went through'),
    (error) => error,
  );

describe('the call on the wire', () => {
  test("is a POST under the stage, signed as Amazon's signer does", async () => {
    const { backend, management } = await startBackend();
    expect(await backend.pushToConnection(ID, { type: 'new_content', text: 'hé' })).toBe(true);
    expect(management.received).toMatchObject([
      {
        method: 'POST',
        path: '/production/@connections/gbgA_A9XiQAYKEiI6A%3D%3D',
        text: '{"type":"new_content","text":"hé"}',
        isSignatureRight: true,
      },
    ]);
    expect(management.received[0]?.headers.authorization).toContain(
      'Credential=AKIDEXAMPLE/20260206/us-east-1/execute-api/aws4_request',
    );
  });

  test('encodes every character of an old connection id that a path cannot hold', async () => {
    const { backend, management } = await startBackend();
    await backend.pushToConnection('a/b+c=', 'x');
    expect(management.received[0]).toMatchObject({
      path: '/production/@connections/a%2Fb%2Bc%3D',
      isSignatureRight: true,
    });
  });

  test('carries the session token, signed', async () => {
    const credentials = { ...testCredentials, sessionToken: 'FwoGZX==' };
    const { backend, management } = await startBackend({ credentials, region: 'eu-west-3' });
    await backend.pushToConnection(ID, 'x');
    const { headers, isSignatureRight } = management.received[0]!;
    expect(headers['x-amz-security-token']).toBe('FwoGZX==');
    expect(headers.authorization).toMatch(/\/eu-west-3\/.*x-amz-security-token/);
    expect(isSignatureRight).toBe(true);
  });

  test('sends text and bytes as they are', async () => {
    const { backend, management } = await startBackend();
    await backend.pushToConnection(ID, 'not json');
    await backend.pushToConnection(ID, new TextEncoder().encode('bytes'));
    await backend.pushToConnection(ID, null);
    expect(management.received.map((call) => call.text)).toEqual(['not json', 'bytes', 'null']);
  });

  test('refuses what JSON cannot hold', async () => {
    const { backend, management } = await startBackend();
    await expect(backend.pushToConnection(ID, undefined)).rejects.toThrow(TypeError);
    expect(management.received).toEqual([]);
  });

  test('goes over one socket, push after push', async () => {
    const { backend, management } = await startBackend();
    for (let i = 0; i < 5; i++) await backend.pushToConnection(ID, 'x');
    expect(new Set(management.received.map((call) => call.port)).size).toBe(1);
  });

  test('closing lets go of the sockets, twice without harm', async () => {
    const { backend } = await startBackend();
    await backend.pushToConnection(ID, 'x');
    await backend.close();
    await backend.close();
  });
});

describe('pushToUser', () => {
  test('is false for a user who is not connected, without a call', async () => {
    const { backend, management } = await startBackend();
    expect(await backend.pushToUser('nobody', 'x')).toBe(false);
    expect(management.received).toEqual([]);
  });

  test('reaches every connection of the user', async () => {
    const { backend, management, connect } = await startBackend();
    await connect('A=', 'ada');
    await connect('B=', 'ada');
    expect(await backend.pushToUser('ada', 'x')).toBe(true);
    expect(management.received.map((call) => call.connectionId).sort()).toEqual(['A=', 'B=']);
  });

  test('deletes the record and is false when the connection is gone', async () => {
    const { backend, management, ambient, connect } = await startBackend();
    await connect(ID, 'ada');
    management.answer = () => gone;
    ambient.move(SETTLED_MILLIS);
    expect(await backend.pushToUser('ada', 'x')).toBe(false);
    expect(await backend.connections()).toEqual([]);
  });

  test('is true when one of two connections is gone', async () => {
    const { backend, management, ambient, connect } = await startBackend();
    await connect('A=', 'ada');
    await connect('B=', 'ada');
    management.answer = ({ connectionId }) => (connectionId === 'A=' ? gone : { status: 200 });
    ambient.move(SETTLED_MILLIS);
    expect(await backend.pushToUser('ada', 'x')).toBe(true);
    expect(await backend.connections()).toMatchObject([{ connection_id: 'B=' }]);
  });

  test('tries again, rather than forgetting, while the handshake may be under way', async () => {
    const { backend, management, ambient, connect } = await startBackend();
    await connect(ID, 'ada');
    const answers = [gone, gone, { status: 200 }];
    management.answer = () => answers.shift()!;
    const push = backend.pushToUser('ada', 'x');
    await ambient.elapse(250);
    await ambient.elapse(250);
    expect(await push).toBe(true);
    expect(await backend.connections()).toHaveLength(1);
  });

  test('inside onConnect is false for the connection itself and keeps its record', async () => {
    const results: boolean[] = [];
    const started = await startBackend({
      onConnect: async ({ userId }) => {
        results.push(await started.backend.pushToUser(userId, 'too early'));
      },
    });
    started.management.answer = () => gone;
    expect(await started.connect(ID, 'ada')).toBe(200);
    expect(results).toEqual([false]);
    expect(await started.backend.connections()).toHaveLength(1);
  });
});

describe('pushToUsers', () => {
  test('counts users, each of them once', async () => {
    const { backend, management, connect } = await startBackend();
    await connect('A=', 'ada');
    await connect('B=', 'bob');
    const summary = await backend.pushToUsers(['ada', 'bob', 'ada', 'cyd'], { type: 'x' });
    expect(summary).toEqual({ delivered: 2, notConnected: 1, failed: [] });
    expect(management.received).toHaveLength(2);
  });

  test('has no more calls under way than pushConcurrency', async () => {
    let underWay = 0;
    let most = 0;
    const call = async () => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay--;
    };
    const client = { postToConnection: call, getConnection: call, deleteConnection: call };
    const { backend, connect } = await startBackend({ client, pushConcurrency: 3 });
    const users = Array.from({ length: 20 }, (_, i) => `user${i}`);
    for (const user of users) await connect(`${user}=`, user);
    expect(await backend.pushToUsers(users, 'x')).toMatchObject({ delivered: 20 });
    expect(most).toBe(3);
  });

  test('lists the users whose push failed and goes on with the rest', async () => {
    const { backend, management, connect } = await startBackend({ pushAttemptsMax: 1 });
    await connect('A=', 'ada');
    await connect('B=', 'bob');
    management.answer = ({ connectionId }) => ({ status: connectionId === 'A=' ? 500 : 200 });
    const summary = await backend.pushToUsers(['ada', 'bob'], 'x');
    expect(summary).toMatchObject({ delivered: 1, notConnected: 0 });
    expect(summary.failed).toMatchObject([{ userId: 'ada', error: { status: 500 } }]);
  });

  test('throws at once what would fail for everybody', async () => {
    const { backend, management, connect } = await startBackend({ pushConcurrency: 1 });
    for (const user of ['ada', 'bob', 'cyd']) await connect(`${user}=`, user);
    management.answer = () => ({ status: 403, errorType: 'AccessDeniedException' });
    const failure = await failureOf(backend.pushToUsers(['ada', 'bob', 'cyd'], 'x'));
    expect(failure.name).toBe('AccessDeniedException');
    expect(management.received).toHaveLength(1);
  });
});

describe('a failure is a PushError', () => {
  test.each([
    [403, 'AccessDeniedException', '{"Message":"User: x is not authorized"}', 'ManageConnections'],
    [403, 'ForbiddenException', '{"message":"Forbidden"}', 'stage'],
    [403, 'InvalidSignatureException', '{"message":"does not match"}', 'clock'],
    [403, 'MissingAuthenticationTokenException', '{"message":"Missing"}', 'stage alone'],
    [403, 'UnrecognizedClientException', '{"message":"invalid"}', 'access key id'],
    [403, 'ExpiredTokenException', '{"message":"expired"}', 'fetch new credentials'],
    [400, 'BadRequestException', '{"message":"Invalid connectionId: A="}', 'connectionId'],
    [429, 'LimitExceededException', '', 'push less often'],
  ])('%i %s, with a hint', async (status, errorType, body, hint) => {
    const { backend, management } = await startBackend({ pushAttemptsMax: 1 });
    management.answer = () => ({ status, errorType, body });
    const failure = await failureOf(backend.pushToConnection(ID, 'x'));
    expect(failure).toMatchObject({ name: errorType, status });
    expect(failure.hint).toContain(hint);
    expect(failure.message).toContain(hint);
    const said = body === '' ? 'the gateway answered 429' : Object.values(JSON.parse(body))[0];
    expect(failure.message.startsWith(said as string)).toBe(true);
  });

  test('413 without a name is PayloadTooLargeException', async () => {
    const { backend, management } = await startBackend();
    management.answer = () => ({ status: 413 });
    const failure = await failureOf(backend.pushToConnection(ID, 'x'));
    expect(failure).toMatchObject({ name: 'PayloadTooLargeException', status: 413 });
    expect(failure.hint).toContain('131072');
  });

  test('the name is read as the SDKs read it', async () => {
    const { backend, management } = await startBackend();
    const names = ['AccessDeniedException:http://internal.amazon.com/', 'a.b#GoneException'];
    management.answer = () => ({ status: 403, errorType: names.shift()! });
    expect((await failureOf(backend.pushToConnection(ID, 'x'))).name).toBe('AccessDeniedException');
    expect(await backend.pushToConnection(ID, 'x')).toBe(false);
  });

  test('without credentials the call is unsigned, and a refusal says so', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', '');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { backend, management } = await startBackend({ credentials: undefined });
    await backend.pushToConnection(ID, 'x');
    expect(management.received[0]?.headers.authorization).toBeUndefined();
    management.answer = () => ({
      status: 403,
      errorType: 'MissingAuthenticationTokenException',
      body: '{"message":"Missing Authentication Token"}',
    });
    const failure = await failureOf(backend.pushToConnection(ID, 'x'));
    expect(failure.hint).toContain('no credentials were found');
  });

  test('an error page instead of JSON is no trouble', async () => {
    const { backend, management } = await startBackend({ pushAttemptsMax: 1 });
    management.answer = () => ({ status: 502, body: `<html>${'x'.repeat(200_000)}` });
    expect(await failureOf(backend.pushToConnection(ID, 'x'))).toMatchObject({
      name: 'InternalServerErrorException',
      status: 502,
      message: 'the gateway answered 502',
    });
  });

  test('nothing listening is a ConnectionError that names the host', async () => {
    const backend = createBackend({
      endpoint: 'http://127.0.0.1:1/production',
      pushAttemptsMax: 1,
      authenticate: () => null,
    });
    const failure = await failureOf(backend.pushToConnection(ID, 'x'));
    expect(failure).toMatchObject({ name: 'ConnectionError', status: undefined });
    expect(failure.message).toContain('127.0.0.1:1');
  });
});

describe('disconnect', () => {
  test('closes the connection and deletes its record', async () => {
    const { backend, management, connect } = await startBackend();
    await connect(ID, 'ada');
    expect(await backend.disconnect(ID)).toBe(true);
    expect(management.received).toMatchObject([{ method: 'DELETE', isSignatureRight: true }]);
    expect(await backend.connections()).toEqual([]);
  });

  test('is false for a connection that is gone, and deletes its record', async () => {
    const { backend, management, connect } = await startBackend();
    await connect(ID, 'ada');
    management.answer = () => gone;
    expect(await backend.disconnect(ID)).toBe(false);
    expect(await backend.connections()).toEqual([]);
  });
});
