import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { LambdaError } from '../../../src/backends/lambda/lambda.ts';
import { gone } from '../../support/gone.ts';
import { startFunctions, type TestFunctions } from './support/functions.ts';

const LOADER = join(import.meta.dirname, '..', '..', 'support', 'typescript-loader.mjs');

let functions: TestFunctions;
afterEach(() => functions?.stop());

/** Answers its process id and count of calls, when the file it waits for is there. */
const counting = {
  'index.mjs': `import { existsSync, watch } from 'node:fs';
  let calls = 0;
  export const handler = ({ waitsFor }) => new Promise((resolve) => {
    calls += 1;
    console.log('begun', process.pid);
    if (!waitsFor) return resolve({ pid: process.pid, calls });
    const watcher = watch('.', look);
    function look() {
      if (!existsSync(waitsFor)) return;
      watcher.close();
      resolve({ pid: process.pid, calls });
    }
    look();
  });`,
};

interface Count {
  readonly pid: number;
  readonly calls: number;
}

const count = (event = {}) => functions.result('chat', event) as Promise<Count>;

async function chat(limits: object = {}) {
  functions = await startFunctions({
    files: counting,
    functions: { chat: { handler: 'index.handler', timeout: 60 } },
    limits,
  });
}

test('a process is started once and used again', async () => {
  await chat();
  const first = await count();
  expect(await count()).toEqual({ pid: first.pid, calls: 2 });
  expect(await count()).toEqual({ pid: first.pid, calls: 3 });
  for (const _ of [1, 2, 3]) {
    expect((await functions.output.next()).line).toBe(`begun ${first.pid}`);
  }
});

test('calls at once have a process each, one call at a time', async () => {
  await chat();
  const calls = [1, 2, 3].map(() => count({ waitsFor: 'signal' }));
  for (const _ of calls) await functions.output.next();
  functions.write('signal', '');
  const counts = await Promise.all(calls);
  expect(new Set(counts.map(({ pid }) => pid)).size).toBe(3);
  expect(counts.map(({ calls }) => calls)).toEqual([1, 1, 1]);
});

test('beyond the bound calls wait for a process, in order; beyond the next they are throttled', async () => {
  await chat({ instancesPerFunctionMax: 1, waitingCallsPerFunctionMax: 2 });
  const first = count({ waitsFor: 'signal' });
  await functions.output.next();
  const [second, third] = [count(), count()];
  const refused = await functions.invoke('chat').catch((error: LambdaError) => error);
  expect(refused).toMatchObject({ failure: 'throttled', message: '2 calls of chat are waiting' });
  functions.write('signal', '');
  expect([await first, await second, await third].map(({ calls }) => calls)).toEqual([1, 2, 3]);
});

test('a process with nothing to do is ended after ten minutes', async () => {
  functions = await startFunctions({
    files: counting,
    // Longer than any step of the clock: the process may still be about to ask for its next event.
    functions: { chat: { handler: 'index.handler', timeout: 900 } },
  });
  const { pid } = await count();
  functions.clock.advance(540_000);
  expect((await count()).pid).toBe(pid);
  functions.clock.advance(599_000);
  expect((await count()).pid).toBe(pid);
  let isGone = false;
  const end = gone(pid).then(() => {
    isGone = true;
  });
  while (!isGone) {
    functions.clock.advance(60_000);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await end;
  expect((await count()).calls).toBe(1);
});

test('a function that cannot start is tried once for each call', async () => {
  functions = await startFunctions({
    files: { 'index.mjs': 'console.log("started"); throw new Error("always");' },
    functions: { chat: { handler: 'index.handler' } },
  });
  const calls = [1, 2, 3].map(() => functions.result('chat'));
  for (const answer of await Promise.all(calls))
    expect(answer).toMatchObject({ errorMessage: 'always' });
  for (const _ of calls) {
    while ((await functions.output.next()).line !== 'started');
  }
  expect(await functions.result('chat')).toMatchObject({ errorMessage: 'always' });
});

test('after invalidate the next call runs the code as it is now; a call under way goes on', async () => {
  await chat();
  const idle = await count();
  functions.lambda.invalidate('chat');
  await gone(idle.pid);
  const underWay = count({ waitsFor: 'signal' });
  for (const _ of [1, 2]) await functions.output.next();
  functions.write('index.mjs', 'export const handler = async () => "new";');
  functions.lambda.invalidate('chat');
  expect(await functions.result('chat')).toBe('new');
  functions.write('signal', '');
  const { pid, calls } = await underWay;
  expect(calls).toBe(1);
  await gone(pid);
  functions.lambda.invalidate('unknown');
});

test('an invalidated process that has not come up yet is replaced', async () => {
  await chat();
  const call = count();
  functions.lambda.invalidate('chat');
  expect((await call).calls).toBe(1);
});

test('with watchesCode a change on disk is run by the next call, wherever it is made', async () => {
  functions = await startFunctions({
    files: {
      'index.mjs': 'export { handler } from "./lib/answer.mjs";',
      'lib/answer.mjs': 'export const handler = async () => 1;',
      'node_modules/dependency/index.js': '',
    },
    functions: { chat: { handler: 'index.handler' } },
    watchesCode: true,
  });
  const settle = async () => {
    // The watch tells the clock about a change some time after it was made.
    let isDone = false;
    const info = functions.infos.next().then(() => {
      isDone = true;
    });
    while (!isDone) {
      functions.clock.advance(100);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await info;
  };
  expect(await functions.result('chat')).toBe(1);
  functions.write('lib/answer.mjs', 'export const handler = async () => 2;');
  await settle();
  expect(await functions.result('chat')).toBe(2);
  functions.write('lib/deeper/answer.mjs', 'export const handler = async () => 3;');
  functions.write('lib/answer.mjs', 'export { handler } from "./deeper/answer.mjs";');
  await settle();
  expect(await functions.result('chat')).toBe(3);
  functions.write('lib/deeper/answer.mjs', 'export const handler = async () => 4;');
  await settle();
  expect(await functions.result('chat')).toBe(4);
});

test('logs and a store beside the code are no change of it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
  const output = openSync(join(folder, 'output.txt'), 'w');
  const program = join(import.meta.dirname, 'support', 'print-beside-code.ts');
  const { stderr } = spawnSync(
    process.execPath,
    ['--no-warnings', '--import', LOADER, program, folder],
    {
      stdio: ['ignore', output, 'pipe'],
      encoding: 'utf8',
    },
  );
  closeSync(output);
  rmSync(folder, { recursive: true });
  // Newer Node.js warns there of the loader.
  expect(stderr).toContain(
    'output.txt false\ngateway.log false\npostern.mdb false\nindex.mjs true\n',
  );
});

test('of several changes before the next call the first is told', async () => {
  const code = (answer: number) => `export const handler = async () => ${answer};`;
  functions = await startFunctions({
    files: { 'one/index.mjs': code(1), 'other/index.mjs': code(1) },
    functions: {
      one: { handler: 'index.handler', code: 'one' },
      other: { handler: 'index.handler', code: 'other' },
    },
    watchesCode: true,
  });
  const next = async () => {
    while (functions.infos.size === 0) {
      functions.clock.advance(100);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return (await functions.infos.next()).split(' ')[0];
  };
  functions.write('one/index.mjs', code(2));
  expect(await next()).toBe('one');
  // The system tells of changes in their order.
  functions.write('one/index.mjs', code(3));
  functions.write('other/index.mjs', code(3));
  expect(await next()).toBe('other');
  expect(await functions.result('one')).toBe(3);
  functions.write('one/index.mjs', code(4));
  expect(await next()).toBe('one');
  expect(await functions.result('one')).toBe(4);
});

test('replace keeps what is the same, stops what is gone and starts what is new', async () => {
  await chat();
  const { pid } = await count();
  functions.write('other.mjs', 'export const handler = async () => "other";');
  const same = { handler: 'index.handler', timeout: 60 };
  await functions.lambda.replace({ chat: same, other: { handler: 'other.handler' } });
  expect((await count()).pid).toBe(pid);
  expect(await functions.result('other')).toBe('other');
  await functions.lambda.replace({ chat: { handler: 'other.handler' } });
  await gone(pid);
  expect(await functions.result('chat')).toBe('other');
  await expect(functions.invoke('other')).rejects.toMatchObject({
    failure: 'notFound',
    message: 'there is no function other among those configured (chat), and no Lambda endpoint',
  });
});

test('a function may be configured by its ARN', async () => {
  functions = await startFunctions({
    files: { 'index.mjs': 'export const handler = async () => 1;' },
    functions: {
      'arn:aws:lambda:us-east-1:123456789012:function:chat': { handler: 'index.handler' },
    },
  });
  expect(await functions.result('chat')).toBe(1);
});

test('an Event is answered at once; its failure is told in the log', async () => {
  functions = await startFunctions({
    files: {
      'index.mjs': `export const handler = async ({ fails }) => {
        if (fails) throw new Error('nobody sees this');
        console.log('done');
      };`,
    },
    functions: { chat: { handler: 'index.handler' } },
  });
  const answer = await functions.invoke('chat', {}, { invocationType: 'Event' });
  expect(answer).toMatchObject({ status: 202, payload: Buffer.alloc(0) });
  expect(await functions.output.next()).toMatchObject({
    line: 'done',
    requestId: answer.requestId,
  });
  await functions.invoke('chat', { fails: true }, { invocationType: 'Event' });
  expect(await functions.warnings.next()).toBe('chat failed');
});

test('payloads of 6 MB pass both ways; larger ones do not', async () => {
  functions = await startFunctions({
    files: {
      'index.mjs': `export const handler = async ({ text, size }) =>
        size === undefined ? text.length : 'x'.repeat(size - 2);`,
    },
    functions: { chat: { handler: 'index.handler' } },
  });
  const event = (bytes: number) => ({ text: 'x'.repeat(bytes - '{"text":""}'.length) });
  expect(await functions.result('chat', event(6_291_456))).toBe(6_291_456 - 11);
  await expect(functions.invoke('chat', event(6_291_457))).rejects.toMatchObject({
    failure: 'tooLarge',
    message: 'the event for chat exceeds 6291456 bytes',
  });
  expect((await functions.invoke('chat', { size: 6_291_556 })).payload).toHaveLength(6_291_556);
  const tooLarge = await functions.invoke('chat', { size: 6_291_557 });
  expect(tooLarge.functionError).toBe('Unhandled');
  expect(tooLarge.payload.toString()).toBe(
    '{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded ' +
      'maximum allowed payload size (6291556 bytes)."}',
  );
  expect(await functions.result('chat', event(20))).toBe(9);
});
