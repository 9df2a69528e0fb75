import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LambdaError } from '../../../src/backends/lambda/lambda.ts';
import { verifyRequest } from '../../../src/iam/verify.ts';
import {
  type RecordedRequest,
  type RecordingBackend,
  startBackend,
} from '../../support/recording-backend.ts';
import { startFunctions, type TestFunctions, type TestOptions } from './support/functions.ts';

/**
 * The endpoint is as strict as Amazon's: whatever its answer, it is given only to a call whose
 * signature is right.
 */
const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI' };
const REQUEST_ID = 'a1b2c3d4-0000-4000-8000-000000000000';
const chatPath = '/2015-03-31/functions/chat/invocations';

let endpoint: RecordingBackend;
let functions: TestFunctions;

beforeEach(async () => {
  endpoint = await startBackend();
});
afterEach(async () => {
  await functions.stop();
  await endpoint.stop();
});

async function start(options: Partial<TestOptions> = {}) {
  functions = await startFunctions({
    functions: {},
    endpoint: endpoint.url,
    credentials,
    ...options,
  });
}

/** What the endpoint answers on `path`, as long as the signature holds. */
function answerSigned(
  path: string,
  reply: (response: ServerResponse) => void,
  key: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } = credentials,
) {
  endpoint.answer(path, (request, response) => {
    const complaint = complaintAbout(request, key);
    if (complaint === undefined) return reply(response);
    response.writeHead(403, { 'X-Amzn-ErrorType': 'InvalidSignatureException' });
    return response.end(JSON.stringify({ message: complaint }));
  });
}

function complaintAbout(request: RecordedRequest, key: typeof credentials): string | undefined {
  const [path, query = ''] = request.url.split('?') as [string, string?];
  const { method, rawHeaders, body } = request;
  const verification = verifyRequest(
    { method, path, query, rawHeaders, body },
    {
      now: functions.clock.now(),
      service: 'lambda',
      findAccessKey: (id) =>
        id === key.accessKeyId
          ? ({ ...key, enabled: true, userName: 'gateway', policies: [] } as never)
          : undefined,
    },
  );
  if (verification.kind === 'refused') return verification.exception.message;
  return verification.region === 'eu-west-1' ? undefined : `signed for ${verification.region}`;
}

test('a call is a signed POST with the event; the answer is the payload', async () => {
  await start();
  answerSigned(chatPath, (response) => {
    response.writeHead(200, {
      'X-Amzn-RequestId': REQUEST_ID,
      'X-Amz-Executed-Version': '$LATEST',
    });
    response.end('{"statusCode":200}');
  });
  const answer = await functions.invoke('chat', { text: 'grüße' }, { traceId: 'Root=1-2-3' });
  expect(answer).toEqual({
    payload: Buffer.from('{"statusCode":200}'),
    requestId: REQUEST_ID,
    status: 200,
  });
  const request = await endpoint.requests(chatPath).next();
  expect(request).toMatchObject({ method: 'POST', url: chatPath, text: '{"text":"grüße"}' });
  expect(request.headers).toMatchObject({
    'content-type': 'application/json',
    'x-amz-invocation-type': 'RequestResponse',
    'x-amzn-trace-id': 'Root=1-2-3',
  });
});

test('the endpoint is told for whom it is called, as Amazon’s is', async () => {
  await start();
  answerSigned(chatPath, (response) => response.end('1'));
  const source = { apiId: 'a1b2c3d4e5', path: 'prod/$default', requestId: 'EOn3lGUtIAMEktQ=' };
  await functions.invoke('chat', {}, { source });
  expect((await endpoint.requests(chatPath).next()).headers).toMatchObject({
    accept: 'application/json',
    'user-agent': 'AmazonAPIGateway_a1b2c3d4e5',
    'x-amzn-apigateway-api-id': 'a1b2c3d4e5',
    'x-amzn-lambda-integration-tag': 'EOn3lGUtIAMEktQ=',
    'x-amz-source-arn': 'arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/$default',
  });
});

test('a qualifier is in the query, and signed', async () => {
  await start();
  answerSigned(chatPath, (response) => response.end('1'));
  for (const [qualifier, query] of [
    ['prod', 'prod'],
    ['$LATEST', '%24LATEST'],
  ] as const) {
    expect(await functions.result('chat', {}, { qualifier })).toBe(1);
    expect((await endpoint.requests(chatPath).next()).url).toBe(`${chatPath}?Qualifier=${query}`);
  }
});

test('an endpoint may have a path, and a function an endpoint of its own', async () => {
  await start({
    endpoint: 'http://127.0.0.1:1',
    functions: { chat: { endpoint: `${endpoint.url}/lambda/` } },
  });
  answerSigned(`/lambda${chatPath}`, (response) => response.end('"here"'));
  expect(await functions.result('chat')).toBe('here');
  await expect(functions.invoke('other')).rejects.toMatchObject({ failure: 'unreachable' });
});

test('an Event is accepted with 202 and an empty payload', async () => {
  await start();
  answerSigned(chatPath, (response) => {
    response.writeHead(202, { 'X-Amzn-RequestId': REQUEST_ID });
    response.end();
  });
  expect(await functions.invoke('chat', {}, { invocationType: 'Event' })).toEqual({
    payload: Buffer.alloc(0),
    requestId: REQUEST_ID,
    status: 202,
  });
  const { headers } = await endpoint.requests(chatPath).next();
  expect(headers['x-amz-invocation-type']).toBe('Event');
});

test("an error inside the function is an answer with Lambda's functionError", async () => {
  await start();
  answerSigned(chatPath, (response) => {
    response.writeHead(200, {
      'X-Amz-Function-Error': 'Unhandled',
      'X-Amzn-RequestId': REQUEST_ID,
    });
    response.end('{"errorType":"Error","errorMessage":"broken"}');
  });
  expect(await functions.invoke('chat')).toMatchObject({
    functionError: 'Unhandled',
    payload: Buffer.from('{"errorType":"Error","errorMessage":"broken"}'),
    status: 200,
  });
});

test.each([
  [
    404,
    'ResourceNotFoundException',
    { Type: 'User', Message: 'Function not found: chat' },
    'notFound',
  ],
  [403, 'AccessDeniedException', { Message: 'User is not authorized' }, 'accessDenied'],
  [429, 'TooManyRequestsException', { message: 'Rate Exceeded.' }, 'throttled'],
  [413, 'RequestEntityTooLargeException', { message: 'too large' }, 'tooLarge'],
  [400, 'InvalidRequestContentException:http://aws/', { message: 'not JSON' }, 'refused'],
  [500, 'ServiceException', {}, 'refused'],
])('a %i %s is a LambdaError', async (status, type, body, failure) => {
  await start();
  answerSigned(chatPath, (response) => {
    response.writeHead(status, { 'X-Amzn-ErrorType': type });
    response.end(JSON.stringify(body));
  });
  const error = await functions.invoke('chat').catch((reason: LambdaError) => reason);
  const words = [
    status,
    type.split(':')[0],
    ...('message' in body ? [body.message] : []),
    ...('Message' in body ? [body.Message] : []),
  ];
  expect(error).toMatchObject({
    failure,
    message: `the Lambda endpoint answered ${words.join(' ')}`,
  });
});

test.each([
  ['a page', 502, '<html>Bad Gateway</html>'],
  ['a redirect', 302, ''],
  ['a 202 that nobody asked for', 202, ''],
  ['a list', 500, '[1]'],
])('%s is not how Lambda answers', async (_, status, body) => {
  await start();
  answerSigned(chatPath, (response) => {
    response.writeHead(status);
    response.end(body);
  });
  await expect(functions.invoke('chat')).rejects.toMatchObject({
    failure: 'garbled',
    message: `the Lambda endpoint answered ${status}`,
  });
});

test('an emulator may name the exception in the body alone', async () => {
  await start();
  answerSigned(chatPath, (response) => {
    response.writeHead(404);
    response.end('{"__type":"ResourceNotFoundException","message":"no chat"}');
  });
  await expect(functions.invoke('chat')).rejects.toMatchObject({
    failure: 'notFound',
    message: 'the Lambda endpoint answered 404 ResourceNotFoundException no chat',
  });
});

test('no answer within the time of the call is a timeout', async () => {
  await start();
  endpoint.answer(chatPath, () => {});
  const call = functions
    .invoke('chat', {}, { timeoutMillis: 50 })
    .catch((error: LambdaError) => error);
  await endpoint.requests(chatPath).next();
  functions.clock.advance(50);
  expect(await call).toMatchObject({ failure: 'timeout' });
});

test('nobody there is unreachable; no endpoint at all is notFound', async () => {
  await start({ endpoint: 'http://127.0.0.1:1' });
  await expect(functions.invoke('chat')).rejects.toMatchObject({ failure: 'unreachable' });
  await functions.stop();
  functions = await startFunctions({ functions: {} });
  await expect(functions.invoke('chat')).rejects.toMatchObject({
    failure: 'notFound',
    message: 'there is no function chat among those configured (none), and no Lambda endpoint',
  });
});

test('credentials are those of the environment, or else a dummy pair', async () => {
  const temporary = { ...credentials, sessionToken: 'IQoJb3JpZ2luX2VjEXAMPLE' };
  functions = await startFunctions({
    functions: {},
    endpoint: endpoint.url,
    env: {
      AWS_ACCESS_KEY_ID: temporary.accessKeyId,
      AWS_SECRET_ACCESS_KEY: temporary.secretAccessKey,
      AWS_SESSION_TOKEN: temporary.sessionToken,
    },
  });
  answerSigned(chatPath, (response) => response.end('1'), temporary);
  expect(await functions.result('chat')).toBe(1);
  await functions.stop();
  functions = await startFunctions({ functions: {}, endpoint: endpoint.url, env: {} });
  await expect(functions.invoke('chat')).rejects.toMatchObject({ failure: 'accessDenied' });
  const dummy = { accessKeyId: 'test', secretAccessKey: 'test' };
  answerSigned(chatPath, (response) => response.end('2'), dummy);
  expect(await functions.result('chat')).toBe(2);
});
