import { request } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import type { LambdaError } from '../../../src/backends/lambda/lambda.ts';
import { startFunctions, type TestFunctions, type TestOptions } from './support/functions.ts';

let functions: TestFunctions;
afterEach(() => functions.stop());

/** A runtime in a few lines of shell, as Amazon's tutorial for custom runtimes has it. */
const bootstrap = `#!/bin/sh
set -eu
echo "begun with $_HANDLER"
while true; do
  HEADERS=$(mktemp)
  EVENT=$(curl -sS -D "$HEADERS" "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/next")
  ID=$(grep -i Lambda-Runtime-Aws-Request-Id "$HEADERS" | tr -d '[:space:]' | cut -d: -f2)
  rm "$HEADERS"
  echo "given $EVENT"
  case $EVENT in
    *crash*) exit 5 ;;
    *error*) KIND=error BODY='{"errorType":"Shell","errorMessage":"as asked"}' ;;
    *) KIND=response BODY="{\\"echo\\":$EVENT}" ;;
  esac
  curl -sS -o /dev/null "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/$ID/$KIND" -d "$BODY"
done
`;

test.each([
  ['its bootstrap', { runtime: 'provided.al2023', handler: 'chat' }],
  ['a command', { runtime: 'provided', handler: 'chat', command: ['sh', './bootstrap'] }],
])('any program can be a function: %s is started and fed', async (_, spec) => {
  functions = await startFunctions({ files: { bootstrap }, functions: { chat: spec } });
  const requestId = '3f4b7b4e-8f2c-4a53-9a53-0123456789ab';
  expect(await functions.result('chat', { text: 'a' })).toEqual({ echo: { text: 'a' } });
  expect(await functions.result('chat', { text: 'b' }, { requestId })).toEqual({
    echo: { text: 'b' },
  });
  const failed = await functions.invoke('chat', { text: 'error' });
  expect(failed.functionError).toBe('Unhandled');
  expect(failed.payload.toString()).toBe('{"errorType":"Shell","errorMessage":"as asked"}');
  expect(await functions.result('chat', 'crash')).toMatchObject({ errorType: 'Runtime.ExitError' });
  expect((await functions.output.next()).line).toBe('begun with chat');
  expect((await functions.output.next()).line).toBe('given {"text":"a"}');
  expect(await functions.output.next()).toEqual({
    functionName: 'chat',
    requestId,
    line: 'given {"text":"b"}',
  });
});

interface Next {
  readonly id: string;
  readonly headers: Headers;
  readonly event: unknown;
}

/** A runtime in this process, attached as a debugger or a container would be. */
class TestRuntime {
  readonly url: string;

  constructor(api: string) {
    this.url = `http://${api}/2018-06-01/runtime`;
  }

  async next(): Promise<Next> {
    const response = await fetch(`${this.url}/invocation/next`);
    const id = response.headers.get('lambda-runtime-aws-request-id')!;
    return { id, headers: response.headers, event: await response.json() };
  }

  async post(path: string, body: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(`${this.url}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  }
}

async function attach(options: Partial<TestOptions> = {}): Promise<TestRuntime> {
  functions = await startFunctions({
    functions: { chat: { runtime: 'provided', port: 0, timeout: 5 } },
    ...options,
  });
  const told = /AWS_LAMBDA_RUNTIME_API=(.*)/.exec(await functions.infos.next());
  return new TestRuntime(told![1]!);
}

test('a runtime that attaches itself is given events and answers them', async () => {
  const runtime = await attach();
  const call = functions.invoke(
    'chat',
    { text: 'a' },
    { qualifier: 'prod', traceId: 'Root=1-2-3' },
  );
  const { id, headers, event } = await runtime.next();
  expect(event).toEqual({ text: 'a' });
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-type': 'application/json',
    'lambda-runtime-deadline-ms': String(functions.clock.now() + 5_000),
    'lambda-runtime-invoked-function-arn':
      'arn:aws:lambda:eu-west-1:123456789012:function:chat:prod',
    'lambda-runtime-trace-id': 'Root=1-2-3',
  });
  expect(await runtime.post(`invocation/${id}/response`, { ok: true })).toEqual({
    status: 202,
    body: { status: 'OK' },
  });
  expect(await call).toEqual({
    payload: Buffer.from('{"ok":true}'),
    requestId: id,
    status: 200,
  });
});

test('it may wait before the first call, and take several events at once', async () => {
  const runtime = await attach();
  const waiting = [runtime.next(), runtime.next()];
  const calls = ['a', 'b', 'c'].map((text) => functions.result('chat', text));
  const given = await Promise.all(waiting);
  expect(given.map(({ event }) => event).sort()).toEqual(['a', 'b']);
  for (const { id, event } of given) await runtime.post(`invocation/${id}/response`, `"${event}!"`);
  const last = await runtime.next();
  await runtime.post(`invocation/${last.id}/error`, { errorType: 'X', errorMessage: 'no' });
  expect(await Promise.all(calls)).toEqual(['a!', 'b!', { errorType: 'X', errorMessage: 'no' }]);
});

test('an id that is not under way is refused; so is a second answer', async () => {
  const runtime = await attach();
  const refusal = {
    status: 400,
    body: { errorMessage: 'Invalid request ID', errorType: 'InvalidRequestID' },
  };
  expect(await runtime.post('invocation/unknown/response', {})).toEqual(refusal);
  const call = functions.result('chat');
  const { id } = await runtime.next();
  await runtime.post(`invocation/${id}/response`, '1');
  expect(await runtime.post(`invocation/${id}/response`, '2')).toEqual(refusal);
  expect(await runtime.post(`invocation/${id}/error`, {})).toEqual(refusal);
  expect(await call).toBe(1);
});

test('an event that is overdue is answered as a timeout, and the late answer refused', async () => {
  const runtime = await attach();
  const call = functions.invoke('chat');
  const { id } = await runtime.next();
  functions.clock.advance(5_000);
  const answer = await call;
  expect(answer.functionError).toBe('Unhandled');
  expect(answer.payload.toString()).toContain('Task timed out after 5.00 seconds');
  expect((await functions.output.next()).line).toContain('Task timed out after 5.00 seconds');
  expect(await runtime.post(`invocation/${id}/response`, '1')).toMatchObject({ status: 400 });
});

test('without a runtime a call fails after ten seconds, naming the place', async () => {
  await attach();
  const call = functions.invoke('chat').catch((error: LambdaError) => error);
  functions.clock.advance(9_999);
  const later = functions
    .invoke('chat', {}, { timeoutMillis: 100 })
    .catch((error: LambdaError) => error);
  functions.clock.advance(1);
  expect(await call).toMatchObject({
    failure: 'unreachable',
    message: expect.stringMatching(/^no runtime of chat is attached to 127\.0\.0\.1:\d+$/),
  });
  functions.clock.advance(99);
  expect(await later).toMatchObject({ failure: 'timeout' });
});

test('a runtime that goes away while it waits is forgotten', async () => {
  const runtime = await attach();
  const leaving = request(`${runtime.url}/invocation/next`, { agent: false });
  leaving.on('error', () => {});
  await new Promise<void>((resolve) => leaving.end(resolve));
  // A round trip later the gateway has heard of it: first that it waits, then that it has gone.
  await runtime.post('invocation/unknown/response', {});
  leaving.destroy();
  await runtime.post('invocation/unknown/response', {});
  const call = functions.result('chat', 'kept');
  const { id, event } = await runtime.next();
  expect(event).toBe('kept');
  await runtime.post(`invocation/${id}/response`, '1');
  expect(await call).toBe(1);
});

test('a runtime that could not begin fails the call that waits', async () => {
  const runtime = await attach();
  const call = functions.invoke('chat');
  const description = { errorType: 'Init', errorMessage: 'no configuration' };
  expect(await runtime.post('init/error', description)).toMatchObject({ status: 202 });
  const answer = await call;
  expect(answer.functionError).toBe('Unhandled');
  expect(JSON.parse(answer.payload.toString())).toEqual(description);
  expect(await functions.warnings.next()).toBe('The runtime of chat could not begin');
});

test('an answer that is too large is refused, and the call told so', async () => {
  const runtime = await attach();
  const call = functions.invoke('chat');
  const { id } = await runtime.next();
  const refused = await runtime.post(`invocation/${id}/response`, 'x'.repeat(6_291_557));
  expect(refused).toEqual({
    status: 413,
    body: {
      errorMessage: 'Exceeded maximum allowed payload size (6291556 bytes).',
      errorType: 'RequestEntityTooLarge',
    },
  });
  expect((await call).payload.toString()).toContain('Function.ResponseSizeTooLarge');
});

test('web pages cannot take events, and there is nothing else to ask', async () => {
  const runtime = await attach();
  expect(await runtime.post('init/error', {}, { origin: 'https://evil.example' })).toMatchObject({
    status: 403,
  });
  expect(await runtime.post('init/error', {}, { 'sec-fetch-site': 'cross-site' })).toMatchObject({
    status: 403,
  });
  expect(await runtime.post('restore/next', {})).toEqual({
    status: 404,
    body: {
      errorMessage: 'There is no POST /2018-06-01/runtime/restore/next',
      errorType: 'NotFound',
    },
  });
});

test('stop rejects what waits and what is under way', async () => {
  const runtime = await attach();
  const underWay = functions.invoke('chat').catch((error: LambdaError) => error);
  await runtime.next();
  const waiting = functions.invoke('chat').catch((error: LambdaError) => error);
  await functions.lambda.stop();
  for (const failure of [await underWay, await waiting]) {
    expect(failure).toMatchObject({ failure: 'unreachable', message: 'chat is being stopped' });
  }
  await expect(functions.invoke('chat')).rejects.toMatchObject({ failure: 'unreachable' });
});

test('a runtime of our own that asks out of turn is refused', async () => {
  functions = await startFunctions({
    files: {
      'index.mjs': `export const handler = async () => {
        const url = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/invocation/next';
        const response = await fetch(url);
        return { status: response.status, ...(await response.json()) };
      };`,
    },
    functions: { chat: { handler: 'index.handler' } },
  });
  expect(await functions.result('chat')).toMatchObject({
    status: 403,
    errorType: 'InvalidStateTransition',
  });
});
