import { afterEach, expect, test } from 'vitest';
import { startFunctions, type TestFunctions } from './support/functions.ts';

let functions: TestFunctions;
afterEach(() => functions.stop());

/** A function named `chat` with this text as its `app.py`. */
async function chat(text: string, spec: object = {}) {
  functions = await startFunctions({
    files: { 'app.py': text },
    functions: { chat: { handler: 'app.handler', ...spec } },
  });
}

test('a handler is given the event; what it returns is the payload', async () => {
  await chat(`
from decimal import Decimal
def handler(event, context):
    return {"statusCode": 200, "body": event["text"], "price": Decimal("1.5")}
`);
  const answer = await functions.invoke('chat', { text: 'grüße' });
  expect(JSON.parse(answer.payload.toString())).toEqual({
    statusCode: 200,
    body: 'grüße',
    price: 1.5,
  });
  expect(answer.functionError).toBeUndefined();
});

test('a handler that returns nothing answers null', async () => {
  await chat('def handler(event, context): pass');
  expect((await functions.invoke('chat')).payload.toString()).toBe('null');
});

test('the context object tells what AWS tells', async () => {
  await chat(
    `
def handler(event, context):
    names = ["aws_request_id", "log_group_name", "log_stream_name", "function_name",
             "memory_limit_in_mb", "function_version", "invoked_function_arn", "client_context"]
    told = {name: getattr(context, name) for name in names}
    told["remaining"] = context.get_remaining_time_in_millis()
    told["identity"] = context.identity.cognito_identity_id
    return told
`,
    { timeout: 900, memorySize: 512 },
  );
  const requestId = '3f4b7b4e-8f2c-4a53-9a53-0123456789ab';
  const context = await functions.result('chat', {}, { requestId });
  expect(context).toEqual({
    aws_request_id: requestId,
    log_group_name: '/aws/lambda/chat',
    log_stream_name: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
    function_name: 'chat',
    memory_limit_in_mb: '512',
    function_version: '$LATEST',
    invoked_function_arn: 'arn:aws:lambda:eu-west-1:123456789012:function:chat',
    client_context: null,
    identity: null,
    remaining: expect.any(Number),
  });
  const { remaining } = context as { remaining: number };
  expect(remaining).toBeGreaterThan(800_000);
  expect(remaining).toBeLessThanOrEqual(900_000);
});

test('the environment holds what boto3 and requests look for', async () => {
  functions = await startFunctions({
    files: { 'app.py': 'import os\ndef handler(event, context): return dict(os.environ)' },
    env: { PATH: process.env.PATH, SECRET_OF_THE_GATEWAY: 'x' },
    environment: { AWS_CA_BUNDLE: '/ca.pem', REQUESTS_CA_BUNDLE: '/ca.pem' },
    functions: {
      chat: {
        handler: 'app.handler',
        runtime: 'python3.12',
        environment: { TABLE: 'connections' },
      },
    },
  });
  const environment = await functions.result('chat');
  expect(environment).toMatchObject({
    AWS_CA_BUNDLE: '/ca.pem',
    REQUESTS_CA_BUNDLE: '/ca.pem',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_EXECUTION_ENV: 'AWS_Lambda_python3.12',
    AWS_LAMBDA_FUNCTION_NAME: 'chat',
    LAMBDA_TASK_ROOT: functions.folder,
    TABLE: 'connections',
    _HANDLER: 'app.handler',
    _X_AMZN_TRACE_ID: expect.stringMatching(/^Root=1-/),
  });
  expect(environment).not.toHaveProperty('SECRET_OF_THE_GATEWAY');
});

test('what a handler raises is an answer with functionError', async () => {
  await chat(`
class NotHere(Exception):
    pass
def handler(event, context):
    if event["raised"] == "error":
        raise NotHere("nobody")
    return {1, 2}
`);
  const requestId = 'f5a1c3e2-0000-4000-8000-000000000001';
  const answer = await functions.invoke('chat', { raised: 'error' }, { requestId });
  expect(answer.functionError).toBe('Unhandled');
  const trace = `  File "${functions.folder}/app.py", line 6, in handler\n    raise NotHere("nobody")\n`;
  expect(JSON.parse(answer.payload.toString())).toEqual({
    errorMessage: 'nobody',
    errorType: 'NotHere',
    requestId,
    stackTrace: [trace],
  });
  expect(await functions.result('chat', { raised: 'set' })).toMatchObject({
    errorType: 'Runtime.MarshalError',
    errorMessage: 'Unable to marshal response: Object of type set is not JSON serializable',
  });
});

test('the process is kept between calls, and replaced when it exits', async () => {
  await chat(`
import sys
calls = 0
def handler(event, context):
    global calls
    calls += 1
    if event.get("exits"):
        sys.exit(7)
    return calls
`);
  expect(await functions.result('chat')).toBe(1);
  expect(await functions.result('chat')).toBe(2);
  const requestId = 'f5a1c3e2-0000-4000-8000-000000000002';
  const answer = await functions.invoke('chat', { exits: true }, { requestId });
  expect(answer.functionError).toBe('Unhandled');
  expect(answer.payload.toString()).toBe(
    `{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ${requestId} Error: ` +
      'Runtime exited with error: exit status 7"}',
  );
  expect(await functions.result('chat')).toBe(1);
});

test('handlers are found in packages; one that cannot be loaded says why', async () => {
  functions = await startFunctions({
    files: {
      'pack/__init__.py': '',
      'pack/inner.py': 'from helper import TEXT\ndef handler(event, context): return TEXT',
      'helper.py': 'TEXT = "inner"',
      'syntax.py': 'def handler(event, context) return 1',
      'missing.py': 'import nowhere_to_be_found',
      'throws.py': 'raise ValueError("at the start")',
    },
    functions: Object.fromEntries(
      Object.entries({
        slashed: 'pack/inner.handler',
        dotted: 'pack.inner.handler',
        absent: 'nothing.handler',
        bad: 'helper',
        unnamed: 'helper.handler',
        syntax: 'syntax.handler',
        missing: 'missing.handler',
        throws: 'throws.handler',
      }).map(([name, handler]) => [name, { handler, runtime: 'python3.12' }]),
    ),
  });
  const description = async (name: string) => {
    const { errorType, errorMessage } = (await functions.result(name)) as Record<string, string>;
    return `${errorType}: ${errorMessage}`;
  };
  expect(await functions.result('slashed')).toBe('inner');
  expect(await functions.result('dotted')).toBe('inner');
  expect(await description('absent')).toBe(
    "Runtime.ImportModuleError: Unable to import module 'nothing': No module named 'nothing'",
  );
  expect(await description('bad')).toBe("Runtime.MalformedHandlerName: Bad handler 'helper'");
  expect(await description('unnamed')).toBe(
    "Runtime.HandlerNotFound: Handler 'handler' missing on module 'helper'",
  );
  expect(await description('syntax')).toContain("Syntax error in module 'syntax'");
  expect(await description('missing')).toContain("No module named 'nowhere_to_be_found'");
  expect(await description('throws')).toBe('ValueError: at the start');
});
