import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls, rootCertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { LocalCertificate } from '../src/server/local-certificate.ts';
import { type RecordingBackend, startBackend } from './support/recording-backend.ts';
import { startGateway, type TestApi, type TestGateway } from './support/start-gateway.ts';
import { connect } from './support/test-socket.ts';

let backend: RecordingBackend;
let gateway: TestGateway;
let api: TestApi;
let ca: string;
beforeAll(async () => {
  backend = await startBackend();
  gateway = await startGateway({ settings: { handshakeTimeoutSeconds: 1 } });
  // Clients judge the certificate by the real time.
  gateway.clock.jumpTo(Date.now());
  api = await gateway.createApi({
    routes: {
      $connect: {
        url: `${backend.url}/connect`,
        requestParameters: {
          'integration.request.header.connectionId': 'context.connectionId',
          'integration.request.header.domainName': 'context.domainName',
        },
      },
      $default: { url: `${backend.url}/message`, twoWay: true },
    },
  });
  await gateway.gateway.tlsReady();
  ca = readFileSync(gateway.gateway.caFile!, 'utf8');
});
afterEach(() => expect(gateway.errors).toEqual([]));
afterAll(async () => {
  await gateway.stop();
  await backend.stop();
});

const secure = (url: string) => url.replace(/^(ws|http):/, '$1s:');

function connectSecurely(url: string, trusted: { ca?: string } = { ca }): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(secure(url), trusted);
    socket.on('open', () => resolve(socket));
    socket.on('error', reject);
  });
}

const nextMessage = (socket: WebSocket) =>
  new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))));

/** Everything the gateway says until it hangs up, to a client that says `bytes`. */
function exchange(bytes: string | Buffer | undefined, port = gateway.port): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    if (bytes !== undefined) socket.write(bytes);
  });
}

/** The handshake's result: its protocol, or the code of its error. */
function handshake(options: ConnectionOptions): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTls({ port: gateway.port, host: '127.0.0.1', ...options }, () => {
      resolve(String(socket.getProtocol()));
      socket.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
  });
}

describe('wss and https on the port of ws and http', () => {
  test('a wss client connects, is answered, pushed to over https, and closed', async () => {
    backend.answer('/message', (request, response) => response.end(`echo ${request.text}`));
    const socket = await connectSecurely(api.wsUrl);
    const opened = await backend.requests('/connect').next();
    expect(opened.headers.domainname).toBe(`127.0.0.1:${gateway.port}`);

    const reply = nextMessage(socket);
    socket.send('{"hello":1}');
    expect(await reply).toBe('echo {"hello":1}');

    const pushed = nextMessage(socket);
    const connectionId = encodeURIComponent(String(opened.headers.connectionid));
    const url = `${secure(api.endpoint)}/@connections/${connectionId}`;
    const status = await new Promise((resolve) => {
      request(url, { ca, method: 'POST' }, (response) => resolve(response.statusCode)).end(
        'pushed',
      );
    });
    expect(status).toBe(200);
    expect(await pushed).toBe('pushed');

    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.close(1000);
    expect(await closed).toBe(1000);
  });

  test('a message longer than a TLS record arrives whole', async () => {
    backend.answer('/message', (request, response) => response.end(request.body));
    const socket = await connectSecurely(api.wsUrl);
    const text = 'x'.repeat(32 * 1024);
    const reply = nextMessage(socket);
    socket.send(text);
    expect(await reply).toBe(text);
    socket.terminate();
  });

  test('ws and http are served beside them', async () => {
    const socket = await connect(api.wsUrl);
    backend.answer('/message', (request, response) => response.end(`plain ${request.text}`));
    socket.send('text');
    expect(await socket.next()).toBe('plain text');
    expect((await fetch(`${gateway.url}/@health/live`)).status).toBe(200);
    socket.close();
  });

  test('several requests go over one plain connection, sent in pieces of a byte', async () => {
    const socket = connectTcp(gateway.port, '127.0.0.1');
    socket.setNoDelay(true);
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk;
    });
    for (let round = 1; round <= 2; round += 1) {
      for (const character of 'GET /@health/live HTTP/1.1\r\nHost: localhost\r\n\r\n') {
        socket.write(character);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await expect.poll(() => received.match(/HTTP\/1\.1 200/g)?.length).toBe(round);
    }
    socket.destroy();
  });

  test.each(['localhost', '127.0.0.1', '::1', 'abcdefghij.execute-api.localhost'])(
    'the certificate is one for %s',
    async (name) => {
      const socket = connectTls({ port: gateway.port, host: '127.0.0.1', ca });
      await new Promise((resolve, reject) => {
        socket.on('secureConnect', resolve);
        socket.on('error', reject);
      });
      const certificate = socket.getPeerX509Certificate()!;
      expect(certificate.checkHost(name) ?? certificate.checkIP(name)).toBeDefined();
      socket.destroy();
    },
  );
});

describe('who is turned away', () => {
  test('a client that does not trust the certificate turns away by itself', async () => {
    expect(await handshake({})).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    await expect(connectSecurely(api.wsUrl, {})).rejects.toThrow();
  });

  test('TLS 1.2 and 1.3 are spoken, 1.1 is not', async () => {
    expect(await handshake({ ca, maxVersion: 'TLSv1.2' })).toBe('TLSv1.2');
    expect(await handshake({ ca, minVersion: 'TLSv1.3' })).toBe('TLSv1.3');
    const old = {
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'ALL:@SECLEVEL=0',
    } as const;
    expect(await handshake({ ca, ...old, ciphers: 'ALL:@SECLEVEL=0' })).toBe(
      'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    );
  });

  test('bytes that are neither HTTP nor TLS: 400', async () => {
    expect(await exchange('\u0000\u0001\u0002\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await exchange('SSH-2.0-OpenSSH_9.2\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('a TLS record that holds no handshake is refused in TLS', async () => {
    const answer = await exchange(Buffer.from([0x16, 3, 1, 0, 5, 0xff, 1, 2, 3, 4]));
    expect(answer.charCodeAt(0)).toBe(0x15);
    expect(answer).not.toContain('HTTP');
  });

  test('a handshake that stops in the middle is cut off after handshakeTimeoutSeconds', async () => {
    expect(await exchange(Buffer.from([0x16, 3, 1, 2, 0, 1]))).toBe('');
  });

  test('a head that stops in the middle is answered 408, over TLS too', async () => {
    const socket = connectTls({ port: gateway.port, host: '127.0.0.1', ca });
    socket.write('GET / HTTP/1.1\r\n');
    const answer = await new Promise((resolve) =>
      socket.once('data', (data) => resolve(`${data}`)),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    socket.destroy();
  });

  test('a client that says nothing is cut off after handshakeTimeoutSeconds, and not before', async () => {
    let isOver = false;
    const silence = exchange(undefined).then((answer) => {
      isOver = true;
      return answer;
    });
    // A connection that was accepted later is served: the silent one has been accepted too.
    await fetch(`${gateway.url}/@health/live`);
    gateway.clock.advance(999);
    await fetch(`${gateway.url}/@health/live`);
    expect(isOver).toBe(false);
    gateway.clock.advance(1);
    expect(await silence).toBe('');
  });

  test('clients that hang up before or in the handshake leave nothing behind', async () => {
    const beginnings = [Buffer.alloc(0), Buffer.from([0x16]), Buffer.from('G')];
    await Promise.all(
      Array.from({ length: 300 }, (_, index) => {
        const socket = connectTcp(gateway.port, '127.0.0.1');
        socket.on('error', () => {});
        return new Promise<void>((resolve) => {
          socket.on('close', () => resolve());
          socket.resume();
          socket.on('connect', () => {
            socket.write(beginnings[index % 3]!);
            if (index % 2 === 0) socket.resetAndDestroy();
            else socket.end();
          });
        });
      }),
    );
    (await connectSecurely(api.wsUrl)).terminate();
  });
});

test('stopping ends silent clients and half-done handshakes at once', async () => {
  const other = await startGateway();
  const silent = exchange(undefined, other.port);
  const halfDone = exchange(Buffer.from([0x16, 3, 1, 2, 0, 1]), other.port);
  await fetch(`${other.url}/@health/live`);
  await other.stop();
  expect(await Promise.all([silent, halfDone])).toEqual(['', '']);
});

describe('the certificate', () => {
  let data: string;
  afterEach(() => rm(data, { recursive: true, force: true }));

  const fingerprint = (port: number, trusted: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connectTls({ port, host: '127.0.0.1', ca: trusted }, () => {
        resolve(socket.getPeerX509Certificate()!.fingerprint256);
        socket.destroy();
      });
      socket.on('error', reject);
    });

  test('is kept in the data folder, its key for the owner alone', async () => {
    data = mkdtempSync(join(tmpdir(), 'postern-test-'));
    const settings = { data, ephemeral: false };
    const first = await startGateway({ settings });
    first.clock.jumpTo(Date.now());
    const caFile = join(data, 'tls', 'ca.pem');
    expect(first.gateway.caFile).toBe(caFile);
    await first.gateway.tlsReady();
    const trusted = readFileSync(caFile, 'utf8');
    expect(statSync(join(data, 'tls', 'key.pem')).mode & 0o777).toBe(0o600);
    const bundle = readFileSync(join(data, 'tls', 'bundle.pem'), 'utf8');
    expect(bundle.startsWith(trusted)).toBe(true);
    expect(bundle).toContain(rootCertificates[0]);
    const shown = await fingerprint(first.port, trusted);
    await first.stop();

    const second = await startGateway({ settings });
    second.clock.jumpTo(Date.now());
    expect(await fingerprint(second.port, trusted)).toBe(shown);
    await second.stop();
  });

  test('is made anew a month before it ends, for another host, and when a file is spoilt', async () => {
    data = mkdtempSync(join(tmpdir(), 'postern-test-'));
    let now = Date.now();
    const open = (host = '127.0.0.1') =>
      new LocalCertificate({ folder: data, host, clock: { now: () => now } });
    const local = open();
    const first = await local.current();
    expect(await open().current()).toEqual(first);

    now += (819 - 31) * 86_400_000;
    expect(await local.current()).toBe(first);
    now += 2 * 86_400_000;
    const renewed = await local.current();
    expect(renewed.cert).not.toBe(first.cert);
    expect(await open().current()).toEqual(renewed);

    const other = await open('127.0.0.2').current();
    expect(new X509Certificate(other.cert).checkIP('127.0.0.2')).toBeDefined();

    writeFileSync(join(data, 'tls', 'key.pem'), first.key);
    const mended = await open('127.0.0.2').current();
    expect(mended.key).not.toBe(first.key);
    expect(readdirSync(data)).toEqual(['tls']);
  });
});
