import { request } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startGateway, type TestGateway } from './support/start-gateway.ts';
import { connect } from './support/test-socket.ts';

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startGateway();
});
afterEach(() => gateway.stop());

/** Status of a control-plane call with headers that a browser would send. */
function call(method: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: gateway.port, path: '/v2/apis', method, headers };
    request(options, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

const local = () => `127.0.0.1:${gateway.port}`;

test.each([
  ['a page elsewhere', 'POST', () => ({ Host: local(), Origin: 'https://evil.example' })],
  [
    'a page whose name was made to resolve to this machine',
    'POST',
    () => ({ Host: 'evil.example:4080', Origin: 'http://evil.example:4080' }),
  ],
  [
    'its reading of what it could not otherwise read',
    'GET',
    () => ({ Host: 'evil.example:4080', 'Sec-Fetch-Site': 'same-origin' }),
  ],
  ['a page without an origin of its own', 'POST', () => ({ Host: local(), Origin: 'null' })],
])('dev refuses the control plane to %s', async (_, method, headers) => {
  expect(await call(method, headers())).toBe(403);
});

test.each([
  ['a tool', () => ({ Host: 'host.docker.internal:4080' })],
  ['a page of this machine', () => ({ Host: local(), Origin: 'http://localhost:3000' })],
  ['the gateway’s own pages', () => ({ Host: local(), 'Sec-Fetch-Site': 'same-origin' })],
])('dev answers %s', async (_, headers) => {
  expect(await call('GET', headers())).toBe(200);
});

test('clients may come from any page: WebSocket APIs have no Origin check', async () => {
  const api = await gateway.createApi({ routes: { $default: {} } });
  await connect(api.wsUrl, { headers: { Origin: 'https://app.example' } });
});
