import { describe, expect, test } from 'vitest';
import { clientFrame, rawConnect } from '../support/raw-client.ts';
import { connect, type TestSocket } from '../support/test-socket.ts';
import { idOf, push, useBench } from './support.ts';

const bench = useBench();
const tooLong = { code: 1009, reason: 'Message too long' };
const received = async () => (await bench.backend.requests('/message').next()).body.length;

describe('frameBytesMax', () => {
  test.each([1024, 131_072])('%i bytes in a frame are a message, one more is 1009', async (max) => {
    const api = await bench.api({ frameBytesMax: max });
    const socket = await connect(api.wsUrl);
    socket.send('x'.repeat(max));
    expect(await received()).toBe(max);
    socket.send('x'.repeat(max + 1));
    expect(await socket.closed).toEqual(tooLong);
  });

  test('lets no message be longer than messageBytesMax', async () => {
    const api = await bench.api({ frameBytesMax: 1_048_576 });
    const socket = await connect(api.wsUrl);
    socket.send('x'.repeat(131_072));
    expect(await received()).toBe(131_072);
    socket.send('x'.repeat(131_073));
    expect(await socket.closed).toEqual(tooLong);
  });

  test('is where pushes are cut', async () => {
    const api = await bench.api({ frameBytesMax: 2048 });
    const client = await rawConnect(api.wsUrl);
    const id = await idOf(bench, { send: (text) => client.socket.write(clientFrame(text)) });
    expect(await push(api, id, 'y'.repeat(5000))).toBe(200);
    const frames = [await client.frames.next(), await client.frames.next()];
    frames.push(await client.frames.next());
    const seen = frames.map(({ opcode, fin, payload }) => [opcode, fin, payload.length]);
    expect(seen).toEqual([
      [1, false, 2048],
      [0, false, 2048],
      [0, true, 904],
    ]);
    client.socket.destroy();
  });
});

describe('messageBytesMax', () => {
  const MAX = 1_048_576;
  const fragmented = (socket: TestSocket, bytes: number) => {
    for (let sent = 0; sent < bytes; sent += 32_768) {
      const length = Math.min(32_768, bytes - sent);
      socket.socket.send('y'.repeat(length), { fin: sent + length >= bytes });
    }
  };

  test('of a client: at the limit a message, one past it 1009', async () => {
    const api = await bench.api({ messageBytesMax: MAX });
    const socket = await connect(api.wsUrl);
    fragmented(socket, MAX);
    expect(await received()).toBe(MAX);
    fragmented(socket, MAX + 1);
    expect(await socket.closed).toEqual(tooLong);
  });

  test('in as many fragments as its frames need', async () => {
    const api = await bench.api({ messageBytesMax: 2 * MAX, frameBytesMax: 1024 });
    const socket = await connect(api.wsUrl);
    for (let at = 1; at <= 2048; at += 1)
      socket.socket.send('z'.repeat(1024), { fin: at === 2048 });
    expect(await received()).toBe(2 * MAX);
    for (let at = 0; at <= 2048; at += 1) socket.socket.send('z', { fin: false });
    expect((await socket.closed).code).toBe(1008);
  });

  test('smaller than on AWS', async () => {
    const api = await bench.api({ messageBytesMax: 2000 });
    const socket = await connect(api.wsUrl);
    socket.send('x'.repeat(2000));
    expect(await received()).toBe(2000);
    socket.send('x'.repeat(2001));
    expect(await socket.closed).toEqual(tooLong);
  });

  test.each([2000, MAX])('of a push: %i bytes are 200, one more is 413', async (max) => {
    const api = await bench.api({ messageBytesMax: max });
    const socket = await connect(api.wsUrl);
    const id = await idOf(bench, socket);
    expect(await push(api, id, 'p'.repeat(max))).toBe(200);
    expect((await socket.next()).length).toBe(max);
    expect(await push(api, id, 'p'.repeat(max + 1))).toBe(413);
  });

  test('of a push, by its stage alone: the neighbour keeps AWS’s 128 KB', async () => {
    await bench.api({ messageBytesMax: MAX });
    const api = await bench.api({});
    const socket = await connect(api.wsUrl);
    const id = await idOf(bench, socket);
    expect(await push(api, id, 'p'.repeat(131_072))).toBe(200);
    expect(await push(api, id, 'p'.repeat(131_073))).toBe(413);
  });

  test('of a reply: at the limit a message, one past it Internal server error', async () => {
    const reply = { url: `${bench.backend.url}/reply`, twoWay: true };
    const api = await bench.api({ messageBytesMax: MAX }, { $default: reply });
    const socket = await connect(api.wsUrl);
    bench.backend.answer('/reply', ({ text }, response) => response.end('r'.repeat(Number(text))));
    socket.send(String(MAX));
    expect((await socket.next()).length).toBe(MAX);
    socket.send(String(MAX + 1));
    expect(JSON.parse(await socket.next())).toMatchObject({ message: 'Internal server error' });
  });

  test('stays what it was for a connection that is open, and is new for the next', async () => {
    const api = await bench.api({});
    const before = await connect(api.wsUrl);
    await bench.change(api, { messageBytesMax: 2000 });
    before.send('x'.repeat(2001));
    expect(await received()).toBe(2001);
    const after = await connect(api.wsUrl);
    after.send('x'.repeat(2001));
    expect(await after.closed).toEqual(tooLong);
  });

  test('of ten megabytes: all the way there and back', async () => {
    const most = 10_485_760;
    const api = await bench.api({ messageBytesMax: most, frameBytesMax: most });
    const socket = await connect(api.wsUrl);
    const id = await idOf(bench, socket);
    socket.send('x'.repeat(most));
    expect(await received()).toBe(most);
    expect(await push(api, id, 'p'.repeat(most))).toBe(200);
    expect((await socket.next()).length).toBe(most);
    expect(await push(api, id, 'p'.repeat(most + 1))).toBe(413);
  });
});
