import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { expect, test } from 'vitest';
import { cutOff } from './support/cut-off.ts';
import { startGateway, type TestApi } from './support/start-gateway.ts';
import { connect, refusal } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

let api: TestApi;
const at = useGateway(
  async ({ backend, gateway }) => {
    api = await gateway.createApi({
      routes: {
        $connect: {
          url: `${backend.url}/connect`,
          requestParameters: { 'integration.request.header.connectionId': 'context.connectionId' },
        },
        $disconnect: { url: `${backend.url}/disconnect` },
        $default: { url: `${backend.url}/message`, twoWay: true },
      },
    });
  },
  { settings: { drainSpreadSeconds: 10 } },
);

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

test('a push that comes when its connection has been ended is not carried out', async () => {
  let release = () => {};
  at.backend.answer('/message', (_, response) => {
    release = () => response.end('answered');
  });
  // It is not closed before its message is answered.
  const busy = await connect(api.wsUrl);
  const { headers } = await at.backend.requests('/connect').next();
  busy.send('x');
  await at.backend.requests('/message').next();
  const { port, host } = new URL(at.gateway.url);
  const wire = connectTcp({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
  const path = `${new URL(api.endpoint).pathname}/@connections/${encodeURIComponent(String(headers.connectionid))}`;
  const push = (body: string) =>
    wire.write(
      `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
  // Whoever has closed for good may answer bytes with a reset.
  wire.on('error', () => {});
  const closed = new Promise((resolve) => wire.on('close', resolve));
  push('in time');
  expect(await busy.next()).toBe('in time');
  wire.resume();
  const stopped = at.gateway.stop();
  await once(wire, 'end');
  push('too late');
  wire.end();
  await closed;
  release();
  expect(await busy.next()).toBe('answered');
  await stopped;
});

test('many connections are closed step by step, a few at a time', async () => {
  const sockets = await Promise.all(Array.from({ length: 205 }, () => connect(api.wsUrl)));
  let closed = 0;
  for (const { closed: end } of sockets) void end.then(() => (closed += 1));
  const stopped = at.gateway.gateway.stop({ drainSeconds: 4 });
  // Half of the limit, in steps of a tenth of a second: 20 steps of 11.
  for (let steps = 1; steps < 19; steps += 1) {
    await expect.poll(() => closed).toBe(steps * 11);
    at.gateway.clock.advance(100);
  }
  await expect.poll(() => closed).toBe(205);
  await stopped;
  expect(at.backend.requests('/disconnect').size).toBe(205);
});

test('a connection that is busy when its turn comes is closed when it no longer is', async () => {
  const releases: (() => void)[] = [];
  at.backend.answer('/message', (_, response) => releases.push(() => response.end('answered')));
  const busy = await connect(api.wsUrl);
  busy.send('x');
  await at.backend.requests('/message').next();
  const idle = await Promise.all(Array.from({ length: 11 }, () => connect(api.wsUrl)));
  const stopped = at.gateway.stop();
  await idle[0]!.closed;
  expect(busy.socket.readyState).toBe(busy.socket.OPEN);
  releases[0]!();
  expect(await busy.next()).toBe('answered');
  at.gateway.clock.advance(100);
  expect((await busy.closed).code).toBe(1001);
  await Promise.all(idle.map(({ closed }) => closed));
  await stopped;
});

test('readiness ends before anything else does, for as long as it is asked to', async () => {
  const gateway = await startGateway({ settings: { drainDelaySeconds: 3 } });
  const ready = async () => (await fetch(`${gateway.url}/@health/ready`)).status;
  expect(await ready()).toBe(200);
  const stopped = gateway.stop();
  expect(await ready()).toBe(503);
  const late = await gateway.createApi({ routes: { $default: { type: 'MOCK' } } });
  const socket = await connect(late.wsUrl);
  gateway.clock.advance(3000);
  expect((await socket.closed).code).toBe(1001);
  await expect(ready()).rejects.toThrow();
  await stopped;
});

test('what is not finished at the limit is cut off', async () => {
  expect(await cutOff(at, api.wsUrl)).toBe(1006);
});

test('stopping twice is stopping once', async () => {
  await Promise.all([at.gateway.stop(), at.gateway.stop()]);
});
