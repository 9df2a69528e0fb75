import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';

const WRITES = 500;
const CLIENTS = 8;

let folder: string;
let running: ChildProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-test-'));
});
afterEach(async () => {
  running?.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

// Eight clients write as fast as they are answered. Killed without warning, twice, the gateway must
// still know every write it has answered; of the few it has not, each may have happened or not.
test('a gateway killed in the middle of 500 writes loses none it has answered', async () => {
  const known = new Answers();
  for (const kill of [WRITES / 2, WRITES]) {
    const { url, stop } = await startProcess();
    const clients = Array.from({ length: CLIENTS }, () => client(url, known, kill, stop));
    await Promise.all(clients);
    await stop();
    expect(known.count).toBeGreaterThanOrEqual(kill);
    const next = await startProcess();
    expect(await lostBy(next.url, known)).toEqual([]);
    await next.stop();
  }
});

/** What the gateway answered: what must be there, what must not, and what is not known. */
class Answers {
  readonly there = new Map<string, unknown>();
  readonly gone = new Set<string>();
  /** Sent and not answered: the method by path. */
  readonly unknown = new Map<string, string>();
  count = 0;
}

/** Creates an API, then creates, changes and deletes its routes, until the gateway is no more. */
async function client(url: string, known: Answers, kill: number, stop: () => Promise<void>) {
  async function write(method: string, path: string, body?: unknown) {
    const target = method === 'POST' ? undefined : path;
    try {
      const answer = await fetch(url + path, {
        method,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      known.count += 1;
      if (known.count === kill) stop();
      return text === '' ? undefined : JSON.parse(text);
    } catch (error) {
      if (target) known.unknown.set(target, method);
      // The connection broke: whatever the gateway did with this, it has not answered.
      if (error instanceof TypeError) throw new Unanswered();
      throw error;
    }
  }

  async function work() {
    const { apiId, ...api } = await write('POST', '/v2/apis', {
      name: 'chat',
      protocolType: 'WEBSOCKET',
      routeSelectionExpression: '$request.body.action',
    });
    known.there.set(`/v2/apis/${apiId}`, { apiId, ...api });
    const routes = `/v2/apis/${apiId}/routes`;
    for (let number = 0; ; number += 1) {
      const route = await write('POST', routes, { routeKey: `route${number}` });
      const path = `${routes}/${route.routeId}`;
      known.there.set(path, route);
      known.there.set(path, await write('PATCH', path, { operationName: `Operation${number}` }));
      if (number % 3 > 0) continue;
      await write('DELETE', path);
      known.there.delete(path);
      known.gone.add(path);
    }
  }

  await work().catch((error) => {
    if (!(error instanceof Unanswered)) throw error;
  });
}

class Unanswered extends Error {}

/** Every answer that no longer holds. */
async function lostBy(url: string, known: Answers): Promise<string[]> {
  const lost: string[] = [];
  for (const [path, body] of known.there) {
    const answer = await fetch(url + path);
    const unanswered = known.unknown.get(path);
    if (unanswered === 'DELETE' || (unanswered === 'PATCH' && answer.ok)) continue;
    const { apiEndpoint: _, ...now } = (await answer.json()) as Record<string, unknown>;
    const { apiEndpoint: __, ...then } = body as Record<string, unknown>;
    if (JSON.stringify(now) !== JSON.stringify(then)) lost.push(`${path}: ${JSON.stringify(now)}`);
  }
  for (const path of known.gone) {
    const { status } = await fetch(url + path);
    if (status !== 404) lost.push(`${path} is back`);
  }
  return lost;
}

async function startProcess(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const loader = join(import.meta.dirname, '..', 'support', 'typescript-loader.mjs');
  const program = join(import.meta.dirname, 'support', 'postern-process.ts');
  const flags = ['dev', '--port', '0', '--data', folder];
  const child = spawn(process.execPath, ['--import', loader, program, ...flags], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running = child;
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const ready = /^Postern ready on (\S+)/.exec(line);
    if (!ready) continue;
    // Whoever stops reading blocks whoever writes.
    child.stdout.resume();
    return { url: ready[1]!, stop };
  }
  throw new Error('The gateway did not start');
}
