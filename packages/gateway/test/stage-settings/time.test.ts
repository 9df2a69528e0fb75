import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { clientFrame, rawConnect } from '../support/raw-client.ts';
import { connect, type TestSocket } from '../support/test-socket.ts';
import { exchange, idOf, useBench } from './support.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const bench = useBench();
const goingAway = { code: 1001, reason: 'Going away' };

/** Something moves: the idle time begins anew. */
const busy = (socket: TestSocket) => exchange(bench, socket);

describe('idleTimeoutSeconds', () => {
  test('0: an idle connection lives as long as any', async () => {
    const api = await bench.api({ idleTimeoutSeconds: 0 });
    const socket = await connect(api.wsUrl);
    bench.gateway.clock.advance(119 * MINUTE);
    await busy(socket);
    bench.gateway.clock.advance(MINUTE);
    expect(await socket.closed).toEqual(goingAway);
  });

  test('closes with 1001 when it is reached, not a second before', async () => {
    const api = await bench.api({ idleTimeoutSeconds: 30 });
    const socket = await connect(api.wsUrl);
    bench.gateway.clock.advance(29 * SECOND);
    await busy(socket);
    bench.gateway.clock.advance(29 * SECOND);
    await busy(socket);
    bench.gateway.clock.advance(30 * SECOND);
    expect(await socket.closed).toEqual(goingAway);
    expect(await bench.disconnect()).toEqual({ code: '1001', reason: 'Going away' });
  });

  test('longer than AWS allows, and shorter than the lifetime', async () => {
    const api = await bench.api({ idleTimeoutSeconds: 3600 });
    const socket = await connect(api.wsUrl);
    bench.gateway.clock.advance(HOUR - SECOND);
    await busy(socket);
    bench.gateway.clock.advance(HOUR);
    expect(await socket.closed).toEqual(goingAway);
  });
});

describe('connectionDurationSeconds', () => {
  test('0: a connection in use never ends by itself', async () => {
    const api = await bench.api({ connectionDurationSeconds: 0 });
    const socket = await connect(api.wsUrl);
    for (let minute = 0; minute < 180; minute += 9) {
      bench.gateway.clock.advance(9 * MINUTE);
      await busy(socket);
    }
    bench.gateway.clock.advance(10 * MINUTE);
    expect(await socket.closed).toEqual(goingAway);
  });

  test('closes with 1001 when it is reached, however busy', async () => {
    const api = await bench.api({ connectionDurationSeconds: 60 });
    const socket = await connect(api.wsUrl);
    bench.gateway.clock.advance(59 * SECOND);
    await busy(socket);
    bench.gateway.clock.advance(SECOND);
    expect(await socket.closed).toEqual(goingAway);
  });
});

describe('a change of the stage', () => {
  test('reaches connections that are open, without a deployment', async () => {
    const api = await bench.api({});
    const socket = await connect(api.wsUrl);
    await bench.change(api, { idleTimeoutSeconds: 0 });
    bench.gateway.clock.advance(HOUR);
    await busy(socket);
    await bench.change(api, { idleTimeoutSeconds: 60 });
    bench.gateway.clock.advance(MINUTE);
    expect(await socket.closed).toEqual(goingAway);
  });

  test('a removed setting is AWS’s again', async () => {
    const api = await bench.api({ idleTimeoutSeconds: 0 });
    const socket = await connect(api.wsUrl);
    await bench.change(api, { idleTimeoutSeconds: undefined });
    bench.gateway.clock.advance(10 * MINUTE);
    expect(await socket.closed).toEqual(goingAway);
  });

  test('of one stage leaves the connections of another alone', async () => {
    const [one, other] = [await bench.api({}), await bench.api({})];
    const [short, long] = [await connect(one.wsUrl), await connect(other.wsUrl)];
    await bench.change(one, { idleTimeoutSeconds: 5 });
    bench.gateway.clock.advance(5 * SECOND);
    expect(await short.closed).toEqual(goingAway);
    await busy(long);
  });
});

describe('pingIntervalSeconds', () => {
  const pinged = (socket: TestSocket) =>
    new Promise<void>((resolve) => socket.socket.once('ping', () => resolve()));

  test.each(['ws', 'wss'])(
    'over %s: who answers pings lives, who does not is gone',
    async (scheme) => {
      const api = await bench.api({ pingIntervalSeconds: 30 });
      const open = async (autoPong: boolean) => {
        const url = api.wsUrl.replace('ws:', `${scheme}:`);
        // The certificate is of the gateway's time, which is not that of the client.
        const socket = new WebSocket(url, { autoPong, rejectUnauthorized: false });
        await new Promise((resolve) => socket.on('open', resolve));
        return socket;
      };
      const [alive, silent, other] = [
        await open(true),
        await open(false),
        await connect(api.wsUrl),
      ];
      const isGone = new Promise((resolve) => silent.on('close', resolve));
      for (let round = 0; round < 3; round += 1) {
        const ping = new Promise((resolve) => alive.once('ping', resolve));
        bench.gateway.clock.advance(30 * SECOND);
        await ping;
        // What another client sends after the pong is read after it.
        await busy(other);
      }
      expect(await isGone).toBe(1006);
      expect(alive.readyState).toBe(alive.OPEN);
      alive.terminate();
    },
  );

  test('not before the interval is over, and none without the setting', async () => {
    const [silent, pinging] = [await bench.api({}), await bench.api({ pingIntervalSeconds: 30 })];
    const sockets = [await connect(silent.wsUrl), await connect(pinging.wsUrl)];
    let pings = 0;
    for (const socket of sockets) socket.socket.on('ping', () => (pings += 1));
    bench.gateway.clock.advance(29 * SECOND);
    for (const socket of sockets) await busy(socket);
    expect(pings).toBe(0);
  });

  test('a client that sends nothing until the next ping is gone: 1006', async () => {
    const api = await bench.api({ pingIntervalSeconds: 30 });
    const client = await rawConnect(api.wsUrl);
    bench.gateway.clock.advance(30 * SECOND);
    expect((await client.frames.next()).opcode).toBe(9);
    bench.gateway.clock.advance(29 * SECOND);
    expect(client.socket.readyState).toBe('open');
    bench.gateway.clock.advance(SECOND);
    await client.ended;
    expect(await bench.disconnect()).toEqual({
      code: '1006',
      reason: 'Connection closed abnormally',
    });
  });

  test('a client in the middle of a long frame is alive, though it cannot answer', async () => {
    const api = await bench.api({ pingIntervalSeconds: 30 });
    const client = await rawConnect(api.wsUrl);
    const frame = clientFrame('x'.repeat(1000));
    const reader = await connect(api.wsUrl);
    for (let at = 0; at < 4; at += 1) {
      bench.gateway.clock.advance(30 * SECOND);
      expect((await client.frames.next()).opcode).toBe(9);
      client.socket.write(frame.subarray(at * 200, (at + 1) * 200));
      // What another client sends afterwards is read afterwards.
      await busy(reader);
    }
    client.socket.write(frame.subarray(800));
    expect((await bench.backend.requests('/message').next()).text).toBe('x'.repeat(1000));
    client.socket.destroy();
  });

  test('a pong is no activity: the idle timeout still ends the connection', async () => {
    const api = await bench.api({ pingIntervalSeconds: 30, idleTimeoutSeconds: 60 });
    const socket = await connect(api.wsUrl);
    const id = await idOf(bench, socket);
    const get = async () => {
      const url = `${api.endpoint}/@connections/${encodeURIComponent(id)}`;
      return (await (await fetch(url)).json()) as { connectedAt: string; lastActiveAt: string };
    };
    const ping = pinged(socket);
    bench.gateway.clock.advance(30 * SECOND);
    await ping;
    const { connectedAt, lastActiveAt } = await get();
    expect(lastActiveAt).toBe(connectedAt);
    bench.gateway.clock.advance(30 * SECOND);
    expect(await socket.closed).toEqual(goingAway);
  });
});
