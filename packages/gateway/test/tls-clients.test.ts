import { request } from 'node:https';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { CertificateFiles } from '../src/server/certificate-files.ts';
import { silentLog } from '../src/telemetry/log.ts';
import {
  ClientAuthority,
  certificateFor,
  type PemFolder,
  pemFolder,
} from './support/certificates.ts';
import { FakeClock } from './support/fake-clock.ts';
import { type RecordingBackend, startBackend } from './support/recording-backend.ts';
import { startGateway, type TestApi, type TestGateway } from './support/start-gateway.ts';

let files: PemFolder;
let backend: RecordingBackend;
let gateway: TestGateway;
let api: TestApi;
let settings: { tlsCert: string; tlsKey: string; tlsClientCa: string };

const authority = new ClientAuthority('Devices');
const client = authority.certify('device-7');
const server = await certificateFor('127.0.0.1');
const { ca } = server;

beforeEach(async () => {
  files = pemFolder();
  settings = {
    tlsCert: files.write('tls.crt', server.cert),
    tlsKey: files.write('tls.key', server.key),
    tlsClientCa: files.write('clients.pem', authority.ca),
  };
  backend = await startBackend();
  gateway = await startGateway({ mode: 'start', settings: { ...settings, adminPort: 0 } });
  const names = [
    'connectionId',
    'identity.clientCert.subjectDN',
    'identity.clientCert.serialNumber',
  ];
  api = await gateway.createApi({
    routes: {
      $connect: {
        url: `${backend.url}/connect`,
        requestParameters: Object.fromEntries(
          names.map((name) => [
            `integration.request.header.${name.split('.').at(-1)}`,
            `context.${name}`,
          ]),
        ),
      },
    },
  });
});
afterEach(async () => {
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
  await backend.stop();
  await files.remove();
});

/** 101, or why the client was not let in. */
function handshake(options: ConnectionOptions): Promise<unknown> {
  return new Promise((resolve) => {
    const socket = new WebSocket(api.wsUrl, { ca, ...options } as object);
    socket.on('open', () => {
      resolve(101);
      socket.terminate();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

test('a client with a certificate of the authority connects, and events say whose it is', async () => {
  expect(await handshake(client)).toBe(101);
  expect((await backend.requests('/connect').next()).headers).toMatchObject({
    subjectdn: 'CN=device-7,O=Example',
    serialnumber: '0a:1b:2c',
  });
});

describe('turned away in the TLS handshake, the backend unasked', () => {
  afterEach(() => expect(backend.requests('/connect').size).toBe(0));

  const stranger = () => new ClientAuthority('Devices').certify('device-7');
  test.each([
    ['a client without a certificate', () => ({})],
    ['one of another authority of the same name', stranger],
    ['one whose certificate has ended', () => authority.certify('device-7', -60_000)],
    ['one that shows a server\u2019s certificate', async () => certificateFor('127.0.0.1')],
  ])('%s', async (_, optionsOf) => {
    const { cert, key } = optionsOf() as { cert?: string; key?: string };
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const given = { ...(cert && key && { cert, key }), minVersion: version, maxVersion: version };
      expect(await handshake(given)).toMatch(
        /^(?:ERR_SSL_|EPROTO|ECONNRESET|EPIPE|socket hang up)/,
      );
    }
  });
});

test('requests need a certificate as well, the plain twin is refused, loopback\u2019s admin port is not', async () => {
  const ask = (options: ConnectionOptions) =>
    new Promise<unknown>((resolve) => {
      const call = request(`${gateway.url}/@health/live`, { ca, ...options }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      call.on('error', (error: NodeJS.ErrnoException) => resolve(error.code)).end();
    });
  expect(await ask(client)).toBe(200);
  expect(await ask({})).not.toBe(200);
  const plain = gateway.url.replace('https', 'http');
  expect((await fetch(`${plain}/@health/live`)).status).toBe(403);
  expect((await fetch(`${gateway.gateway.adminUrl}/@health/live`)).status).toBe(200);
});

test('a resumed session is still the same client\u2019s', async () => {
  const options = { port: gateway.port, host: '127.0.0.1', ca, ...client };
  const session = await new Promise<Buffer>((resolve) => {
    const socket = connectTls(options);
    socket.once('session', (ticket) => {
      resolve(ticket);
      socket.end();
    });
    socket.resume();
  });
  expect(await handshake({ session, ...client })).toBe(101);
  const { headers } = await backend.requests('/connect').next();
  expect(headers.subjectdn).toBe('CN=device-7,O=Example');
});

test('the authorities are read again; those who were let in by the old ones stay out from then on', async () => {
  const next = new ClientAuthority('Next');
  files.write('clients.pem', next.ca);
  gateway.clock.advance(10_000);
  await expect.poll(() => handshake(next.certify('device-8'))).toBe(101);
  expect(await handshake(client)).not.toBe(101);
});

test.each([
  ['', 'holds no certificate in PEM.'],
  ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'cannot be used for TLS: '],
])('a file %j names no authority: the gateway does not start', async (text, problem) => {
  const clientCaFile = files.write('none.pem', text);
  const source = new CertificateFiles({
    pairs: [{ certFile: settings.tlsCert, keyFile: settings.tlsKey }],
    clientCaFile,
    clock: new FakeClock(),
    log: silentLog,
  });
  await expect(source.start()).rejects.toThrow(`${clientCaFile} ${problem}`);
});
