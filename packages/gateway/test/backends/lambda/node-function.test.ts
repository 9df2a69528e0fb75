import { afterEach, expect, test } from 'vitest';
import { startFunctions, type TestFunctions } from './support/functions.ts';

let functions: TestFunctions;
afterEach(() => functions.stop());

/** A function named `chat` with this text as its `index.mjs`. */
async function chat(text: string, spec: object = {}) {
  functions = await startFunctions({
    files: { 'index.mjs': text },
    functions: { chat: { handler: 'index.handler', ...spec } },
  });
}

test('an async handler is given the event; what it returns is the payload', async () => {
  await chat('export const handler = async (event) => ({ statusCode: 200, body: event.text });');
  const answer = await functions.invoke('chat', { text: 'grüße' });
  expect(answer.payload.toString()).toBe('{"statusCode":200,"body":"grüße"}');
  expect(answer).toMatchObject({ status: 200 });
  expect(answer.functionError).toBeUndefined();
  expect(answer.requestId).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});

test('a handler that returns nothing answers null', async () => {
  await chat('export const handler = async () => {};');
  expect((await functions.invoke('chat')).payload.toString()).toBe('null');
});

test('the context object tells what AWS tells', async () => {
  await chat(
    `export const handler = async (event, context) => ({
    ...context, remaining: context.getRemainingTimeInMillis(),
    functions: ['done', 'succeed', 'fail'].map((name) => typeof context[name]),
  });`,
    { timeout: 900, memorySize: 512 },
  );
  const requestId = '3f4b7b4e-8f2c-4a53-9a53-0123456789ab';
  const context = await functions.result('chat', {}, { requestId, qualifier: 'prod' });
  expect(context).toEqual({
    callbackWaitsForEmptyEventLoop: true,
    functionName: 'chat',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:chat:prod',
    memoryLimitInMB: '512',
    awsRequestId: requestId,
    logGroupName: '/aws/lambda/chat',
    logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
    remaining: expect.any(Number),
    functions: ['function', 'function', 'function'],
  });
  const { remaining } = context as { remaining: number };
  expect(remaining).toBeGreaterThan(800_000);
  expect(remaining).toBeLessThanOrEqual(900_000);
});

test("the environment is AWS's and the function's own, and nothing of the gateway's", async () => {
  functions = await startFunctions({
    files: { 'app/index.mjs': 'export const handler = async () => process.env;' },
    env: {
      PATH: process.env.PATH,
      SECRET_OF_THE_GATEWAY: 'x',
      AWS_ACCESS_KEY_ID: 'real',
      AWS_SECRET_ACCESS_KEY: 'real',
    },
    environment: { NODE_EXTRA_CA_CERTS: '/certificates/postern.pem', TABLE: 'for everybody' },
    functions: {
      chat: {
        handler: 'index.handler',
        runtime: 'nodejs22.x',
        code: 'app',
        environment: { TABLE: 'connections', AWS_LAMBDA_FUNCTION_NAME: 'reserved' },
      },
    },
  });
  const environment = (await functions.result('chat', {}, { traceId: 'Root=1-2-3' })) as Record<
    string,
    string
  >;
  expect(environment).toEqual({
    PATH: process.env.PATH,
    TZ: ':UTC',
    PWD: expect.any(String),
    PYTHONUNBUFFERED: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x',
    AWS_LAMBDA_FUNCTION_NAME: 'chat',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/chat',
    AWS_LAMBDA_LOG_STREAM_NAME: expect.any(String),
    AWS_LAMBDA_RUNTIME_API: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    LAMBDA_TASK_ROOT: `${functions.folder}/app`,
    NODE_EXTRA_CA_CERTS: '/certificates/postern.pem',
    TABLE: 'connections',
    _HANDLER: 'index.handler',
    _X_AMZN_TRACE_ID: 'Root=1-2-3',
  });
});

test('callback, done, succeed and fail answer', async () => {
  await chat(`export const handler = (event, context, callback) => {
    if (event.how === 'callback') callback(null, event.how);
    else if (event.how === 'done') context.done(null, event.how);
    else if (event.how === 'succeed') context.succeed(event.how);
    else if (event.how === 'fail') context.fail(new TypeError(event.how));
    else if (event.how === 'error') callback(new RangeError(event.how));
    else setTimeout(() => callback(null, 'first'), 1), setTimeout(() => callback(null, 'second'), 2);
  };`);
  for (const how of ['callback', 'done', 'succeed']) {
    expect(await functions.result('chat', { how })).toBe(how);
  }
  expect(await functions.result('chat', { how: 'fail' })).toMatchObject({ errorType: 'TypeError' });
  expect(await functions.result('chat', { how: 'error' })).toMatchObject({
    errorType: 'RangeError',
    errorMessage: 'error',
  });
  expect(await functions.result('chat')).toBe('first');
});

test('callback waits for the event loop to be empty, unless told not to', async () => {
  await chat(`let late = 0;
  export const handler = (event, context, callback) => {
    context.callbackWaitsForEmptyEventLoop = event.waits;
    const answer = { late };
    setTimeout(() => { answer.late = ++late; }, 20);
    callback(null, answer);
  };`);
  expect(await functions.result('chat', { waits: true })).toEqual({ late: 1 });
  expect(await functions.result('chat', { waits: false })).toEqual({ late: 1 });
});

test('a handler that neither answers nor has anything left to do answers null', async () => {
  await chat('export const handler = ({ promised }) => promised && new Promise(() => {});');
  expect(await functions.result('chat')).toBe(null);
  expect(await functions.result('chat', { promised: true })).toBe(null);
});

test('what a handler throws is an answer with functionError', async () => {
  await chat(`class NotHere extends Error { name = 'NotHere'; }
  export const handler = async ({ thrown }) => {
    if (thrown === 'error') throw new NotHere('nobody');
    if (thrown === 'text') throw 'words';
    if (thrown === 'cycle') { const cycle = {}; cycle.self = cycle; return cycle; }
  };`);
  const answer = await functions.invoke('chat', { thrown: 'error' });
  expect(answer).toMatchObject({ functionError: 'Unhandled', status: 200 });
  const description = JSON.parse(answer.payload.toString());
  expect(description).toMatchObject({ errorType: 'NotHere', errorMessage: 'nobody' });
  expect(description.trace[0]).toBe('NotHere: nobody');
  expect(description.trace[1]).toContain('index.mjs:3');
  expect(await functions.result('chat', { thrown: 'text' })).toEqual({
    errorType: 'string',
    errorMessage: 'words',
    trace: [],
  });
  expect(await functions.result('chat', { thrown: 'cycle' })).toMatchObject({
    errorType: 'Runtime.MarshalError',
    errorMessage: expect.stringContaining('Unable to stringify response body as json'),
  });
});

test('an error outside the handler answers the call; the next call has a fresh process', async () => {
  await chat(`let calls = 0;
  export const handler = ({ how }) => new Promise((resolve) => {
    calls += 1;
    if (how === 'throw') setTimeout(() => { throw new RangeError('later'); }, 1);
    else if (how === 'reject') Promise.reject(new Error('nobody looked'));
    else resolve(calls);
    setTimeout(() => {}, 5000).unref();
  });`);
  expect(await functions.result('chat')).toBe(1);
  expect(await functions.result('chat', { how: 'throw' })).toMatchObject({
    errorType: 'RangeError',
    errorMessage: 'later',
  });
  expect(await functions.result('chat')).toBe(1);
  expect(await functions.result('chat', { how: 'reject' })).toMatchObject({
    errorType: 'Runtime.UnhandledPromiseRejection',
    errorMessage: 'Error: nobody looked',
  });
  expect(await functions.result('chat')).toBe(1);
});

test('handlers are found in CommonJS, in modules, in folders and inside objects', async () => {
  functions = await startFunctions({
    files: {
      'common.js': 'exports.handler = async () => "common";',
      'assigned.js':
        'const build = () => ({ handler: async () => "assigned" }); module.exports = build();',
      'compiled.js':
        '"use strict"; Object.defineProperty(exports, "__esModule", { value: true }); exports.handler = async () => "compiled";',
      'last.cjs': 'exports.handler = async () => "cjs";',
      'esm/package.json': '{ "type": "module" }',
      'esm/index.js':
        'const text = await Promise.resolve("module"); export const handler = async () => text;',
      'nested/deep.mjs': 'export const handlers = { chat: { connect: async () => "nested" } };',
      'fallback.mjs': 'export default { handler: async () => "default" };',
    },
    functions: Object.fromEntries(
      Object.entries({
        common: 'common.handler',
        assigned: 'assigned.handler',
        compiled: 'compiled.handler',
        cjs: 'last.handler',
        module: 'esm/index.handler',
        nested: 'nested/deep.handlers.chat.connect',
        default: 'fallback.handler',
      }).map(([name, handler]) => [name, { handler }]),
    ),
  });
  for (const name of ['common', 'assigned', 'compiled', 'cjs', 'module', 'nested', 'default']) {
    expect(await functions.result(name)).toBe(name);
  }
});

test('a handler meets the globals of a module, and none of a program that is a text', async () => {
  await chat(`
    const usual = ['console', 'crypto', 'process', 'fetch', 'Buffer', 'structuredClone'];
    const foreign = [
      'require', 'module', 'exports', '__filename', '__dirname', 'fs', 'path', 'http', 'sys', 'main', 'ask',
    ];
    export const handler = async () => ({
      usual: usual.filter((name) => !(name in globalThis)),
      foreign: foreign.filter((name) => name in globalThis),
      crypto: typeof crypto.subtle,
    });`);
  expect(await functions.result('chat')).toEqual({ usual: [], foreign: [], crypto: 'object' });
});

test('CommonJS in a folder of ES modules is refused with the sentence of Node.js', async () => {
  functions = await startFunctions({
    files: {
      'package.json': '{ "type": "module" }',
      'index.js': 'exports.handler = async () => 1;',
    },
    functions: { chat: { handler: 'index.handler' } },
  });
  const { payload, functionError } = await functions.invoke('chat');
  expect(functionError).toBe('Unhandled');
  expect(JSON.parse(payload.toString()).errorMessage).toMatch(
    /exports is not defined in ES module scope.*package\.json' contains "type": "module"/s,
  );
});

test('a handler that cannot be loaded is an answer with the reason', async () => {
  functions = await startFunctions({
    files: {
      'index.mjs': 'export const handler = 42;',
      'syntax.mjs': 'export const = ;',
      'missing.mjs': 'import "nowhere-to-be-found";',
      'throws.mjs': 'throw new RangeError("at the start");',
    },
    functions: {
      absent: { handler: 'nothing.handler', runtime: 'nodejs22.x' },
      bad: { handler: 'index', runtime: 'nodejs22.x' },
      outside: { handler: '../index.handler', runtime: 'nodejs22.x' },
      number: { handler: 'index.handler' },
      unexported: { handler: 'index.other' },
      syntax: { handler: 'syntax.handler' },
      missing: { handler: 'missing.handler' },
      throws: { handler: 'throws.handler' },
    },
  });
  const description = async (name: string) => {
    const { functionError, payload } = await functions.invoke(name);
    expect(functionError).toBe('Unhandled');
    const { errorType, errorMessage } = JSON.parse(payload.toString());
    return `${errorType}: ${errorMessage}`;
  };
  expect(await description('absent')).toBe(
    `Runtime.ImportModuleError: Error: Cannot find module 'nothing' in ${functions.folder}`,
  );
  expect(await description('bad')).toBe('Runtime.MalformedHandlerName: Bad handler');
  expect(await description('outside')).toBe('Runtime.MalformedHandlerName: Bad handler');
  expect(await description('number')).toBe(
    'Runtime.HandlerNotFound: index.handler is not a function',
  );
  expect(await description('unexported')).toBe(
    'Runtime.HandlerNotFound: index.other is undefined or not exported',
  );
  expect(await description('syntax')).toMatch(/^Runtime\.UserCodeSyntaxError: SyntaxError: /);
  expect(await description('missing')).toContain(
    "Runtime.ImportModuleError: Error: Cannot find package 'nowhere",
  );
  expect(await description('throws')).toBe('RangeError: at the start');
});
