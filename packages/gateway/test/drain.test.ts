import { expect, test } from 'vitest';
import type { TestApi } from './support/start-gateway.ts';
import { connect, refusal } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

let api: TestApi;
const at = useGateway(async ({ backend, gateway }) => {
  api = await gateway.createApi({
    routes: {
      $connect: { url: `${backend.url}/connect` },
      $disconnect: { url: `${backend.url}/disconnect` },
      $default: { url: `${backend.url}/message`, twoWay: true },
    },
  });
});

test('stopping closes open connections with 1001 and tells their backend', async () => {
  const sockets = await Promise.all([connect(api.wsUrl), connect(api.wsUrl)]);
  await at.gateway.stop();
  for (const socket of sockets) {
    expect(await socket.closed).toEqual({ code: 1001, reason: 'Going away' });
  }
  expect(at.backend.requests('/disconnect').size).toBe(2);
});

test('a message being processed is answered before its connection closes', async () => {
  let release = () => {};
  at.backend.answer('/message', (_, response) => {
    release = () => response.end('answered');
  });
  const socket = await connect(api.wsUrl);
  socket.send('x');
  await at.backend.requests('/message').next();
  const stopped = at.gateway.stop();
  release();
  expect(await socket.next()).toBe('answered');
  expect((await socket.closed).code).toBe(1001);
  await stopped;
});

test('a stopping gateway is not ready and lets nobody in', async () => {
  let release = () => {};
  at.backend.answer('/message', (_, response) => {
    release = () => response.end();
  });
  // A client that was connected to the port before it closed, and upgrades only now.
  const busy = await connect(api.wsUrl);
  busy.send('x');
  await at.backend.requests('/message').next();
  const stopped = at.gateway.stop();
  await expect(refusal(api.wsUrl)).rejects.toThrow(/ECONNREFUSED/);
  release();
  await stopped;
});

test('what is not finished at the limit is cut off', async () => {
  at.backend.answer('/message', () => {});
  const socket = await connect(api.wsUrl);
  socket.send('x');
  await at.backend.requests('/message').next();
  const stopped = at.gateway.gateway.stop({ drainSeconds: 5 });
  at.gateway.clock.advance(5000);
  await stopped;
  expect((await socket.closed).code).toBe(1006);
});

test('stopping twice is stopping once', async () => {
  await Promise.all([at.gateway.stop(), at.gateway.stop()]);
});
