import { afterEach, expect, test } from 'vitest';
import type { LambdaError } from '../../../src/backends/lambda/lambda.ts';
import { gone } from '../../support/gone.ts';
import { PYTHON, startFunctions, type TestFunctions } from './support/functions.ts';

let functions: TestFunctions;
afterEach(() => functions.stop());

const requestId = '3f4b7b4e-8f2c-4a53-9a53-0123456789ab';

/** Prints its process id and then does nothing, or everything, for ever. */
const endless = {
  'index.mjs': `export const handler = ({ spins }) => {
    console.log(process.pid);
    while (spins);
    return new Promise(() => setInterval(() => {}, 1000));
  };`,
  'app.py': `import os, time
def handler(event, context):
    print(os.getpid())
    while event.get("spins"): pass
    time.sleep(1000)`,
};

test.each([
  ['JavaScript that waits', 'index.handler', {}],
  ['JavaScript that never yields', 'index.handler', { spins: true }],
  ['Python that waits', 'app.handler', {}],
  ['Python that never yields', 'app.handler', { spins: true }],
])('%s is ended when its time is over', async (_, handler, event) => {
  functions = await startFunctions({ files: endless, functions: { chat: { handler } } });
  const { clock, output } = functions;
  const call = functions.invoke('chat', event, { requestId });
  const pid = Number((await output.next()).line);
  clock.advance(2_999);
  process.kill(pid, 0);
  clock.advance(1);
  const answer = await call;
  expect(answer).toMatchObject({ functionError: 'Unhandled', requestId, status: 200 });
  expect(answer.payload.toString()).toBe(
    `{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: ${requestId} Error: ` +
      'Task timed out after 3.00 seconds"}',
  );
  expect(await output.next()).toEqual({
    functionName: 'chat',
    requestId,
    line: `${new Date(clock.now()).toISOString()} ${requestId} Task timed out after 3.00 seconds`,
  });
  await gone(pid);
});

test('the timeout of a function is its own, and counts from the event on', async () => {
  functions = await startFunctions({
    files: endless,
    functions: { chat: { handler: 'index.handler', timeout: 900 } },
  });
  const call = functions.invoke('chat', {}, { timeoutMillis: 1e9 });
  // The start of the process is not counted.
  functions.clock.advance(9_999);
  await functions.output.next();
  functions.clock.advance(899_999);
  expect(functions.output.size).toBe(0);
  functions.clock.advance(1);
  expect((await call).payload.toString()).toContain('Task timed out after 900.00 seconds');
});

test('after a timeout the next call has a fresh process', async () => {
  functions = await startFunctions({
    files: {
      'index.mjs': `let calls = 0;
      export const handler = async ({ waits }) => {
        calls += 1;
        console.log('begun');
        return waits ? new Promise(() => setInterval(() => {}, 1000)) : calls;
      };`,
    },
    functions: { chat: { handler: 'index.handler' } },
  });
  expect(await functions.result('chat')).toBe(1);
  await functions.output.next();
  const overdue = functions.invoke('chat', { waits: true });
  await functions.output.next();
  functions.clock.advance(3_000);
  expect((await overdue).functionError).toBe('Unhandled');
  expect(await functions.result('chat')).toBe(1);
});

test('a process that goes on after its answer has until the end of its time', async () => {
  functions = await startFunctions({
    files: {
      'index.mjs': `export const handler = async () => {
        const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/invocation/';
        await fetch(api + '${requestId}/response', { method: 'POST', body: '"early"' });
        console.log(process.pid);
        for (;;);
      };`,
    },
    functions: { chat: { handler: 'index.handler' } },
  });
  const { output, clock } = functions;
  expect(await functions.result('chat', {}, { requestId })).toBe('early');
  const pid = Number((await output.next()).line);
  clock.advance(2_999);
  process.kill(pid, 0);
  clock.advance(1);
  expect((await output.next()).line).toContain('Task timed out after 3.00 seconds');
  await gone(pid);
});

test('a caller that waits no longer leaves the function to its work', async () => {
  functions = await startFunctions({
    files: {
      'index.mjs': `import { watch, existsSync } from 'node:fs';
      let calls = 0;
      export const handler = ({ waitsFor }) => new Promise((resolve) => {
        calls += 1;
        console.log('begun');
        const look = () => (!waitsFor || existsSync(waitsFor)) && resolve(calls);
        if (waitsFor) watch('.', look);
        look();
      }).then((result) => { console.log('answered'); return result; });`,
    },
    functions: { chat: { handler: 'index.handler', timeout: 900 } },
    limits: { instancesPerFunctionMax: 1 },
  });
  const call = functions.invoke('chat', { waitsFor: 'signal' }, { timeoutMillis: 50 });
  const failure = call.catch((error: LambdaError) => error);
  await functions.output.next();
  functions.clock.advance(50);
  expect(await failure).toMatchObject({
    failure: 'timeout',
    message: 'chat gave no answer within 50 ms',
  });
  const next = functions.result('chat');
  functions.write('signal', '');
  // The same process took both calls: the first one was let finish.
  expect(await next).toBe(2);
});

test('a call that nobody waits for any more is not begun', async () => {
  functions = await startFunctions({
    files: { 'index.mjs': 'let calls = 0; export const handler = async () => ++calls;' },
    functions: { chat: { handler: 'index.handler' } },
  });
  const calls = [1, 2, 3].map(() =>
    functions.invoke('chat', {}, { timeoutMillis: 10 }).catch((error: LambdaError) => error),
  );
  functions.clock.advance(10);
  for (const failure of await Promise.all(calls))
    expect(failure).toMatchObject({ failure: 'timeout' });
  expect(await functions.result('chat')).toBe(1);
});

test.each([
  [
    'JavaScript',
    'slow.handler',
    'console.log(process.pid); await new Promise(() => setInterval(() => {}, 1000));',
  ],
  ['Python', 'slow.handler', 'import os, time; print(os.getpid()); time.sleep(1000)'],
])(
  '%s that does not come to its first event within 10 s is ended',
  async (language, handler, text) => {
    const isPython = language === 'Python';
    functions = await startFunctions({
      files: { [isPython ? 'slow.py' : 'slow.mjs']: text },
      functions: { chat: { handler, timeout: 60 } },
    });
    const call = functions.invoke('chat', {}, { requestId });
    const { line, requestId: printedBy } = await functions.output.next();
    expect(printedBy).toBeUndefined();
    functions.clock.advance(10_000);
    const answer = await call;
    expect(answer.functionError).toBe('Unhandled');
    expect(answer.payload.toString()).toBe(
      `{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: ${requestId} Error: ` +
        'Init timed out after 10.00 seconds"}',
    );
    await gone(Number(line));
  },
);

test.each([
  ['with a status', 'process.exit(9)', 'Runtime exited with error: exit status 9'],
  ['without one', 'process.exit()', 'Runtime exited without providing a reason'],
  [
    'by a signal',
    'process.kill(process.pid, "SIGKILL")',
    'Runtime exited with error: signal: killed',
  ],
  [
    'by another signal',
    'process.kill(process.pid, "SIGSEGV")',
    'Runtime exited with error: signal: segmentation fault',
  ],
])('a process that exits %s is an answer that says so', async (_, exit, words) => {
  functions = await startFunctions({
    files: {
      'index.mjs': `export const handler = async () => { ${exit}; await new Promise(() => {}); };`,
    },
    functions: { chat: { handler: 'index.handler' } },
  });
  const answer = await functions.invoke('chat', {}, { requestId });
  expect(answer.functionError).toBe('Unhandled');
  expect(answer.payload.toString()).toBe(
    `{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ${requestId} Error: ${words}"}`,
  );
});

test('an exit before the first event, a missing program and a missing folder are answers too', async () => {
  functions = await startFunctions({
    files: { 'index.mjs': 'process.exit(3);' },
    functions: {
      exits: { handler: 'index.handler' },
      missing: { runtime: 'provided.al2023' },
      folder: { handler: 'index.handler', code: 'nowhere' },
    },
  });
  const message = async (name: string) => {
    const { errorType, errorMessage } = (await functions.result(name, {}, { requestId })) as Record<
      string,
      string
    >;
    return `${errorType}: ${errorMessage!.replace(`RequestId: ${requestId} Error: `, '')}`;
  };
  expect(await message('exits')).toBe(
    'Runtime.ExitError: Runtime exited with error: exit status 3',
  );
  expect(await message('missing')).toBe(
    `Runtime.InvalidEntrypoint: Couldn't start ${functions.folder}/bootstrap: there is no such program, or it may not be run`,
  );
  expect(await message('folder')).toContain('Runtime.InvalidEntrypoint: ');
});

test('what a function started ends with it', async () => {
  functions = await startFunctions({
    files: {
      'index.mjs': `import { spawn } from 'node:child_process';
      export const handler = () => new Promise(() => console.log(spawn('sleep', ['1000']).pid));`,
    },
    functions: { chat: { handler: 'index.handler' } },
  });
  const call = functions.invoke('chat');
  const { line } = await functions.output.next();
  functions.clock.advance(3_000);
  await call;
  await gone(Number(line));
});

test('stop ends every process and rejects the calls under way', async () => {
  functions = await startFunctions({
    files: endless,
    functions: { chat: { handler: 'index.handler' }, snake: { handler: 'app.handler' } },
    limits: { instancesPerFunctionMax: 1 },
    python: PYTHON,
  });
  const calls = ['chat', 'chat', 'snake'].map((name) =>
    functions.invoke(name).catch((error: LambdaError) => error),
  );
  const pids = [await functions.output.next(), await functions.output.next()];
  await functions.lambda.stop();
  for (const failure of await Promise.all(calls))
    expect(failure).toMatchObject({ failure: 'unreachable' });
  await Promise.all(pids.map(({ line }) => gone(Number(line))));
  await expect(functions.invoke('chat')).rejects.toMatchObject({ failure: 'unreachable' });
  await functions.lambda.stop();
});
