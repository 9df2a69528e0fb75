import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ByteSocket, SocketReader } from '../../src/transport/byte-socket.ts';
import { HandleSocket } from '../../src/transport/handle-socket.ts';
import { handleOf, internals } from '../../src/transport/node-handles.ts';
import { StreamSocket } from '../../src/transport/stream-socket.ts';
import { takeSocket } from '../../src/transport/take-socket.ts';
import { Queue } from '../support/queue.ts';

/** One contract for both kinds of sockets: whoever uses one must not be able to tell which it is. */

type Event = { readonly data: Buffer } | 'ended' | 'drained' | { readonly closed: string };

/** Copies what it is told. */
class Recorder implements SocketReader {
  readonly events = new Queue<Event>();

  received(bytes: Buffer, length: number): void {
    this.events.push({ data: Buffer.from(bytes.subarray(0, length)) });
  }

  ended(): void {
    this.events.push('ended');
  }

  drained(): void {
    this.events.push('drained');
  }

  closed(error: Error | undefined): void {
    this.events.push({ closed: (error as NodeJS.ErrnoException)?.code ?? 'in order' });
  }

  /** The bytes received until there are so many. */
  async bytes(count: number): Promise<string> {
    let all = Buffer.alloc(0);
    while (all.length < count) {
      const event = await this.events.next();
      if (typeof event !== 'object' || !('data' in event)) throw new Error(JSON.stringify(event));
      all = Buffer.concat([all, event.data]);
    }
    return all.toString('latin1');
  }
}

let server: Server;
let client: Socket;
let accepted: Socket;

beforeEach(async () => {
  server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  [accepted] = (await once(server, 'connection')) as [Socket];
  client.on('error', () => {});
});

afterEach(() => {
  client.destroy();
  accepted.destroy();
  server.close();
});

const kinds: readonly (readonly [string, (socket: Socket, reader: SocketReader) => ByteSocket])[] =
  [
    ['a handle', (socket, reader) => takeSocket(socket, reader)],
    ['a stream', (socket, reader) => new StreamSocket(socket, reader, false)],
  ];

/** Everything that comes at the client until it has so many bytes. */
async function read(socket: Duplex, count: number): Promise<string> {
  let all = '';
  while (all.length < count) {
    const chunk = socket.read() as Buffer | null;
    if (chunk) all += chunk.toString('latin1');
    else await once(socket, 'readable');
  }
  return all;
}

test('this Node.js has what handles need', () => {
  expect(internals).toBeDefined();
  expect(takeSocket(accepted, new Recorder())).toBeInstanceOf(HandleSocket);
});

test('what is no plain TCP connection, has ended or is being written has no handle of its own', async () => {
  accepted.write(Buffer.alloc(16 * 1024 * 1024));
  expect(handleOf(accepted)).toBeUndefined();
  client.destroy();
  accepted.destroy();
  expect(handleOf(accepted)).toBeUndefined();
});

describe.each(kinds)('by %s', (_, take) => {
  let recorder: Recorder;
  let socket: ByteSocket;
  const taken = () => {
    recorder = new Recorder();
    socket = take(accepted, recorder);
  };

  test('what arrives is received, also what was there before', async () => {
    client.write('early');
    await once(accepted, 'readable');
    taken();
    expect(await recorder.bytes(5)).toBe('early');
    client.write('late');
    expect(await recorder.bytes(4)).toBe('late');
    expect(socket.bytesRead).toBe(9);
  });

  test('text and bytes of one turn arrive in the order they were written', async () => {
    taken();
    socket.write('one\xff');
    socket.write(Buffer.from('two'));
    socket.write('three');
    expect(await read(client, 12)).toBe('one\xfftwothree');
    socket.write('four');
    socket.write('five');
    expect(await read(client, 8)).toBe('fourfive');
  });

  test('what is written to go at once goes behind what was written before, and is sent', async () => {
    taken();
    socket.write('one');
    socket.writeNow('two');
    socket.writeNow(Buffer.from('three'));
    expect(await read(client, 11)).toBe('onetwothree');
    socket.writeNow('four');
    socket.write('five');
    socket.writeNow('six');
    expect(await read(client, 11)).toBe('fourfivesix');
  });

  test('long pieces between short ones stay in order', async () => {
    taken();
    const pieces = ['a', 'b'.repeat(20_000), 'c', 'd'.repeat(100_000), 'e'];
    for (const piece of pieces) socket.write(piece);
    socket.write(Buffer.from('f'.repeat(50_000)));
    const expected = `${pieces.join('')}${'f'.repeat(50_000)}`;
    expect(await read(client, expected.length)).toBe(expected);
  });

  test('a slow reader leaves bytes unsent, and all arrive once it reads', async () => {
    taken();
    const total = 64 * 1024 * 1024;
    const piece = Buffer.alloc(1024 * 1024);
    for (let index = 0; index < 64; index += 1) {
      piece.fill(index);
      socket.write(Buffer.from(piece));
    }
    expect(socket.bytesUnsent).toBeGreaterThan(0);
    let count = 0;
    let isRight = true;
    client.on('data', (bytes: Buffer) => {
      isRight &&= bytes.every((byte, at) => byte === (count + at) >> 20);
      count += bytes.length;
    });
    expect(await recorder.events.next()).toBe('drained');
    expect(socket.bytesUnsent).toBe(0);
    while (count < total) await once(client, 'data');
    expect(isRight).toBe(true);
  });

  test('while paused nothing is received', async () => {
    taken();
    socket.pause();
    expect(socket.isPaused).toBe(true);
    client.write('waits');
    socket.write('x');
    await read(client, 1);
    expect(recorder.events.size).toBe(0);
    socket.resume();
    expect(socket.isPaused).toBe(false);
    expect(await recorder.bytes(5)).toBe('waits');
  });

  test('the end is said each way, and then it is over', async () => {
    taken();
    client.end('last words');
    expect(await recorder.bytes(10)).toBe('last words');
    expect(await recorder.events.next()).toBe('ended');
    socket.write('good');
    socket.write('bye');
    socket.end();
    expect(await read(client, 7)).toBe('goodbye');
    expect(await recorder.events.next()).toEqual({ closed: 'in order' });
  });

  test('destroying sends what was written, then closes', async () => {
    taken();
    socket.write('goodbye');
    socket.destroy();
    expect(await read(client, 7)).toBe('goodbye');
    expect(await recorder.events.next()).toEqual({ closed: 'in order' });
    socket.write('nobody hears');
    socket.end();
  });

  test('a connection that is reset is closed with its error', async () => {
    taken();
    client.resetAndDestroy();
    expect(await recorder.events.next()).toEqual({ closed: 'ECONNRESET' });
  });

  test('released, it is an ordinary stream with what was not read', async () => {
    taken();
    socket.write('first');
    const stream = socket.release(Buffer.from('unread'));
    stream.write('second');
    expect(await read(client, 11)).toBe('firstsecond');
    expect(await read(stream, 6)).toBe('unread');
    const total = 4 * 1024 * 1024;
    client.end('z'.repeat(total));
    expect(await read(stream, total)).toBe('z'.repeat(total));
    stream.resume();
    await once(stream, 'end');
    stream.end();
    await once(stream, 'close');
    expect(recorder.events.size).toBe(0);
  });

  test('released while paused, it is read again', async () => {
    taken();
    socket.pause();
    client.write('later');
    expect(await read(socket.release(), 5)).toBe('later');
  });

  test('released, it can be taken again', async () => {
    taken();
    client.write('one');
    await recorder.bytes(3);
    const stream = socket.release(Buffer.from('again'));
    accepted = stream as Socket;
    taken();
    expect(await recorder.bytes(5)).toBe('again');
    client.write('two');
    expect(await recorder.bytes(3)).toBe('two');
    socket.write('heard');
    expect(await read(client, 5)).toBe('heard');
  });

  test('released to node:http, its requests are answered', async () => {
    const http = createHttpServer((request, response) => response.end(`you asked ${request.url}`));
    taken();
    client.write('GET /one HTTP/1.1\r\nHost: here\r\n\r\n');
    const head = Buffer.from(await recorder.bytes(33), 'latin1');
    const stream = socket.release(head);
    http.emit('connection', stream);
    stream.resume();
    expect(await read(client, 20)).toContain('200 OK');
    client.read();
    client.write('GET /two HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n');
    client.resume();
    let text = '';
    client.on('data', (bytes) => {
      text += bytes;
    });
    await once(client, 'end');
    expect(text).toContain('you asked /two');
    client.end();
  });
});
