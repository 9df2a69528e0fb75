/**
 * The program that a JavaScript function runs in: a Runtime API client that loads the handler and
 * gives it events, as Lambda's Node.js runtime does. It is handed to `node --eval` as text, so that it
 * is found wherever the gateway is installed or bundled. It uses nothing but Node.js itself.
 *
 * A handler is given `(event, context, callback)`. The answer is what its promise resolves with, or
 * what it tells `callback`; the callback's waits for the event loop to be empty, unless
 * `context.callbackWaitsForEmptyEventLoop` is false.
 */
export const nodeRuntime = String.raw`
// In a function of its own, so that none of its names is one of the handler's.
(() => {
'use strict';
const http = require('node:http');
const fs = require('node:fs');
const { builtinModules } = require('node:module');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { isNativeError } = require('node:util/types');

const env = process.env;
const [hostname, port] = env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const extensions = ['', '.js', '.mjs', '.cjs'];
if (process.features.typescript) extensions.push('.ts', '.mts', '.cts');

// The call under way; undefined before the first one.
let current;

function ask(method, name, text) {
  return new Promise((resolve) => {
    const body = text === undefined ? undefined : Buffer.from(text);
    const headers = body && { 'Content-Type': 'application/json', 'Content-Length': body.length };
    const target = { method, hostname, port, agent, path: '/2018-06-01/runtime/' + name };
    const request = http.request({ ...target, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
      response.on('error', gatewayGone);
    });
    request.on('error', gatewayGone);
    request.end(body);
  });
}

function gatewayGone() {
  process.exit(1);
}

function describe(error) {
  if (!isNativeError(error) && !(error instanceof Error)) {
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  }
  const trace = String(error.stack ?? '').split('\n');
  return { errorType: String(error.name), errorMessage: String(error.message), trace };
}

function named(errorType, message, stack) {
  const error = new Error(message);
  error.name = errorType;
  error.stack = stack ?? errorType + ': ' + message;
  return error;
}

// A program that is a text has these as globals. A handler that forgot to import them must not find
// them: on Lambda it would not.
async function removeGlobals() {
  // Some come when the text has been run.
  await new Promise(setImmediate);
  const ofModules = ['require', 'module', 'exports', '__filename', '__dirname'];
  for (const name of [...builtinModules, ...ofModules]) {
    if (!['console', 'crypto', 'process'].includes(name)) delete globalThis[name];
  }
}

async function loadHandler(text) {
  const split = /^((?:.*\/)?[^./]*)\.(.+)$/.exec(text);
  if (!split || text.includes('..')) throw named('Runtime.MalformedHandlerName', 'Bad handler');
  const [, file, name] = split;
  const base = path.resolve(env.LAMBDA_TASK_ROOT, file);
  const found = extensions.map((extension) => base + extension).find(isFile);
  if (!found) {
    const message = "Error: Cannot find module '" + file + "' in " + env.LAMBDA_TASK_ROOT;
    throw named('Runtime.ImportModuleError', message);
  }
  const module = await importModule(found);
  const handler = member(module, name) ?? member(module.default, name);
  if (typeof handler === 'function') return handler;
  const problem = handler === undefined ? 'undefined or not exported' : 'not a function';
  throw named('Runtime.HandlerNotFound', text + ' is ' + problem);
}

async function importModule(file) {
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw named('Runtime.UserCodeSyntaxError', 'SyntaxError: ' + error.message, error.stack);
    }
    if (/MODULE_NOT_FOUND$/.test(error?.code)) {
      throw named('Runtime.ImportModuleError', 'Error: ' + error.message, error.stack);
    }
    throw error;
  }
}

function isFile(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

function member(value, name) {
  return name.split('.').reduce((inner, key) => inner?.[key], value);
}

function contextOf({ headers, finish }) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const done = (error, result) => finish(error, result);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: undefined,
    identity: undefined,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    getRemainingTimeInMillis: () => deadline - Date.now(),
    done,
    succeed: (result) => done(null, result),
    fail: (error) => done(error ?? 'handled'),
  };
}

// Resolves when the call has been answered.
function handle(handler, { headers, body }) {
  return new Promise((resolve) => {
    const call = { id: headers['lambda-runtime-aws-request-id'], headers, isAnswered: false };
    const answer = (kind, text) => {
      if (call.isAnswered) return undefined;
      call.isAnswered = true;
      call.whenEmpty = undefined;
      return ask('POST', 'invocation/' + call.id + '/' + kind, text).then(resolve);
    };
    call.fail = (error) => {
      if (!call.isAnswered) console.error('Invoke Error', error);
      return answer('error', JSON.stringify(describe(error)));
    };
    const succeed = (result) => {
      let text;
      try {
        text = JSON.stringify(result) ?? 'null';
      } catch (error) {
        const message = 'Unable to stringify response body as json: ' + error.message;
        return call.fail(named('Runtime.MarshalError', message));
      }
      return answer('response', text);
    };
    call.finish = (error, result) => (error == null ? succeed(result) : call.fail(error));
    // A handler that neither answers nor has anything left to do has answered null.
    call.whenEmpty = () => succeed(null);
    current = call;

    env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'];
    process.stdout.write('\u001e' + call.id + '\n');
    process.stderr.write('\u001e' + call.id + '\n');
    const context = contextOf(call);
    let isCalledBack = false;
    const callback = (error, result) => {
      if (call.isAnswered || isCalledBack) return;
      isCalledBack = true;
      const waits = error == null && context.callbackWaitsForEmptyEventLoop;
      if (waits) call.whenEmpty = () => succeed(result);
      else call.finish(error, result);
    };
    try {
      const returned = handler(JSON.parse(body.toString()), context, callback);
      if (typeof returned?.then === 'function') returned.then(succeed, call.fail);
    } catch (error) {
      call.fail(error);
    }
  });
}

async function reportAndExit(error, status) {
  if (current === undefined) {
    console.error(error);
    await ask('POST', 'init/error', JSON.stringify(describe(error)));
  } else if (current.isAnswered) console.error(error);
  else await current.fail(error);
  process.exit(status);
}

process.on('beforeExit', () => current?.whenEmpty?.());
process.on('uncaughtException', (error) => reportAndExit(error, 129));
process.on('unhandledRejection', (reason) => {
  const stack = reason instanceof Error ? reason.stack : undefined;
  reportAndExit(named('Runtime.UnhandledPromiseRejection', String(reason), stack), 128);
});

async function main() {
  let handler;
  await removeGlobals();
  try {
    handler = await loadHandler(env._HANDLER);
  } catch (error) {
    return reportAndExit(error, 1);
  }
  for (;;) await handle(handler, await ask('GET', 'invocation/next'));
}

main();
})();
`;
