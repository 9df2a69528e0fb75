import { expect, test } from 'vitest';
import { addressList } from '../../src/ambient/address-list.ts';
import { systemClock } from '../../src/ambient/clock.ts';
import { HttpCaller } from '../../src/backends/http-caller.ts';
import { startBackend } from '../support/recording-backend.ts';
import { startGateway } from '../support/start-gateway.ts';
import { connect } from '../support/test-socket.ts';

async function call(host: string, denied: string, allowed = '') {
  const backend = await startBackend();
  const caller = new HttpCaller({
    clock: systemClock,
    connectionsPerOriginMax: 2,
    guard: { denied: addressList(denied), allowed: addressList(allowed) },
  });
  const answer = caller.call({
    origin: `http://${host}:${backend.port}`,
    path: '/',
    method: 'POST',
    headers: [],
    body: null,
    timeoutMillis: 5000,
    wantsBody: false,
  });
  try {
    return (await answer.catch((error: Error) => error.message)) as unknown;
  } finally {
    await caller.stop();
    await backend.stop();
  }
}

test.each([
  ['127.0.0.1', '127.0.0.0/8'],
  // A name is held to the addresses it resolves to.
  ['localhost', '127.0.0.0/8, ::1'],
  ['127.0.0.1', '127.0.0.1'],
])('a backend at %s is not called where %s is denied', async (host, denied) => {
  expect(await call(host, denied)).toBe(`backends may not be at ${host}`);
});

test.each([
  ['127.0.0.1', '', ''],
  ['127.0.0.1', '10.0.0.0/8', ''],
  ['127.0.0.1', '127.0.0.0/8', '127.0.0.1'],
  ['localhost', '169.254.0.0/16', ''],
])('a backend at %s is called, denied "%s", allowed "%s"', async (host, denied, allowed) => {
  expect(await call(host, denied, allowed)).toMatchObject({ status: 200 });
});

test('the metadata service of a cloud is denied unless it is allowed', async () => {
  const gateway = await startGateway();
  const api = await gateway.createApi({
    routes: { $default: { url: 'http://169.254.169.254/latest/meta-data/' } },
  });
  const socket = await connect(api.wsUrl);
  socket.send('x');
  expect(await socket.next()).toMatch(/^\{"message": "Internal server error", /);
  await gateway.stop();
});
