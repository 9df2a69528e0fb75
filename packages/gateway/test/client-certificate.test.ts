import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeCertificate } from '../src/server/tls-certificate.ts';
import { Queue } from './support/queue.ts';
import { startGateway, type TestGateway } from './support/start-gateway.ts';
import { connect } from './support/test-socket.ts';

let gateway: TestGateway;
let backend: Server;
let url: string;
/** The common name each caller showed, or `none`. */
const callers = new Queue<string>();
const verifies = process.env.NODE_TLS_REJECT_UNAUTHORIZED;

beforeEach(async () => {
  // The backend's own certificate is made up here: this test is about the gateway's.
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  gateway = await startGateway();
  const { cert, key } = await makeCertificate({
    hosts: ['127.0.0.1'],
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 3_600_000),
  });
  const options = { cert, key, requestCert: true, rejectUnauthorized: false };
  backend = createServer(options, (request, response) => {
    const { raw } = (request.socket as TLSSocket).getPeerCertificate();
    callers.push(raw === undefined ? 'none' : raw.toString('base64'));
    response.end();
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(backend.address() as AddressInfo).port}/`;
});
afterEach(async () => {
  if (verifies === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  else process.env.NODE_TLS_REJECT_UNAUTHORIZED = verifies;
  await gateway.stop();
  backend.closeAllConnections();
  backend.close();
});

test("an https backend sees the stage's client certificate, from the moment the stage has one", async () => {
  const api = await gateway.createApi({ routes: { $default: { url } } });
  const socket = await connect(api.wsUrl);
  socket.send('before');
  expect(await callers.next()).toBe('none');
  const { clientCertificateId, pemEncodedCertificate } = await gateway.control<{
    clientCertificateId: string;
    pemEncodedCertificate: string;
  }>('POST', '/clientcertificates', { description: 'towards the backend' });
  await gateway.control('PATCH', `/v2/apis/${api.apiId}/stages/test`, { clientCertificateId });
  socket.send('after');
  const shown = pemEncodedCertificate.replace(/-----[A-Z ]+-----|\s/g, '');
  expect(await callers.next()).toBe(shown);
});
