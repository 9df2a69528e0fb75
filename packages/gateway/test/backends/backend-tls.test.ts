/** How far an https backend is trusted. */
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { certificateFor, type PemFolder, pemFolder } from '../support/certificates.ts';
import { startGateway, type TestGateway } from '../support/start-gateway.ts';
import { connect } from '../support/test-socket.ts';

const backendCertificate = await certificateFor('127.0.0.1');
const elsewhere = await certificateFor('backend.example');

let files: PemFolder;
let gateway: TestGateway;
let backend: Server;
beforeEach(() => {
  files = pemFolder();
});
afterEach(async () => {
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
  backend.closeAllConnections();
  backend.close();
  await files.remove();
});

/** What a client is answered by a two-way route, and why, as the log has it. */
async function reply(shown: { cert: string; key: string }, ca?: string) {
  const { cert, key } = shown;
  backend = createServer({ cert, key }, (_, response) => response.end('from the backend'));
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  const settings = ca === undefined ? {} : { backendsCa: files.write('ca.pem', ca) };
  gateway = await startGateway({ settings });
  const { port } = backend.address() as AddressInfo;
  const url = `https://127.0.0.1:${port}/`;
  const api = await gateway.createApi({ routes: { $default: { url, twoWay: true } } });
  const socket = await connect(api.wsUrl);
  socket.send('hello');
  return socket.next();
}

const NETWORK_ERROR = /^\{"message": "Network error communicating with endpoint"/;

test('a certificate of an authority that nobody named is refused', async () => {
  expect(await reply(backendCertificate)).toMatch(NETWORK_ERROR);
});

test('a certificate of an authority in backendsCa is accepted', async () => {
  expect(await reply(backendCertificate, backendCertificate.ca)).toBe('from the backend');
});

test('that of another authority is not', async () => {
  expect(await reply(backendCertificate, elsewhere.ca)).toMatch(NETWORK_ERROR);
});

test('nor one for another name', async () => {
  expect(await reply(elsewhere, elsewhere.ca)).toMatch(NETWORK_ERROR);
});
