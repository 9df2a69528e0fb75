import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { PushDoor } from '../../src/server/push-connection.ts';
import { PushLane } from '../../src/server/push-lane.ts';
import type { PushRequest } from '../../src/server/push-request.ts';
import { WholePush } from '../../src/server/whole-push.ts';
import { HeldStream } from '../../src/transport/held-socket.ts';
import { Wire } from '../support/wire.ts';

const REPLY = { status: 200, headers: {}, body: '' };

/** Whether each push was read in full, of so many that `door` answers one after another. */
async function readInFull(name: string, count: number, answer: PushDoor['push']) {
  const seen: boolean[] = [];
  const door: PushDoor = {
    push(request: PushRequest, socket, listener) {
      seen.push(request instanceof WholePush);
      return answer(request, socket, listener);
    },
    failure: () => ({ ...REPLY, status: 500 }),
  };
  const lane = new PushLane({
    ...{ door, keepAliveSeconds: 60, firstRequestSeconds: 60 },
    handOver: (socket) => socket.destroy(),
    refuseSilent: (socket) => socket.destroy(),
  });
  const server = createServer((socket) => lane.take(new HeldStream(socket)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const wire = new Wire((server.address() as AddressInfo).port);
  for (let time = 0; time < count; time += 1) {
    wire.socket.write(
      `POST /production/@connections/L0SM9cOFvIHw_-AbCd%3D%3D HTTP/1.1\r\nHost: ${name}\r\n` +
        `Content-Length: 5\r\n\r\nhello`,
    );
    await wire.answer();
  }
  wire.socket.destroy();
  lane.stop();
  server.close();
  await once(server, 'close');
  return seen;
}

test('pushes that are answered at once teach how to read those that are like them', async () => {
  const seen = await readInFull('at-once', 60, () => REPLY);
  expect([seen.at(0), seen.at(-1)]).toEqual([true, false]);
});

test('so do those that are answered later', async () => {
  const seen = await readInFull('later', 60, (_, __, listener) => {
    setImmediate(() => listener.replied(REPLY));
    return undefined;
  });
  expect([seen.at(0), seen.at(-1)]).toEqual([true, false]);
});

test('but not those that are refused', async () => {
  const refusal = { ...REPLY, status: 410 };
  expect(await readInFull('refused', 60, () => refusal)).not.toContain(false);
  const later = await readInFull('refused-later', 60, (_, __, listener) => {
    setImmediate(() => listener.replied(refusal));
    return undefined;
  });
  expect(later).not.toContain(false);
});
