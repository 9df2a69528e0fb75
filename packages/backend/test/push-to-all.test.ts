import { ApiGatewayManagementApi } from '@aws-sdk/client-apigatewaymanagementapi';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { PushError } from '../src/index.ts';
import {
  type Answer,
  gone,
  type Received,
  testCredentials,
} from './support/management-endpoint.ts';
import { startBackend } from './support/start-backend.ts';

/** Past the time in which a 410 may come from a handshake that is still under way. */
const SETTLED_MILLIS = 2000;

const TO_ALL = '/production/@connections';
const toAll = ({ path }: Received) => path === TO_ALL;
/** As AWS answers a signed call that it does not have. */
const unknown: Answer = {
  status: 403,
  errorType: 'MissingAuthenticationTokenException',
  body: '{"message":"Missing Authentication Token"}',
};
const counted = (answer: object): Answer => ({ status: 200, body: JSON.stringify(answer) });

describe('on Postern', () => {
  test('is one call, signed, that needs no record', async () => {
    const { backend, management } = await startBackend();
    management.answer = () => counted({ delivered: 3, refused: 2, gone: 1 });
    expect(await backend.pushToAll({ type: 'news' })).toEqual({
      delivered: 3,
      refused: 2,
      gone: 1,
      unreached: [],
      failed: [],
    });
    expect(management.received).toMatchObject([
      { method: 'POST', path: TO_ALL, text: '{"type":"news"}', isSignatureRight: true },
    ]);
  });

  test('names the nodes that did not answer', async () => {
    const { backend, management } = await startBackend();
    const body = JSON.stringify({ delivered: 1, refused: 0, gone: 0, unreached: ['5cf1d0a3'] });
    management.answer = () => ({ status: 207, body });
    expect(await backend.pushToAll('x')).toMatchObject({ delivered: 1, unreached: ['5cf1d0a3'] });
  });

  test.each([
    [403, 'AccessDeniedException'],
    [413, undefined],
    [400, 'BadRequestException'],
  ])('%i throws, and nobody is pushed to one by one', async (status, errorType) => {
    const { backend, management, connect } = await startBackend();
    await connect('A=', 'ada');
    management.answer = () => ({ status, ...(errorType !== undefined && { errorType }) });
    const error: PushError = await backend.pushToAll('x').catch((caught) => caught);
    expect([error.status, error.name]).toEqual([status, errorType ?? 'PayloadTooLargeException']);
    expect(management.received).toHaveLength(1);
  });

  test('without a signature where one is wanted, the error says what is missing', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', '');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { backend, management } = await startBackend({ credentials: undefined });
    management.answer = () => unknown;
    await expect(backend.pushToAll('x')).rejects.toThrow(/no credentials were found/);
  });
});

describe('on Amazon API Gateway', () => {
  test('each connection on record is pushed to, and AWS is asked for its call once', async () => {
    const once = { pushAttemptsMax: 1 };
    const { backend, management, ambient, connect } = await startBackend(once);
    for (const name of ['A', 'B', 'C', 'D']) await connect(`${name}=`, name);
    ambient.move(SETTLED_MILLIS);
    const slow: Answer = { status: 429, errorType: 'LimitExceededException' };
    const answers: Record<string, Answer> = { 'B=': gone, 'C=': slow, 'D=': { status: 400 } };
    management.answer = (call) =>
      toAll(call) ? unknown : (answers[call.connectionId] ?? { status: 200 });
    expect(await backend.pushToAll('x')).toMatchObject({
      delivered: 1,
      refused: 1,
      gone: 1,
      unreached: [],
      failed: [{ connectionId: 'D=', error: { status: 400 } }],
    });
    // What is gone is on record no more.
    expect((await backend.connections()).map(({ connection_id }) => connection_id)).toEqual([
      'A=',
      'C=',
      'D=',
    ]);
    management.answer = () => ({ status: 200 });
    expect(await backend.pushToAll('y')).toMatchObject({ delivered: 3 });
    expect(management.received.filter(toAll)).toHaveLength(1);
  });

  test('what would fail for everybody is thrown', async () => {
    const { backend, management, connect } = await startBackend();
    await connect('A=', 'ada');
    management.answer = (call) =>
      toAll(call) ? unknown : { status: 403, errorType: 'AccessDeniedException' };
    await expect(backend.pushToAll('x')).rejects.toThrow(/AccessDenied|ManageConnections/);
  });

  test("through the AWS SDK's client the call is not made at all", async () => {
    const client = new ApiGatewayManagementApi({
      endpoint: 'http://127.0.0.1:1/production',
      region: 'us-east-1',
      credentials: testCredentials,
      maxAttempts: 1,
    });
    const { backend, management, connect } = await startBackend({ client, endpoint: undefined });
    await connect('A=', 'ada');
    const { failed } = await backend.pushToAll('x');
    expect(failed).toMatchObject([{ connectionId: 'A=', error: { name: 'ConnectionError' } }]);
    expect(management.received).toEqual([]);
    client.destroy();
  });
});
