import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RecordingBackend, startBackend } from './support/recording-backend.ts';
import { connect } from './support/test-socket.ts';

/** `kill -9` of a real process with open connections, and what the next one makes of it. */

const LOADER = join(import.meta.dirname, 'support', 'typescript-loader.mjs');
const PROGRAM = join(import.meta.dirname, 'support', 'run-postern.ts');

let folder: string;
let backend: RecordingBackend;
let children: ChildProcess[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
  children = [];
  backend = await startBackend();
  writeFileSync(
    join(folder, 'index.mjs'),
    `export const handler = async (event) => ({
  principalId: 'user-' + event.queryStringParameters.name,
  context: { plan: 'gold' },
  policyDocument: { Version: '2012-10-17', Statement: [
    { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: event.methodArn }] },
});`,
  );
  writeFileSync(
    join(folder, 'postern.yaml'),
    `functions:
  doorman: { handler: index.handler, runtime: nodejs20.x, code: . }
apis:
  chat:
    authorizers:
      doorman: { function: doorman, identitySource: [route.request.querystring.name] }
    routes:
      $connect: { url: '${backend.url}/connect', authorizer: doorman }
      $disconnect:
        url: '${backend.url}/disconnect'
        headers:
          user: context.authorizer.principalId
          plan: context.authorizer.plan
          code: context.disconnectStatusCode
          reason: context.disconnectReason
          connectedAt: context.connectedAt
`,
  );
});
afterEach(async () => {
  for (const child of children) await end(child, 'SIGKILL');
  await backend.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Resolves with the process and its URL once it is ready. */
async function start(): Promise<{ child: ChildProcess; url: string }> {
  const argv = ['--import', LOADER, PROGRAM, 'dev', '--port', '0', '--data', 'data'];
  const child = spawn(process.execPath, argv, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  for await (const line of createInterface({ input: child.stdout })) {
    said += `${line}\n`;
    const url = /^Postern ready on (.*)$/.exec(line)?.[1];
    if (url !== undefined) {
      child.stdout.resume();
      return { child, url: url.replace(/^http/, 'ws') };
    }
  }
  throw new Error(`not ready: ${said}`);
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  return ended;
}

test('after kill -9 the next process tells of every connection, once, as if it had seen it end', async () => {
  const first = await start();
  const names = Array.from({ length: 20 }, (_, number) => `n${number}`);
  const sockets = await Promise.all(
    names.map((name) => connect(`${first.url}/production?name=${name}`)),
  );
  const ids = new Map<string, string>();
  for (const _ of names) {
    const { url, headers } = await backend.requests('/connect').next();
    ids.set(String(headers.connectionid), new URL(url, 'http://x').searchParams.get('name')!);
  }
  // Two leave in time, and have been told of.
  for (const socket of sockets.slice(0, 2)) socket.close(1000);
  const gone = new Set<string>();
  for (const _ of [1, 2]) {
    gone.add(String((await backend.requests('/disconnect').next()).headers.connectionid));
  }
  await end(first.child, 'SIGKILL');

  await start();
  const told = new Set<string>();
  while (told.size < names.length - gone.size) {
    const { headers } = await backend.requests('/disconnect').next();
    const id = String(headers.connectionid);
    if (gone.has(id)) {
      // Killed before it could note the answer: told twice, and marked as such.
      expect(headers['x-postern-retry']).toBe('1');
      continue;
    }
    expect(told.has(id)).toBe(false);
    told.add(id);
    expect(headers).toMatchObject({
      user: `user-${ids.get(id)}`,
      plan: 'gold',
      code: '1006',
      reason: 'Connection closed abnormally',
      connectedat: expect.stringMatching(/^\d{13}$/),
    });
    expect(headers['x-postern-retry']).toBeUndefined();
  }
});

test('an attempt under way when the process is killed is told again, as a retry, with its own code', async () => {
  const first = await start();
  backend.answer('/disconnect', () => {});
  const socket = await connect(`${first.url}/production?name=ada`);
  socket.close(4321, 'my own');
  await backend.requests('/disconnect').next();
  await end(first.child, 'SIGKILL');
  backend.answer('/disconnect', (_, response) => response.end());
  await start();
  const { headers } = await backend.requests('/disconnect').next();
  expect(headers).toMatchObject({ code: '4321', reason: 'my own', user: 'user-ada' });
  expect(headers['x-postern-retry']).toBe('1');
});
