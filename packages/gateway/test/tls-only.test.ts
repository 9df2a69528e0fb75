import { X509Certificate } from 'node:crypto';
import { mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { CertificateFiles } from '../src/server/certificate-files.ts';
import { type CertificateTexts, makeCertificate } from '../src/server/tls-certificate.ts';
import { silentLog } from '../src/telemetry/log.ts';
import { FakeClock } from './support/fake-clock.ts';
import { Queue } from './support/queue.ts';
import { startGateway, type TestGateway } from './support/start-gateway.ts';
import { refusal } from './support/test-socket.ts';

let folder: string;
let settings: { tlsCert: string; tlsKey: string };
let gateway: TestGateway | undefined;
let first: CertificateTexts;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
  settings = { tlsCert: join(folder, 'tls.crt'), tlsKey: join(folder, 'tls.key') };
  first = await certificate();
  write(first);
});
afterEach(async () => {
  expect(gateway?.errors ?? []).toEqual([]);
  await gateway?.stop();
  gateway = undefined;
  await rm(folder, { recursive: true, force: true });
});

function certificate(): Promise<CertificateTexts> {
  const now = Date.now();
  return makeCertificate({
    hosts: ['127.0.0.1'],
    notBefore: new Date(now - 60_000),
    notAfter: new Date(now + 3_600_000),
  });
}

function write({ cert, key }: Pick<CertificateTexts, 'cert' | 'key'>): void {
  replace(settings.tlsCert, cert);
  replace(settings.tlsKey, key);
}

/** Whoever is reading it at that moment reads the old text or the new one, never half of one. */
function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

const start = async () => {
  gateway = await startGateway({ mode: 'start', settings });
  return gateway;
};

const shown = (port: number) =>
  new Promise<string>((resolve, reject) => {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()!.fingerprint256);
      socket.destroy();
    });
    socket.on('error', reject);
  });
const fingerprint = ({ cert }: CertificateTexts) => new X509Certificate(cert).fingerprint256;

describe('postern start with tlsCert and tlsKey', () => {
  test('serves https and wss with the certificate, and says so in its addresses', async () => {
    const { url, createApi } = await start();
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const status = await new Promise((resolve, reject) => {
      const call = request(`${url}/@health/live`, { ca: first.ca }, (response) =>
        resolve(response.statusCode),
      );
      call.on('error', reject).end();
    });
    expect(status).toBe(200);

    const api = await createApi({ routes: { $default: {} } });
    expect(api.wsUrl).toMatch(/^wss:/);
    const socket = new WebSocket(api.wsUrl, { ca: first.ca });
    await new Promise((resolve, reject) => {
      socket.on('open', resolve);
      socket.on('error', reject);
    });
    socket.terminate();
  });

  test('answers plain requests and handshakes with 403', async () => {
    const { url, createApi } = await start();
    const api = await createApi({ routes: { $default: {} } });
    const plain = await fetch(`${url.replace('https', 'http')}/@health/live`);
    expect(plain.status).toBe(403);
    expect(await plain.json()).toEqual({ message: 'Forbidden' });
    expect((await refusal(api.wsUrl.replace('wss', 'ws'))).status).toBe(403);
  });

  test('shows a new certificate to new connections within ten seconds', async () => {
    const { port, clock } = await start();
    expect(await shown(port)).toBe(fingerprint(first));
    const second = await certificate();
    write(second);
    clock.advance(10_000);
    await expect.poll(() => shown(port)).toBe(fingerprint(second));
  });

  test('keeps its certificate while the files do not go together, and warns once', async () => {
    const clock = new FakeClock();
    const lines = new Queue<string>();
    const files = new CertificateFiles({
      pairs: [{ certFile: settings.tlsCert, keyFile: settings.tlsKey }],
      clock,
      log: { ...silentLog, warn: (line) => lines.push(line), info: (line) => lines.push(line) },
    });
    await files.start();
    const second = await certificate();
    write({ cert: second.cert, key: first.key });
    clock.advance(10_000);
    expect(await lines.next()).toMatch(
      /is not the private key of .* The certificates before it stay/,
    );
    expect(await files.current()).toEqual({ cert: first.cert, key: first.key });
    clock.advance(10_000);
    write(second);
    clock.advance(10_000);
    expect(await lines.next()).toMatch(/^New connections are shown the new certificate/);
    expect(await files.current()).toEqual({ cert: second.cert, key: second.key });
    await files.stop();
  });

  test('does not start without a certificate that can be used, and says what is wrong', async () => {
    const second = await certificate();
    write({ cert: first.cert, key: second.key });
    await expect(start()).rejects.toThrow(
      `${settings.tlsKey} is not the private key of the certificate in ${settings.tlsCert}.`,
    );
    write({ cert: 'no certificate', key: first.key });
    await expect(start()).rejects.toThrow(`${settings.tlsCert} holds no certificate in PEM.`);
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
    write({ cert: broken, key: first.key });
    await expect(start()).rejects.toThrow(`${settings.tlsCert} cannot be used for TLS: `);
    write({ cert: first.cert, key: first.cert });
    await expect(start()).rejects.toThrow(`${settings.tlsKey} holds no private key in PEM.`);
    await rm(settings.tlsKey);
    await expect(start()).rejects.toThrow(`Cannot read ${settings.tlsKey}: there is no such file.`);
  });
});
