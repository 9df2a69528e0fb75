import type { ServerResponse } from 'node:http';
import { beforeEach, describe, expect, test } from 'vitest';
import { clientFrame, rawConnect } from '../support/raw-client.ts';
import { connect } from '../support/test-socket.ts';
import { useBench } from './support.ts';

const bench = useBench({ messagesInFlightMax: 3 });

/** Answers of `/message` that wait until the test lets them go. */
let held: ServerResponse[];
beforeEach(() => {
  held = [];
  bench.backend.answer('/message', (_, response) => held.push(response));
});
const arrived = async () => (await bench.backend.requests('/message').next()).text;

describe('orderedMessages', () => {
  test('one message at a time, in the order they were sent', async () => {
    const api = await bench.api({ orderedMessages: true });
    const socket = await connect(api.wsUrl);
    const sent = Array.from({ length: 12 }, (_, index) => `message ${index}`);
    for (const text of sent) socket.send(text);
    for (const text of sent) {
      expect(await arrived()).toBe(text);
      expect(bench.backend.requests('/message').size).toBe(0);
      expect(held).toHaveLength(1);
      held.pop()!.end();
    }
  });

  test('replies come in the order of the messages', async () => {
    const reply = { url: `${bench.backend.url}/reply`, twoWay: true };
    const api = await bench.api({ orderedMessages: true }, { $default: reply });
    const socket = await connect(api.wsUrl);
    const waiting: (() => void)[] = [];
    bench.backend.answer('/reply', ({ text }, response) => {
      // The first is the slowest: it is answered only when nobody else could overtake it.
      if (text === '0') waiting.push(() => response.end(text));
      else response.end(text);
    });
    for (const text of ['0', '1', '2']) socket.send(text);
    await bench.backend.requests('/reply').next();
    waiting[0]!();
    expect([await socket.next(), await socket.next(), await socket.next()]).toEqual([
      '0',
      '1',
      '2',
    ]);
  });

  test('a message that fails does not hold up those behind it', async () => {
    const api = await bench.api(
      { orderedMessages: true },
      { fails: { url: 'http://127.0.0.1:1/nobody' } },
    );
    const socket = await connect(api.wsUrl);
    socket.send('{"action":"fails"}');
    socket.send('behind');
    expect(await arrived()).toBe('behind');
    expect(JSON.parse(await socket.next())).toMatchObject({ message: 'Internal server error' });
    held.pop()!.end();
  });

  test('connections do not wait for one another', async () => {
    const api = await bench.api({ orderedMessages: true });
    const [one, other] = [await connect(api.wsUrl), await connect(api.wsUrl)];
    one.send('one');
    expect(await arrived()).toBe('one');
    other.send('other');
    expect(await arrived()).toBe('other');
    for (const response of held) response.end();
  });

  test('$disconnect comes after the last message', async () => {
    const api = await bench.api({ orderedMessages: true });
    const socket = await connect(api.wsUrl);
    socket.send('first');
    socket.send('second');
    socket.close(1000);
    await socket.closed;
    expect(await arrived()).toBe('first');
    expect(bench.backend.requests('/disconnect').size).toBe(0);
    held.pop()!.end();
    expect(await arrived()).toBe('second');
    expect(bench.backend.requests('/disconnect').size).toBe(0);
    held.pop()!.end();
    expect(await bench.disconnect()).toMatchObject({ code: '1000' });
  });

  test('beyond messagesInFlightMax the client is not read, until one is done', async () => {
    const api = await bench.api({ orderedMessages: true });
    const client = await rawConnect(api.wsUrl);
    const three = ['1', '2', '3'].map((text) => clientFrame(text));
    client.socket.write(Buffer.concat(three));
    expect(await arrived()).toBe('1');
    // A ping would be answered at once by anybody who reads.
    client.socket.write(clientFrame('unread', { opcode: 9 }));
    const other = await connect(api.wsUrl);
    other.send('other');
    expect(await arrived()).toBe('other');
    expect(client.frames.size).toBe(0);
    held[0]!.end();
    expect(await client.frames.next()).toMatchObject({
      opcode: 10,
      payload: Buffer.from('unread'),
    });
    for (const text of ['2', '3']) {
      expect(await arrived()).toBe(text);
      held.at(-1)!.end();
    }
    held[1]!.end();
    client.socket.destroy();
  });

  test('without it messages run side by side', async () => {
    const api = await bench.api({});
    const socket = await connect(api.wsUrl);
    socket.send('first');
    socket.send('second');
    expect([await arrived(), await arrived()].sort()).toEqual(['first', 'second']);
    for (const response of held) response.end();
  });
});

describe('messages longer than AWS allows', () => {
  test('are held back by their bytes, as many of AWS’s length would be', async () => {
    const most = 1_048_576;
    const api = await bench.api({ messageBytesMax: most, frameBytesMax: most });
    const client = await rawConnect(api.wsUrl);
    client.socket.write(clientFrame('x'.repeat(3 * 131_072)));
    expect((await arrived()).length).toBe(3 * 131_072);
    client.socket.write(clientFrame('unread', { opcode: 9 }));
    const other = await connect(api.wsUrl);
    other.send('other');
    expect(await arrived()).toBe('other');
    expect(client.frames.size).toBe(0);
    held[0]!.end();
    expect((await client.frames.next()).opcode).toBe(10);
    held[1]!.end();
    client.socket.destroy();
  });
});
