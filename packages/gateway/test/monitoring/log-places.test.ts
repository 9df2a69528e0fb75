import { mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HELD_BYTES_MAX, LogLines } from '../../src/monitoring/log-lines.ts';
import { type RecordingBackend, startBackend } from '../support/recording-backend.ts';
import { startGateway, type TestApi, type TestGateway } from '../support/start-gateway.ts';
import { connect } from '../support/test-socket.ts';

const LOG_GROUP = 'arn:aws:logs:us-east-1:000000000000:log-group:chat/access';
const format = '$context.routeKey $context.requestId';

let gateway: TestGateway;
let collector: RecordingBackend;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'postern-logs-'));
  collector = await startBackend();
});
afterEach(async () => {
  await gateway?.stop();
  await collector.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(stageLogs: string, destinationArn = LOG_GROUP): Promise<TestApi> {
  gateway = await startGateway({ settings: { stageLogs } });
  const api = await gateway.createApi({ routes: { other: {} } });
  await gateway.control('PATCH', `/v2/apis/${api.apiId}/stages/test`, {
    accessLogSettings: { destinationArn, format },
    defaultRouteSettings: { loggingLevel: 'INFO' },
  });
  return api;
}

describe('a folder', () => {
  test('has a file for each log group, lines of execution logs with their time', async () => {
    const api = await start(folder);
    await connect(api.wsUrl);
    await gateway.stop();
    const access = readFileSync(join(folder, 'chat/access.log'), 'utf8');
    expect(access).toMatch(/^\$connect [\w-]{15}=\n/);
    const execution = readFileSync(join(folder, 'aws/apigateway', api.apiId, 'test.log'), 'utf8');
    expect(execution.split('\n')[0]).toMatch(
      /^2026-09-25T00:02:11\.000Z \([\w-]{15}=\) Extended Request Id: /,
    );
  });

  test('takes a file that was moved away as one to begin again', async () => {
    const api = await start(folder, 'file:rows');
    const rows = join(folder, 'rows.log');
    const until = async (path: string, count: number) => {
      await expect
        .poll(() => {
          try {
            return readFileSync(path, 'utf8').split('\n').length - 1;
          } catch {
            return 0;
          }
        })
        .toBe(count);
    };
    await connect(api.wsUrl);
    await until(rows, 1);
    renameSync(rows, `${rows}.1`);
    await connect(api.wsUrl);
    await until(rows, 1);
    expect(readFileSync(`${rows}.1`, 'utf8').split('\n')).toHaveLength(2);
  });

  test('keeps what a full disk has cut short a line of its own', async () => {
    const rows = join(folder, 'rows.log');
    writeFileSync(rows, 'whole\nin an earlier r');
    const api = await start(folder, 'file:rows');
    const text = () => readFileSync(rows, 'utf8');
    await connect(api.wsUrl);
    await expect.poll(text).toMatch(/^whole\nin an earlier r\n\$connect [\w-]{15}=\n$/);
    // This file is always full.
    rmSync(rows);
    symlinkSync('/dev/full', rows);
    await connect(api.wsUrl);
    await expect.poll(() => gateway.warnings).toEqual(['Lines of stage logs are lost']);
    rmSync(rows);
    writeFileSync(rows, 'in this r');
    await connect(api.wsUrl);
    await expect.poll(text).toMatch(/^in this r\n\$connect [\w-]{15}=\n$/);
  });

  test('is not left by a name that lenient mode let through', async () => {
    gateway = await startGateway({ settings: { stageLogs: folder, lenient: true } });
    const api = await gateway.createApi({ routes: { other: {} } });
    await gateway.control('PATCH', `/v2/apis/${api.apiId}/stages/test`, {
      accessLogSettings: { destinationArn: 'file:../../escaped', format },
    });
    await connect(api.wsUrl);
    await gateway.events.next();
    await gateway.stop();
    expect(() => readFileSync(join(folder, '../../escaped.log'))).toThrow('ENOENT');
    // The connect and, as the gateway stopped, the disconnect.
    expect(gateway.gateway.stageLogLinesDropped).toBe(2);
  });
});

describe('a URL', () => {
  test('is sent JSON lines with group, time and message', async () => {
    const api = await start(`${collector.url}/rows?team=chat`);
    await connect(api.wsUrl);
    const { method, url, headers, text } = await collector.requests('/rows').next();
    expect([method, url]).toEqual(['POST', '/rows?team=chat']);
    expect(headers['content-type']).toBe('application/x-ndjson');
    const objects = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(objects).toHaveLength(6);
    expect(objects[0]).toEqual({
      logGroup: 'chat/access',
      timestamp: gateway.clock.now(),
      message: expect.stringMatching(/^\$connect /),
    });
    expect(objects[1].logGroup).toBe(`/aws/apigateway/${api.apiId}/test`);
  });

  test('with a name and a password shows them to the collector', async () => {
    const api = await start(`${collector.url.replace('//', '//logs:s%40cret@')}/rows`);
    await connect(api.wsUrl);
    const { headers } = await collector.requests('/rows').next();
    expect(headers.authorization).toBe(`Basic ${Buffer.from('logs:s@cret').toString('base64')}`);
  });

  test('of a stage receives its access log alone', async () => {
    const api = await start('off', `${collector.url}/rows`);
    await connect(api.wsUrl);
    const { text } = await collector.requests('/rows').next();
    expect(JSON.parse(text)).toMatchObject({ message: expect.stringMatching(/^\$connect /) });
    await gateway.stop();
    expect(gateway.lines.size).toBe(0);
  });

  test('that refuses loses lines, which are counted and complained of, and nothing else', async () => {
    collector.answer('/rows', (_, response) => response.writeHead(503).end());
    const api = await start(`${collector.url}/rows`);
    const socket = await connect(api.wsUrl);
    await collector.requests('/rows').next();
    socket.send('no route');
    expect(await socket.next()).toContain('Forbidden');
    await gateway.stop();
    expect(gateway.gateway.stageLogLinesDropped).toBeGreaterThanOrEqual(6);
  });
});

test('a collector that never answers does not keep the gateway from stopping', async () => {
  collector.answer('/rows', () => {});
  const api = await start(`${collector.url}/rows`);
  await connect(api.wsUrl);
  await collector.requests('/rows').next();
  await gateway.stop();
});

describe('lines on their way', () => {
  const line = (text: string) => ({ group: 'g', at: 0, kind: 'access', text }) as const;

  test('keep their order, one batch at a time', async () => {
    const batches: string[][] = [];
    const release: (() => void)[] = [];
    const lines = new LogLines({
      deliver(batch) {
        batches.push(batch.map(({ text }) => text));
        return new Promise((resolve) => release.push(resolve));
      },
      lost() {},
    });
    lines.write(line('one'));
    const flushed = lines.flush();
    lines.write(line('two'));
    lines.write(line('three'));
    expect(batches).toEqual([['one']]);
    release.shift()!();
    await expect.poll(() => batches.length).toBe(2);
    release.shift()!();
    await flushed;
    expect(batches).toEqual([['one'], ['two', 'three']]);
  });

  test('are bounded: what does not fit is dropped and counted, and there is room again later', async () => {
    let release = () => {};
    const delivered: string[] = [];
    const lines = new LogLines({
      deliver(batch) {
        delivered.push(...batch.map(({ text }) => text));
        return new Promise((resolve) => {
          release = resolve;
        });
      },
      lost() {},
    });
    const half = 'x'.repeat(HELD_BYTES_MAX / 2);
    lines.write(line(half));
    lines.write(line(half));
    lines.write(line('one byte too many'));
    expect(lines.dropped).toBe(1);
    release();
    await expect.poll(() => delivered.length).toBe(2);
    release();
    await lines.flush();
    lines.write(line('later'));
    const flushed = lines.flush();
    release();
    await flushed;
    expect(delivered.at(-1)).toBe('later');
    expect(lines.dropped).toBe(1);
  });
});

test.each(['', 'http://', 'https:', 'ftp://logs'])(
  'stageLogs may not be "%s"',
  async (stageLogs) => {
    const { loadConfiguration } = await import('../../src/server/config.ts');
    const load = () =>
      loadConfiguration({ argv: ['--stage-logs', stageLogs], env: {}, cwd: '/', mode: 'dev' });
    expect(load).toThrow('stdout, off, a folder or a URL');
    gateway = await startGateway();
  },
);
