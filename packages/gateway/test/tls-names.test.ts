import { X509Certificate } from 'node:crypto';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { CertificateTexts } from '../src/server/tls-certificate.ts';
import { certificateFor, type PemFolder, pemFolder } from './support/certificates.ts';
import { startGateway, type TestGateway } from './support/start-gateway.ts';

let files: PemFolder;
let gateway: TestGateway;
let certificates: Record<'first' | 'second' | 'siblings', CertificateTexts>;
beforeAll(async () => {
  files = pemFolder();
  certificates = {
    first: await certificateFor('push.example.com', '127.0.0.1'),
    siblings: await certificateFor('*.example.org'),
    second: await certificateFor('push.example.org', 'push.example.net'),
  };
  const { first, second, siblings } = certificates;
  const all = { first, siblings, second };
  const written = Object.entries(all).map(([name, { cert, key }]) => [
    files.write(`${name}.crt`, cert),
    files.write(`${name}.key`, key),
  ]);
  gateway = await startGateway({
    mode: 'start',
    settings: {
      tlsCert: written.map(([cert]) => cert).join(','),
      tlsKey: written.map(([, key]) => key).join(','),
    },
  });
});
afterEach(() => expect(gateway.errors).toEqual([]));
afterAll(async () => {
  await gateway.stop();
  await files.remove();
});

/** The certificate that a client is shown who asks for `servername`. */
function shown(servername: string | undefined, version: 'TLSv1.2' | 'TLSv1.3'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls(
      {
        port: gateway.port,
        host: '127.0.0.1',
        rejectUnauthorized: false,
        minVersion: version,
        maxVersion: version,
        ...(servername !== undefined && { servername }),
      },
      () => {
        resolve(socket.getPeerX509Certificate()!.fingerprint256);
        socket.destroy();
      },
    );
    socket.on('error', reject);
  });
}

const fingerprint = ({ cert }: CertificateTexts) => new X509Certificate(cert).fingerprint256;

test.each([
  ['push.example.com', 'first'],
  ['PUSH.example.NET', 'second'],
  ['other.example.org', 'siblings'],
  // A certificate for the very name goes before a wildcard, wherever it stands in the list.
  ['push.example.org', 'second'],
  ['a.b.example.org', 'first'],
  ['unknown.example', 'first'],
  [undefined, 'first'],
] as const)('who asks for %s is shown the %s certificate', async (name, expected) => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    expect(await shown(name, version)).toBe(fingerprint(certificates[expected]));
  }
});

test('each certificate is read again, not the first alone', async () => {
  const renewed = await certificateFor('push.example.net');
  files.write('second.crt', renewed.cert);
  files.write('second.key', renewed.key);
  gateway.clock.advance(10_000);
  await expect.poll(() => shown('push.example.net', 'TLSv1.3')).toBe(fingerprint(renewed));
  expect(await shown('push.example.com', 'TLSv1.3')).toBe(fingerprint(certificates.first));
});

test('TLS 1.1 is refused whatever name is asked for', async () => {
  for (const servername of ['push.example.com', 'push.example.org']) {
    const code = await new Promise((resolve) => {
      const socket = connectTls({
        port: gateway.port,
        host: '127.0.0.1',
        servername,
        minVersion: 'TLSv1.1',
        maxVersion: 'TLSv1.1',
        ciphers: 'ALL:@SECLEVEL=0',
      });
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      socket.on('secureConnect', () => resolve('accepted'));
    });
    expect(code).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
  }
});
