import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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
import { connect } from '../support/test-socket.ts';

/** `--workers`: real processes, as only they can share a port and die. */

describe.skipIf(!hasProcesses)('postern dev --workers 2', WITH_PROCESSES, () => {
  let folder: string;
  let backend: RecordingBackend;
  let postern: PosternProcess;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
    backend = await startBackend();
  });
  afterEach(async () => {
    postern.signal('SIGTERM');
    await postern.ended;
    await backend.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const start = async (...argv: string[]) => {
    const own = ['dev', '--workers', '2', '--port', '0', '--backend', backend.url];
    postern = await startPostern(folder, ...own, ...argv);
  };
  /** A socket, and the id by which its backend knows it. */
  const open = async () => {
    const connecting = connect(`${postern.url.replace('http', 'ws')}/production`);
    const { headers } = await backend.requests('/ws/connect').next();
    return { socket: await connecting, id: String(headers.connectionid) };
  };
  /** Each on a connection of its own, so that each may meet another worker. */
  const call = (method: string, path: string, body = '') =>
    new Promise<number>((resolve, reject) => {
      const asking = request(`${postern.url}${path}`, { method, agent: false }, (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode!));
      });
      asking.on('error', reject);
      asking.end(body);
    });
  const push = (id: string, body: string) =>
    call('POST', `/production/@connections/${encodeURIComponent(id)}`, body);

  test('serves one port by two processes that are one gateway', async () => {
    await start('--ephemeral');
    expect(postern.lines[0]).toBe(`Postern ready on ${postern.url}`);
    expect(postern.children()).toHaveLength(2);
    const clients = [await open(), await open(), await open(), await open()];
    expect(new Set(clients.map(({ id }) => nodeOf(id))).size).toBe(2);
    for (const { socket, id } of clients) {
      expect([await push(id, 'first'), await push(id, 'second')]).toEqual([200, 200]);
      expect([await socket.next(), await socket.next()]).toEqual(['first', 'second']);
    }
    // A line of the log for each, whole, and with the number of its worker.
    await postern.shows(/^1 [\d:.]+ connect /m);
    await postern.shows(/^2 [\d:.]+ connect /m);
  });

  test('where the kernel spreads connections, a worker that is held up leaves them to the other', async () => {
    await start('--ephemeral', '--worker-spread', 'kernel');
    const clients = [];
    for (const busy of postern.children()) {
      process.kill(busy, 'SIGSTOP');
      clients.push(await open(), await open(), await open());
      process.kill(busy, 'SIGCONT');
    }
    const nodes = clients.map(({ id }) => nodeOf(id));
    expect(new Set(nodes.slice(0, 3)).size).toBe(1);
    expect(new Set(nodes.slice(3)).size).toBe(1);
    expect(new Set(nodes).size).toBe(2);
    for (const { socket, id } of clients) {
      expect([await push(id, 'first'), await push(id, 'second')]).toEqual([200, 200]);
      expect([await socket.next(), await socket.next()]).toEqual(['first', 'second']);
    }
  });

  test('where the kernel spreads connections, the port stays open while a worker is replaced', async () => {
    await start('--ephemeral', '--worker-spread', 'kernel');
    const [first, second] = postern.children();
    process.kill(second!, 'SIGKILL');
    await postern.shows(/Worker 2 ended: another takes its place/);
    const { socket, id } = await open();
    await expect.poll(() => postern.children().length, LONG).toBe(2);
    const newcomer = postern.children().find((pid) => pid !== first)!;
    // The new one has the port as soon as it is ready.
    await expect
      .poll(() => text('/@metrics'), LONG)
      .toMatch(/^process_resident_memory_bytes\{worker="2"\} /m);
    process.kill(first!, 'SIGSTOP');
    const later = await open();
    process.kill(first!, 'SIGCONT');
    expect(nodeOf(later.id)).not.toBe(nodeOf(id));
    expect(newcomer).not.toBe(second);
    expect([await push(id, 'old'), await push(later.id, 'new')]).toEqual([200, 200]);
    expect([await socket.next(), await later.socket.next()]).toEqual(['old', 'new']);
  });

  test('one call reaches the sockets of all workers, each once', async () => {
    await start('--ephemeral');
    const clients = [await open(), await open(), await open(), await open()];
    expect(new Set(clients.map(({ id }) => nodeOf(id))).size).toBe(2);
    for (const body of ['first', 'second']) {
      const url = `${postern.url}/production/@connections`;
      const reply = await fetch(url, { method: 'POST', body });
      expect([reply.status, await reply.json()]).toEqual([
        200,
        { delivered: 4, refused: 0, gone: 0 },
      ]);
    }
    for (const { socket } of clients) {
      expect([await socket.next(), await socket.next()]).toEqual(['first', 'second']);
      expect(socket.pending).toBe(0);
    }
    await postern.shows(/^[12] [\d:.]+ fan-out .* 200 .* 4 delivered$/m);
    const page = await text('/@metrics');
    // Four clients came; two messages went to each, whichever worker was asked.
    expect(page).toMatch(/^postern_stage_message_count_total\{.*\} 12$/m);
    expect(page).toMatch(new RegExp(`^postern_push_bytes_total ${4 * 'firstsecond'.length}$`, 'm'));
    expect(page).toMatch(/^postern_event_duration_seconds_count\{kind="fan-out"\} 2$/m);
  });

  test('a change through one is in force on all when it is answered', async () => {
    await start('--ephemeral');
    for (let number = 0; number < 6; number += 1) {
      const stage = { stageName: `stage${number}` };
      const [api] = await fetchJson<{ items: { apiId: string }[] }>('/v2/apis').then(
        ({ items }) => items,
      );
      const path = `/v2/apis/${api!.apiId}`;
      expect(await call('POST', `${path}/stages`, JSON.stringify(stage))).toBe(201);
      expect(await call('POST', `${path}/deployments`, JSON.stringify(stage))).toBe(201);
      // 426: a stage of this name wants an upgrade. 403 or 404 where nobody knows of it.
      const statuses = [await call('GET', `/stage${number}`), await call('GET', `/stage${number}`)];
      expect(statuses).toEqual([426, 426]);
    }
  });
  const fetchJson = async <T>(path: string) => JSON.parse(await text(path)) as T;

  test('a worker that is killed is replaced, and its sockets’ ends are told', async () => {
    await start();
    const clients = [await open(), await open(), await open(), await open()];
    const [, victim] = postern.children();
    process.kill(victim!, 'SIGKILL');
    await postern.shows(/Worker 2 ended: another takes its place/);
    const lost = clients.filter(({ id }) => nodeOf(id) !== nodeOf(clients[0]!.id)).length;
    const told: string[] = [];
    for (let count = 0; count < lost; count += 1) {
      const { headers } = await backend.requests('/ws/disconnect').next();
      told.push(String(headers.connectionid));
    }
    expect(told).toHaveLength(2);
    for (const { socket, id } of clients) {
      if (told.includes(id)) {
        expect((await socket.closed).code).toBe(1006);
        expect(await push(id, 'x')).toBe(410);
      } else {
        expect(await push(id, 'still here')).toBe(200);
        expect(await socket.next()).toBe('still here');
      }
    }
    // The new one has its turn as soon as it is ready.
    const later = new Map<string, string>();
    const openOne = async () => {
      const { id } = await open();
      return later.set(nodeOf(id), id).size;
    };
    await expect.poll(openOne, LONG).toBe(2);
    for (const id of later.values()) expect(await push(id, 'new')).toBe(200);
  });

  test('whichever is asked tells the metrics of all, and a sum outlives who counted', async () => {
    await start();
    const clients = [await open(), await open(), await open(), await open()];
    const page = () => text('/@metrics');
    const valueIn = (metrics: string, series: RegExp) =>
      metrics.split('\n').flatMap((line) => {
        const found = series.test(line) ? [Number(line.split(' ').at(-1))] : [];
        return found;
      });
    for (let asked = 0; asked < 4; asked += 1) {
      const metrics = await page();
      expect(valueIn(metrics, /^postern_connections\{/)).toEqual([4]);
      expect(valueIn(metrics, /^postern_stage_connect_count_total\{/)).toEqual([4]);
      expect(
        valueIn(metrics, /^postern_event_duration_seconds_bucket\{kind="connect",le="\+Inf"/),
      ).toEqual([4]);
      expect(valueIn(metrics, /^postern_ready /)).toEqual([1]);
      expect(metrics).toMatch(/^process_resident_memory_bytes\{worker="1"\} /m);
      expect(metrics).toMatch(/^process_resident_memory_bytes\{worker="2"\} /m);
      expect(metrics).toMatch(/^nodejs_eventloop_lag_p99_seconds\{worker="2"\} /m);
      expect(metrics.match(/^# TYPE postern_connections /gm)).toHaveLength(1);
      // Asked again before anything could be measured, there is no mean to tell.
      expect(await page()).not.toMatch(/ (?:null|NaN|Nan)$/m);
      const { totals } = await fetchJson<{ totals: object }>('/@api/metrics');
      expect(totals).toMatchObject({ connects: 4 });
    }
    process.kill(postern.children()[1]!, 'SIGKILL');
    await postern.shows(/Worker 2 ended: another takes its place/);
    const alive = async () => valueIn(await page(), /^postern_connections\{/);
    await expect.poll(alive, LONG).toEqual([2]);
    expect(valueIn(await page(), /^postern_stage_connect_count_total\{/)).toEqual([4]);
    const total = () => fetchJson<{ totals: { connects: number } }>('/@api/metrics');
    for (let asked = 0; asked < 4; asked += 1) expect((await total()).totals.connects).toBe(4);
    await open();
    expect((await total()).totals.connects).toBe(5);
    for (const { socket } of clients) socket.close();
  });
  const text = (path: string) =>
    new Promise<string>((resolve, reject) => {
      request(`${postern.url}${path}`, { agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks).toString()));
      })
        .on('error', reject)
        .end();
    });

  test('workers that cannot be kept alive end it all with a sentence', async () => {
    await start('--ephemeral');
    let code: number | NodeJS.Signals | undefined;
    void postern.ended.then((ended) => {
      code = ended;
    });
    // Each as soon as it is there. Where the machine is so busy that one grows old before it is killed, the
    // count begins anew.
    const killed = new Set<number>();
    const killNext = () => {
      if (code !== undefined) return true;
      const [, next] = postern.children();
      if (next === undefined || killed.has(next)) return false;
      killed.add(next);
      process.kill(next, 'SIGKILL');
      return false;
    };
    await expect.poll(killNext, LONG).toBe(true);
    expect(code).toBe(1);
    expect(postern.lines.join('\n')).toMatch(/The workers cannot be kept alive/);
    expect(postern.lines.join('\n')).toMatch(/5 workers in a row ended right after their start/);
  });

  test('SIGTERM drains all of them', async () => {
    await start('--ephemeral');
    const clients = [await open(), await open()];
    postern.signal('SIGTERM');
    for (const { socket } of clients) expect((await socket.closed).code).toBe(1001);
    expect(await postern.ended).toBe(0);
    expect(postern.lines.at(-1)).toMatch(/Stopped\.$/);
    expect(postern.lines.filter((line) => /Stopping/.test(line))).toHaveLength(1);
  });

  test('what keeps a worker from starting is said once', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    const argv = ['dev', '--workers', '2', '--port', String(port), '--ephemeral'];
    postern = launchPostern(folder, ...argv);
    expect(await postern.ended).toBe(1);
    expect(postern.lines).toEqual([
      `Port ${port} of 127.0.0.1 is in use by another program. ` +
        'Choose another with --port, or let the system pick a free one with --port 0.',
    ]);
    await new Promise((resolve) => taken.close(resolve));
  });
});
