import { ApiGatewayManagementApi } from '@aws-sdk/client-apigatewaymanagementapi';
import { expect, onTestFinished, test } from 'vitest';
import { createBackend } from '../src/index.ts';
import { FakeAmbient } from './support/fake-ambient.ts';
import { gone, startManagementEndpoint, testCredentials } from './support/management-endpoint.ts';

const ID = 'gbgA_A9XiQAYKEiI6A==';

/** A backend that makes its calls through the AWS SDK for JavaScript v3. */
async function startWithSdk() {
  const management = await startManagementEndpoint();
  const client = new ApiGatewayManagementApi({
    endpoint: management.endpoint,
    region: 'us-east-1',
    credentials: testCredentials,
    maxAttempts: 1,
  });
  const ambient = new FakeAmbient();
  const backend = createBackend({ client, authenticate: (token) => token ?? null, ambient });
  onTestFinished(async () => {
    client.destroy();
    await management.close();
  });
  const url = '/ws/connect?token=ada';
  await backend.handle({ method: 'POST', url, headers: { connectionId: ID } });
  ambient.move(2000);
  return { management, backend };
}

test('the SDK client posts, signed', async () => {
  const { management, backend } = await startWithSdk();
  expect(await backend.pushToUser('ada', { type: 'new_content' })).toBe(true);
  expect(management.received).toMatchObject([
    {
      method: 'POST',
      path: '/production/@connections/gbgA_A9XiQAYKEiI6A%3D%3D',
      text: '{"type":"new_content"}',
      isSignatureRight: true,
    },
  ]);
});

test('GoneException of the SDK deletes the record and is false', async () => {
  const { management, backend } = await startWithSdk();
  management.answer = () => gone;
  expect(await backend.pushToUser('ada', 'x')).toBe(false);
  expect(await backend.connections()).toEqual([]);
});

test('the SDK client closes and asks, too', async () => {
  const { management, backend } = await startWithSdk();
  expect(await backend.sweepStale()).toBe(0);
  expect(await backend.disconnect(ID)).toBe(true);
  expect(management.received.map((call) => call.method)).toEqual(['GET', 'DELETE']);
});

test('nothing listening is a ConnectionError of the SDK, too', async () => {
  const { management, backend } = await startWithSdk();
  await management.close();
  const failure = await backend.pushToUser('ada', 'x').catch((error) => error);
  expect(failure).toMatchObject({ name: 'ConnectionError', status: undefined });
});

test.each([
  [403, 'AccessDeniedException', '{"Message":"not authorized"}', 'not authorized (check'],
  [413, undefined, '', 'the gateway answered 413 (a push'],
])('a %i of the SDK becomes a PushError with a hint', async (status, errorType, body, message) => {
  const { management, backend } = await startWithSdk();
  management.answer = () => ({ status, body, ...(errorType && { errorType }) });
  const failure = await backend.pushToUser('ada', 'x').catch((error) => error);
  expect(failure).toMatchObject({
    name: errorType ?? 'PayloadTooLargeException',
    status,
    message: expect.stringContaining(message),
  });
  expect(failure.cause).toBeDefined();
});
