import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, expect, test } from 'vitest';
import { startGateway, type TestGateway } from './support/start-gateway.ts';

/** `/@console`: static files, under a policy that runs nothing but them. */

const folder = mkdtempSync(join(tmpdir(), 'postern-console-'));
mkdirSync(join(folder, 'assets'));
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Console</title>');
writeFileSync(join(folder, 'assets', 'index-abc.js'), 'console.log("here");');
writeFileSync(join(folder, 'notes.txt'), 'not served');
afterAll(() => rmSync(folder, { recursive: true }));

let gateway: TestGateway;
afterEach(async () => {
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
});

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/** As it stands: `fetch` would tidy the path up before sending it. */
function get(path: string, { method = 'GET', gzip = false } = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: '127.0.0.1',
        port: gateway.port,
        path,
        method,
        headers: gzip ? { 'accept-encoding': 'gzip' } : {},
      },
      async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        const body = Buffer.concat(chunks);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      },
    );
    call.on('error', reject);
    call.end();
  });
}

test.each(['/@console', '/@console/', '/@console/index.html', '/@console?x=1'])(
  '%s is the page, to be asked for again each time',
  async (path) => {
    gateway = await startGateway({ consoleFolder: folder });
    const { status, headers, body } = await get(path);
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(headers['cache-control']).toBe('no-cache');
    expect(body.toString()).toContain('<title>Console</title>');
  },
);

test('files whose names change with them are kept for ever', async () => {
  gateway = await startGateway({ consoleFolder: folder });
  const { headers, body } = await get('/@console/assets/index-abc.js', { gzip: true });
  expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
  expect(gunzipSync(body).toString()).toBe('console.log("here");');
});

test('nothing runs that is not one of its files, and it talks to its gateway alone', async () => {
  gateway = await startGateway({ consoleFolder: folder });
  const { headers } = await get('/@console');
  expect(headers['content-security-policy']).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
      `connect-src 'self' ws://127.0.0.1:${gateway.port}; ` +
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  });
});

test.each([
  '/@console/../../../package.json',
  '/@console/..%2f..%2fpackage.json',
  '/@console/%2e%2e/%2e%2e/package.json',
  '/@console//etc/passwd',
  '/@console/assets',
  '/@console/notes.txt',
  '/@console/__proto__',
])('%s is no file of it', async (path) => {
  gateway = await startGateway({ consoleFolder: folder });
  expect((await get(path)).status).toBe(404);
});

test('it is only read', async () => {
  gateway = await startGateway({ consoleFolder: folder });
  expect((await get('/@console', { method: 'POST' })).status).toBe(405);
  const { status, body } = await get('/@console', { method: 'HEAD' });
  expect([status, body.length]).toEqual([200, 0]);
});

test('where it was not built, a sentence says how to build it', async () => {
  gateway = await startGateway({ consoleFolder: join(folder, 'nothing') });
  const { status, body } = await get('/@console');
  expect(status).toBe(404);
  expect(body.toString()).toContain('npm run build');
});

test('the port of clients has neither the console nor the operations', async () => {
  gateway = await startGateway({
    consoleFolder: folder,
    mode: 'start',
    settings: { adminPort: 0 },
  });
  for (const path of ['/@console', '/@console/index.html', '/@api/version']) {
    expect((await get(path)).status).toBe(403);
  }
});
