import { expect, test } from 'vitest';
import type { TestApi } from './support/start-gateway.ts';
import { connect } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

/** Somebody sets the clock, or NTP finds it hours off: no time has passed, so nothing is due. */

const HOURS = 3_600_000;

let api: TestApi;
const at = useGateway(async ({ backend, gateway }) => {
  api = await gateway.createApi({
    routes: {
      $disconnect: { url: `${backend.url}/disconnect` },
      $default: { url: `${backend.url}/message`, twoWay: true },
    },
  });
});

test.each([
  ['forward', 5 * HOURS],
  ['back', -5 * HOURS],
])('set %s, connections stay, and end when their time is up', async (_, millis) => {
  const { clock } = at.gateway;
  const socket = await connect(api.wsUrl);
  clock.set(millis);
  clock.advance(1000);
  socket.send('hello');
  await at.backend.requests('/message').next();
  await socket.next();
  clock.advance(599_000);
  expect(socket.socket.readyState).toBe(socket.socket.OPEN);
  clock.advance(2000);
  expect((await socket.closed).code).toBe(1001);
});

test.each([
  ['forward', 5 * HOURS],
  ['back', -5 * HOURS],
])('set %s, $disconnect is tried again when it would have been', async (_, millis) => {
  at.backend.answer('/disconnect', (_, response) => {
    response.statusCode = 500;
    response.end();
  });
  const socket = await connect(api.wsUrl);
  socket.close();
  const requests = at.backend.requests('/disconnect');
  await requests.next();
  const waiting = async () => {
    const reply = await fetch(`${at.gateway.url}/@api/dead-letters`);
    return ((await reply.json()) as { waiting: number }).waiting;
  };
  await expect.poll(waiting).toBe(1);
  at.gateway.clock.set(millis);
  expect(await waiting()).toBe(1);
  at.gateway.clock.advance(1000);
  expect((await requests.next()).headers['x-postern-retry']).toBe('1');
});

test('set back, a throttled route lets in again after a second', async () => {
  const stage = `/v2/apis/${api.apiId}/stages/${api.stage}`;
  const limit = { throttlingRateLimit: 1, throttlingBurstLimit: 1 };
  await at.gateway.control('PATCH', stage, { defaultRouteSettings: limit });
  at.backend.answer('/message', (_, response) => response.end('fine'));
  const socket = await connect(api.wsUrl);
  socket.send('first');
  expect(await socket.next()).toBe('fine');
  at.gateway.clock.set(-5 * HOURS);
  socket.send('second');
  expect(await socket.next()).toContain('Too Many Requests');
  at.gateway.clock.advance(1000);
  socket.send('third');
  expect(await socket.next()).toBe('fine');
});
