import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { acceptHandles } from '../../src/transport/accept-handles.ts';
import { BareSocket } from '../../src/transport/bare-socket.ts';
import type { ByteSocket, SocketReader } from '../../src/transport/byte-socket.ts';
import { type HeldSocket, HeldStream, hold } from '../../src/transport/held-socket.ts';
import { LentSocket } from '../../src/transport/lent-socket.ts';
import { handleOf, internals } from '../../src/transport/node-handles.ts';
import { StreamSocket } from '../../src/transport/stream-socket.ts';
import { Queue } from '../support/queue.ts';

/** One contract for all kinds of sockets: whoever uses one must not be able to tell which it is. */

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
let accepted: HeldSocket;

interface Kind {
  /** Resolves with one connection that the server accepts. */
  accept(): Promise<HeldSocket>;
  take(held: HeldSocket, reader: SocketReader): ByteSocket;
}

const acceptStream = async () =>
  new HeldStream(((await once(server, 'connection')) as [Socket])[0]);

const kinds: readonly (readonly [string, Kind])[] = [
  [
    'a handle alone',
    {
      accept: () => new Promise((resolve) => acceptHandles(server, resolve)),
      take: (held, reader) => held.take(reader, false),
    },
  ],
  [
    'the handle of a stream',
    { accept: acceptStream, take: (held, reader) => held.take(reader, false) },
  ],
  [
    'a stream',
    {
      accept: acceptStream,
      take: (held, reader) => new StreamSocket(held.release(), reader, false),
    },
  ],
];

async function open(kind: Kind): Promise<void> {
  server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const accepting = kind.accept();
  client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  client.on('error', () => {});
  accepted = await accepting;
}

afterEach(() => {
  client.destroy();
  accepted.destroy();
  server.close();
});

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

test('this Node.js has what handles need', async () => {
  expect(internals).toBeDefined();
  await open(kinds[0]![1]);
  expect(accepted).toBeInstanceOf(BareSocket);
  client.destroy();
  accepted.destroy();
  server.close();
  await open(kinds[1]![1]);
  expect(accepted.take(new Recorder(), false)).toBeInstanceOf(LentSocket);
});

test('what is no plain TCP connection, has ended or is being written has no handle of its own', async () => {
  await open(kinds[1]![1]);
  const stream = accepted.release();
  stream.on('error', () => {});
  stream.write(Buffer.alloc(16 * 1024 * 1024));
  expect(handleOf(stream)).toBeUndefined();
  client.destroy();
  stream.destroy();
  expect(handleOf(stream)).toBeUndefined();
});

test('one more connection than a server may have is closed, however the others were accepted', async () => {
  await open(kinds[0]![1]);
  const count = promisify(server.getConnections.bind(server));
  server.maxConnections = 1;
  const { port } = server.address() as { port: number };
  const dropped = once(server, 'drop');
  const other = connect({ port, host: '127.0.0.1' }).resume();
  await Promise.all([dropped, once(other, 'close')]);
  expect(await count()).toBe(1);
  accepted.destroy();
  expect(await count()).toBe(0);
});

test('a server that accepts handles is closed when the last of them is', async () => {
  await open(kinds[0]![1]);
  const closed = once(server.close(), 'close');
  expect(await Promise.race([closed, 'open'])).toBe('open');
  accepted.destroy();
  await closed;
});

describe.each(kinds)('by %s', (_, kind) => {
  let recorder: Recorder;
  let socket: ByteSocket;
  const taken = () => {
    recorder = new Recorder();
    socket = kind.take(accepted, recorder);
  };
  /** Held by nobody, once its first reader has had so much. */
  const heldAfter = async (text: string) => {
    taken();
    client.write(text);
    await recorder.bytes(text.length);
    return hold(socket);
  };

  beforeEach(() => open(kind));

  test('what arrives is received, also what was there before', async () => {
    client.write('early');
    const { peer } = accepted;
    if (peer instanceof Socket) await once(peer, 'readable');
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
    accepted = new HeldStream(socket.release(Buffer.from('again')));
    taken();
    expect(await recorder.bytes(5)).toBe('again');
    client.write('two');
    expect(await recorder.bytes(3)).toBe('two');
    socket.write('heard');
    expect(await read(client, 5)).toBe('heard');
  });

  test('it knows the address at the other end, also when it is gone', async () => {
    taken();
    expect(socket.peer.remoteAddress).toBe('127.0.0.1');
    socket.destroy();
    expect(await recorder.events.next()).toEqual({ closed: 'in order' });
    expect(socket.peer.remoteAddress).toBe('127.0.0.1');
  });

  test('held, what comes is kept for whoever takes it next, behind what was not read', async () => {
    const held = await heldAfter('one');
    expect(held.isOpen).toBe(true);
    const total = 1024 * 1024;
    client.end('z'.repeat(total));
    // Somebody may be asked in the meantime.
    await new Promise((resolve) => setTimeout(resolve, 20));
    const next = new Recorder();
    const again = held.take(next, false, Buffer.from('unread'));
    expect(await next.bytes(6 + total)).toBe(`unread${'z'.repeat(total)}`);
    expect(await next.events.next()).toBe('ended');
    again.write('bye');
    again.end();
    expect(await read(client, 3)).toBe('bye');
    expect(await next.events.next()).toEqual({ closed: 'in order' });
    expect(recorder.events.size).toBe(0);
  });

  test('held, it is no longer open once the other side has ended', async () => {
    const held = await heldAfter('last');
    client.end();
    await expect.poll(() => held.isOpen).toBe(false);
    const stream = held.release();
    stream.end('bye');
    expect(await read(client, 3)).toBe('bye');
    stream.resume();
    await once(stream, 'close');
  });

  test('held, it is no longer open once it broke, and its stream is destroyed', async () => {
    const held = await heldAfter('last');
    client.resetAndDestroy();
    await expect.poll(() => held.isOpen).toBe(false);
    expect(held.release().destroyed).toBe(true);
    expect(recorder.events.size).toBe(0);
  });

  test('held, it can become a stream with all that came', async () => {
    const held = await heldAfter('one');
    client.write('two');
    await new Promise((resolve) => setTimeout(resolve, 20));
    const stream = held.release(Buffer.from('unread'));
    expect(await read(stream, 9)).toBe('unreadtwo');
    stream.write('heard');
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
