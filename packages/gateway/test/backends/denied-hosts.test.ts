import { expect, test } from 'vitest';
import { systemClock } from '../../src/ambient/clock.ts';
import { hostList } from '../../src/ambient/host-list.ts';
import { HttpCaller } from '../../src/backends/http-caller.ts';
import { startBackend } from '../support/recording-backend.ts';
import { startGateway } from '../support/start-gateway.ts';
import { connect } from '../support/test-socket.ts';

async function call(host: string, denied: string, allowed = '') {
  const backend = await startBackend();
  const caller = new HttpCaller({
    clock: systemClock,
    connectionsPerOriginMax: 2,
    guard: { denied: hostList(denied), allowed: hostList(allowed) },
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
  ['127.0.0.1', 'private'],
  ['localhost', 'private'],
  ['localhost', 'localhost'],
  ['LOCALHOST', 'localhost'],
  ['[::ffff:127.0.0.1]', 'private'],
  ['sub.localhost', '*.localhost'],
])('a backend at %s is not called where %s is denied', async (host, denied) => {
  expect(await call(host, denied)).toMatch(/^backends may not be at /);
});

test('an IPv6 address as a host is an address and no name', async () => {
  // Nobody listens there, and not every machine has it; nobody may look it up.
  expect(await call('[::1]', '')).toMatch(/ECONNREFUSED|EADDRNOTAVAIL|EAFNOSUPPORT|ENETUNREACH/);
});

test.each([
  ['127.0.0.1', '', ''],
  ['127.0.0.1', '10.0.0.0/8', ''],
  ['127.0.0.1', '127.0.0.0/8', '127.0.0.1'],
  ['localhost', '169.254.0.0/16', ''],
  ['localhost', '0.0.0.0/0, ::/0', 'localhost'],
  ['localhost', 'private', '127.0.0.1'],
  ['localhost', 'localhost', '*.example.com, localhost'],
  // A name that is denied says nothing of the address it stands for.
  ['127.0.0.1', 'localhost', ''],
])('a backend at %s is called, denied "%s", allowed "%s"', async (host, denied, allowed) => {
  expect(await call(host, denied, allowed)).toMatchObject({ status: 200 });
});

test.each([
  'http://127.1',
  'http://2130706433',
  'http://0x7f000001',
  'http://0177.0.0.1',
  'http://[::ffff:7f00:1]',
  'http://0.0.0.0',
])('%s is an address however it is written', async (origin) => {
  const caller = new HttpCaller({
    clock: systemClock,
    connectionsPerOriginMax: 1,
    guard: { denied: hostList('private'), allowed: undefined },
  });
  const call = caller.call({
    origin: `${origin}:9`,
    path: '/',
    method: 'POST',
    headers: [],
    body: null,
    timeoutMillis: 5000,
    wantsBody: false,
  });
  await expect(call).rejects.toThrow(/^backends may not be at /);
  await caller.stop();
});

test.each([
  'http://169.254.169.254',
  'http://[fd00:ec2::254]',
  'http://[::ffff:169.254.169.254]',
  'http://100.100.100.200',
  'http://168.63.129.16',
])('the metadata service of a cloud, %s, is denied unless it is allowed', async (origin) => {
  const gateway = await startGateway();
  const api = await gateway.createApi({
    routes: { $default: { url: `${origin}/latest/meta-data/` } },
  });
  const socket = await connect(api.wsUrl);
  socket.send('x');
  expect(await socket.next()).toMatch(/^\{"message": "Internal server error", /);
  await gateway.stop();
});
