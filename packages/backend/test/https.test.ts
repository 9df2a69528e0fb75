import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createBackend } from '../src/index.ts';
import { listen } from './support/servers.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** A certificate for 127.0.0.1 that nobody has signed. */
function selfSigned() {
  const folder = mkdtempSync(join(tmpdir(), 'postern-https-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const subject = ['-nodes', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', [...request, ...subject, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

test.skipIf(!hasOpenssl)('an https endpoint that cannot prove itself gets no push', async () => {
  let requests = 0;
  const server = createServer(selfSigned(), (_request, response) => {
    requests++;
    response.end();
  });
  const { url, close } = await listen(server);
  onTestFinished(close);
  const backend = createBackend({
    endpoint: `${url.replace('http:', 'https:')}/production`,
    pushAttemptsMax: 1,
    authenticate: () => null,
  });
  await expect(backend.pushToConnection('A=', 'x')).rejects.toMatchObject({
    name: 'ConnectionError',
    message: expect.stringContaining('self-signed certificate'),
  });
  expect(requests).toBe(0);
});
