import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { certificateFor } from '../support/certificates.ts';
import { freePort } from '../support/free-port.ts';
import { gone } from '../support/gone.ts';
import { nodeOf } from '../support/node-of.ts';
import {
  hasProcesses,
  LONG,
  launchPostern,
  type PosternProcess,
  startPostern,
  WITH_PROCESSES,
} from '../support/postern-process.ts';
import { type RecordingBackend, startBackend } from '../support/recording-backend.ts';
import { commandTo, hasRedis, startRedis } from '../support/redis-server.ts';
import { connect } from '../support/test-socket.ts';

/** `postern start --workers 2`: what the supervisor hands on, and what becomes of workers without it. */

let folder: string;
let backend: RecordingBackend;
const running: PosternProcess[] = [];
const cleanUps: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
  backend = await startBackend();
});
afterEach(async () => {
  for (const postern of running.splice(0)) {
    postern.signal('SIGTERM');
    await postern.ended;
  }
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
  await backend.stop();
  await rm(folder, { recursive: true, force: true });
});

function file(token: string, more = '') {
  writeFileSync(
    join(folder, 'postern.yaml'),
    `${more}
apis:
  chat:
    id: chatchatch
    stage: production
    headers: { connectionId: context.connectionId }
    routes:
      $default: { url: '${backend.url}/message', twoWay: true }
      $connect: ${backend.url}/connect
      $disconnect: ${backend.url}/disconnect
users:
  - name: operator
    tokens: ['${token}']
    policies:
      - Version: '2012-10-17'
        Statement: [{ Effect: Allow, Action: 'postern:*', Resource: '*' }]
`,
  );
}

async function start(...argv: string[]) {
  const postern = await startPostern(folder, 'start', '--workers', '2', '--port', '0', ...argv);
  running.push(postern);
  if (postern.url === '') throw new Error(postern.lines.join('\n'));
  return postern;
}

const isListening = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connectTcp(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).on('error', () => resolve(false));
  });

describe.skipIf(!hasProcesses)('the supervisor and its workers', WITH_PROCESSES, () => {
  test('SIGHUP has the users read again by each worker', async () => {
    file('the-first-token-of-all');
    const postern = await start('--ephemeral');
    const status = (token: string) =>
      fetch(`${postern.url}/@api/version`, {
        headers: { authorization: `Bearer ${token}`, connection: 'close' },
      }).then((response) => response.status);
    expect(await status('the-first-token-of-all')).toBe(200);
    file('the-second-token-of-all');
    postern.signal('SIGHUP');
    await postern.shows(/"worker":1,"message":"Users read again/);
    await postern.shows(/"worker":2,"message":"Users read again/);
    for (let asked = 0; asked < 4; asked += 1) {
      expect(await status('the-second-token-of-all')).toBe(200);
      expect(await status('the-first-token-of-all')).toBe(403);
    }
  });

  test('SIGTERM to every process at once, as systemd sends it, is one wish: all of them drain', async () => {
    file('a-token-for-the-operator');
    const postern = await start('--data', 'data', '--drain-spread-seconds', '0');
    const url = `${postern.url.replace('http', 'ws')}/production`;
    const sockets = await Promise.all([1, 2, 3, 4].map(() => connect(url)));
    const held: ServerResponse[] = [];
    backend.answer('/disconnect', (_, response) => held.push(response));
    for (const pid of [postern.pid, ...postern.children()]) process.kill(pid, 'SIGTERM');
    for (const socket of sockets) expect((await socket.closed).code).toBe(1001);
    await expect.poll(() => held.length, LONG).toBe(sockets.length);
    for (const response of held) response.end();
    expect(await postern.ended).toBe(0);
  });

  test.each(['turns', 'kernel'])(
    'without their supervisor the workers drain: work under way is done, and every end is told (%s)',
    async (spread) => {
      file('a-token-for-the-operator');
      const postern = await start('--data', 'data', '--worker-spread', spread);
      const url = `${postern.url.replace('http', 'ws')}/production`;
      const sockets = [await connect(url), await connect(url), await connect(url)];
      const ids = [];
      for (const _ of sockets) {
        const { headers } = await backend.requests('/connect').next();
        ids.push(headers.connectionid);
      }
      let answer = () => {};
      backend.answer('/message', (_, response) => {
        answer = () => void response.end('done');
      });
      sockets[0]!.send('under way');
      await backend.requests('/message').next();
      const workers = postern.children();
      expect(workers).toHaveLength(2);
      postern.signal('SIGKILL');
      await postern.ended;
      for (const socket of sockets.slice(1)) expect((await socket.closed).code).toBe(1001);
      expect(await isListening(Number(new URL(postern.url).port))).toBe(false);
      answer();
      expect(await sockets[0]!.next()).toBe('done');
      expect((await sockets[0]!.closed).code).toBe(1001);
      const told = [];
      for (const _ of sockets) {
        const { headers } = await backend.requests('/disconnect').next();
        told.push(headers.connectionid);
      }
      expect(told.sort()).toEqual(ids.sort());
      await Promise.all(workers.map(gone));
    },
  );

  test('what a worker without a supervisor could not tell, the next gateway tells', async () => {
    file('a-token-for-the-operator');
    const postern = await start('--data', 'data', '--drain-seconds', '1');
    const socket = await connect(`${postern.url.replace('http', 'ws')}/production`);
    const { headers } = await backend.requests('/connect').next();
    backend.answer('/disconnect', () => {});
    const workers = postern.children();
    postern.signal('SIGKILL');
    await postern.ended;
    expect((await socket.closed).code).toBe(1001);
    await backend.requests('/disconnect').next();
    await Promise.all(workers.map(gone));
    backend.answer('/disconnect', (_, response) => void response.end());
    const port = new URL(postern.url).port;
    const next = await startPostern(folder, 'start', '--port', port, '--data', 'data');
    running.push(next);
    expect(next.url).toBe(postern.url);
    const again = await backend.requests('/disconnect').next();
    expect(again.headers.connectionid).toBe(headers.connectionid);
  });

  // It waited for a port for ever, and not even SIGTERM ended it.
  test('a worker whose supervisor is gone before it serves ends as well', async () => {
    file('a-token-for-the-operator');
    const postern = launchPostern(
      folder,
      ...['start', '--workers', '2', '--port', '0', '--data', 'data'],
    );
    await expect.poll(() => postern.children().length, LONG).toBe(1);
    const [worker] = postern.children();
    cleanUps.push(async () => process.kill(worker!, 'SIGKILL'));
    // So that nobody answers when it asks for the port.
    postern.signal('SIGSTOP');
    const isStarting = () => existsSync(join(folder, 'data', 'connections.mdb'));
    await expect.poll(isStarting, LONG).toBe(true);
    postern.signal('SIGKILL');
    await postern.ended;
    await gone(worker!);
    cleanUps.pop();
  });

  test('without their supervisor they leave nothing of what nobody keeps', async () => {
    const { TMPDIR } = process.env;
    process.env.TMPDIR = folder;
    const postern = await start('--ephemeral').finally(() => {
      if (TMPDIR === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = TMPDIR;
    });
    const kept = () =>
      readdirSync(folder).filter((name) => existsSync(join(folder, name, 'postern.mdb')));
    expect(kept()).toHaveLength(1);
    postern.signal('SIGKILL');
    await postern.ended;
    await expect.poll(kept, LONG).toEqual([]);
  });

  test('TLS is served by each worker', async () => {
    const { ca, cert, key } = await certificateFor('127.0.0.1');
    writeFileSync(join(folder, 'tls.crt'), cert);
    writeFileSync(join(folder, 'tls.key'), key);
    file('a-token-for-the-operator');
    const postern = await start('--ephemeral', '--tls-cert', 'tls.crt', '--tls-key', 'tls.key');
    expect(postern.url).toMatch(/^https:/);
    const ready = () =>
      new Promise<number>((resolve, reject) => {
        request(`${postern.url}/@health/ready`, { ca, agent: false }, (response) => {
          response.resume();
          resolve(response.statusCode!);
        })
          .on('error', reject)
          .end();
      });
    expect([await ready(), await ready()]).toEqual([200, 200]);
    const nodes = new Set<string>();
    for (let number = 0; number < 4; number += 1) {
      const socket = new WebSocket(`${postern.url.replace('http', 'ws')}/production`, { ca });
      const { headers } = await backend.requests('/connect').next();
      nodes.add(nodeOf(String(headers.connectionid)));
      await new Promise((resolve) => socket.once('open', resolve));
      socket.terminate();
    }
    expect(nodes.size).toBe(2);
  });

  test('a function that attaches to a port is refused, with what to do instead', async () => {
    file('a-token-for-the-operator', 'functions: { chat: { runtime: provided, port: 9001 } }');
    const postern = launchPostern(folder, 'start', '--workers', '2', '--port', '0', '--ephemeral');
    running.push(postern);
    expect(await postern.ended).toBe(2);
    expect(postern.lines).toEqual([
      'functions.chat.port: a runtime attaches to one process, and several workers cannot share ' +
        'port 9001. Set workers to 1, or let Postern start the function: handler, or command.',
    ]);
  });

  test.skipIf(!hasRedis)(
    'workers share Redis over TLS, as an ACL user with no more than it needs',
    async () => {
      const { ca, cert, key } = await certificateFor('127.0.0.1');
      for (const [name, text] of Object.entries({ ca, cert, key })) {
        writeFileSync(join(folder, name), text);
      }
      const tlsPort = await freePort();
      const redis = await startRedis([
        ...['--tls-port', String(tlsPort), '--tls-auth-clients', 'no'],
        ...['--tls-cert-file', join(folder, 'cert'), '--tls-key-file', join(folder, 'key')],
        ...['--tls-ca-cert-file', join(folder, 'ca')],
      ]);
      cleanUps.push(() => redis.stop());
      const rights = '~{postern}:* &postern:* +@all -@admin -@dangerous';
      await commandTo(redis.port, ['ACL', 'SETUSER', 'gate', 'on', '>pass', ...rights.split(' ')]);
      file('a-token-for-the-operator');
      process.env.NODE_EXTRA_CA_CERTS = join(folder, 'ca');
      const address = `rediss://gate:pass@127.0.0.1:${tlsPort}`;
      const postern = await start('--engine', address).finally(() => {
        delete process.env.NODE_EXTRA_CA_CERTS;
      });
      const url = `${postern.url.replace('http', 'ws')}/production`;
      const nodes = new Set<string>();
      const sockets = [];
      for (let number = 0; number < 4; number += 1) {
        sockets.push(await connect(url));
        const { headers } = await backend.requests('/connect').next();
        const id = String(headers.connectionid);
        nodes.add(nodeOf(id));
        const push = () =>
          fetch(`${postern.url}/@api/connections/${encodeURIComponent(id)}/messages`, {
            method: 'POST',
            body: 'hello',
            headers: { authorization: 'Bearer a-token-for-the-operator', connection: 'close' },
          }).then((response) => response.status);
        expect([await push(), await push()]).toEqual([200, 200]);
        expect(await sockets.at(-1)!.next()).toBe('hello');
      }
      expect(nodes.size).toBe(2);
      expect(postern.lines.join('\n')).not.toContain('pass@');
    },
  );

  test('without the driver of Redis it says what to install', async () => {
    const gateway = join(import.meta.dirname, '../..');
    const modules = join(gateway, '../../node_modules');
    mkdirSync(join(folder, 'node_modules'));
    for (const name of readdirSync(modules).filter((one) => one !== '@redis')) {
      symlinkSync(join(modules, name), join(folder, 'node_modules', name));
    }
    for (const part of ['bin', 'dist', 'package.json']) {
      cpSync(join(gateway, part), join(folder, 'postern', part), { recursive: true });
    }
    const bin = join(folder, 'postern/bin/postern.js');
    const argv = [bin, 'start', '--engine', 'redis://127.0.0.1:1', '--port', '0'];
    const failing = promisify(execFile)(process.execPath, argv, { cwd: folder });
    await expect(failing).rejects.toMatchObject({
      code: 1,
      stderr:
        'The engine redis needs the package @redis/client. Install it beside postern: ' +
        'npm install @redis/client\n',
    });
  });
});
