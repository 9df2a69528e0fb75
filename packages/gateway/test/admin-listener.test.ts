import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EmbeddedEngine } from '../src/engines/embedded/embedded-engine.ts';
import { adminAddress } from '../src/server/admin-address.ts';
import { defaultConfiguration } from '../src/server/config.ts';
import { makeCertificate } from '../src/server/tls-certificate.ts';
import { freePort } from './support/free-port.ts';
import type { TestApi } from './support/start-gateway.ts';
import { startGateway } from './support/start-gateway.ts';
import { connect, refusal } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

describe('with an admin port', () => {
  let api: TestApi;
  let adminUrl: string;
  const at = useGateway(
    async ({ backend, gateway }) => {
      const headers = { 'integration.request.header.connectionId': 'context.connectionId' };
      api = await gateway.createApi({
        routes: { $connect: { url: `${backend.url}/connect`, requestParameters: headers } },
      });
      adminUrl = gateway.gateway.adminUrl!;
    },
    { settings: { adminPort: 0 } },
  );

  test('clients connect, and are pushed to, on the public one', async () => {
    const socket = await connect(api.wsUrl);
    const { headers } = await at.backend.requests('/connect').next();
    const id = encodeURIComponent(String(headers.connectionid));
    const push = { method: 'POST', body: 'hello' };
    expect((await fetch(`${api.endpoint}/@connections/${id}`, push)).status).toBe(200);
    expect(await socket.next()).toBe('hello');
  });

  test.each([
    '/v2/apis',
    '/apikeys',
    '/tags/x',
    '/anything',
    '/@stacks',
    '/@console',
    '/@console/../v2/apis',
    '/@api/connections',
    '/@metrics',
  ])('the public one answers %s as if it had never been', async (path) => {
    for (const method of ['GET', 'POST']) {
      const { status, body } = await rawRequest(at.gateway.port, method, path);
      expect([status, body]).toEqual([403, '{"message":"Forbidden"}']);
    }
  });

  test('the public one says nothing of an API, nor whose a key is', async () => {
    const described = await fetch(`${api.endpoint}/@asyncapi`);
    expect(described.status).toBe(403);
    const identity = { method: 'POST', body: 'Action=GetCallerIdentity&Version=2011-06-15' };
    expect((await fetch(`${at.gateway.url}/`, identity)).status).toBe(403);
  });

  test('the control plane is on the admin one', async () => {
    const { items } = (await (await fetch(`${adminUrl}/v2/apis`)).json()) as { items: unknown[] };
    expect(items).toHaveLength(1);
  });

  test('nobody connects on the admin one', async () => {
    const url = api.wsUrl.replace(
      at.gateway.url.replace('http', 'ws'),
      adminUrl.replace('http', 'ws'),
    );
    expect((await refusal(url)).status).toBe(403);
    expect(at.backend.requests('/connect').size).toBe(0);
  });

  test('health is on both', async () => {
    expect((await fetch(`${at.gateway.url}/@health/ready`)).status).toBe(200);
    expect((await fetch(`${adminUrl}/@health/ready`)).status).toBe(200);
  });

  test('a request for a stage without an upgrade is still told of it', async () => {
    expect((await fetch(api.endpoint)).status).toBe(426);
  });
});

test('stopping ends both', async () => {
  const { gateway, stop } = await startGateway({ settings: { adminPort: 0 } });
  const { adminUrl, url } = gateway;
  await stop();
  await expect(fetch(`${adminUrl}/@health/live`)).rejects.toThrow();
  await expect(fetch(`${url}/@health/live`)).rejects.toThrow();
});

test('a public port that is taken leaves no admin port behind', async () => {
  const first = await startGateway({ settings: { adminPort: 0 } });
  const adminPort = await freePort();
  const second = startGateway({ settings: { port: first.port, adminPort } });
  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE', port: first.port });
  await expect(fetch(`http://127.0.0.1:${adminPort}/@health/live`)).rejects.toThrow();
  await first.stop();
});

test('a start that fails once the port is open leaves it closed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
  const port = await freePort();
  const settings = { port, ephemeral: false, data: join(folder, 'file', 'data') };
  writeFileSync(join(folder, 'file'), 'no folder');
  const engine = new EmbeddedEngine({ folder });
  await expect(startGateway({ mode: 'start', engine, settings })).rejects.toThrow('ENOTDIR');
  await expect(fetch(`http://127.0.0.1:${port}/@health/live`)).rejects.toThrow();
  await rm(folder, { recursive: true });
});

describe('where it is', () => {
  const PUBLIC = '192.0.2.1';
  test.each([
    ['nothing said, on loopback: one port for everything', {}, undefined],
    ['nothing said, elsewhere', { host: PUBLIC }, { host: '127.0.0.1', port: 4081 }],
    ['the port itself: one port', { host: PUBLIC, adminPort: 4080 }, undefined],
    ['a port, on loopback', { adminPort: 9000 }, { host: '127.0.0.1', port: 9000 }],
    [
      'an address',
      { host: PUBLIC, adminHost: '10.0.0.1', adminPort: 9000 },
      { host: '10.0.0.1', port: 9000 },
    ],
    ['two free ports', { port: 0, adminPort: 0 }, { host: '127.0.0.1', port: 0 }],
  ])('%s', (_, settings, expected) => {
    expect(adminAddress({ ...defaultConfiguration, ...settings })).toEqual(expected);
  });
});

describe('with tlsCert and tlsKey', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('an admin port on loopback speaks both, the public one TLS alone', async () => {
    const now = Date.now();
    const { ca, cert, key } = await makeCertificate({
      hosts: ['127.0.0.1'],
      notBefore: new Date(now - 60_000),
      notAfter: new Date(now + 3_600_000),
    });
    const settings = { tlsCert: join(folder, 'tls.crt'), tlsKey: join(folder, 'tls.key') };
    writeFileSync(settings.tlsCert, cert);
    writeFileSync(settings.tlsKey, key);
    const { gateway, url, stop } = await startGateway({
      mode: 'start',
      settings: { ...settings, adminPort: 0 },
    });
    const { adminUrl = '' } = gateway;
    expect(adminUrl).toMatch(/^http:/);
    expect((await fetch(`${adminUrl}/@health/live`)).status).toBe(200);
    expect(await secureStatus(`${adminUrl.replace('http', 'https')}/@health/live`, ca)).toBe(200);
    expect(await secureStatus(`${url}/@health/live`, ca)).toBe(200);
    expect((await fetch(`${url.replace('https', 'http')}/@health/live`)).status).toBe(403);
    await stop();
  });
});

/** The path goes out as it is written, `..` and all. */
function rawRequest(port: number, method: string, path: string) {
  return new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const call = requestHttp({ host: '127.0.0.1', port, method, path }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, body }));
    });
    call.on('error', reject).end();
  });
}

function secureStatus(url: string, ca: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const call = requestHttps(url, { ca }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.on('error', reject).end();
  });
}
