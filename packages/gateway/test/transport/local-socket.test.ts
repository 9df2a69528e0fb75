import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ByteSocket } from '../../src/transport/byte-socket.ts';
import { handleOf } from '../../src/transport/node-handles.ts';
import { takeSocket } from '../../src/transport/take-socket.ts';

/** Local sockets have handles as TCP connections have: what `byte-socket.test.ts` says holds for both. */

let folder: string;
let server: Server;
let sockets: Socket[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
  server = createServer().listen(join(folder, 'socket'));
  await once(server, 'listening');
  const client = connect(join(folder, 'socket'));
  const [accepted] = (await once(server, 'connection')) as [Socket];
  if (client.connecting) await once(client, 'connect');
  sockets = [client, accepted];
});

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
  rmSync(folder, { recursive: true });
});

/** Whoever takes it hears of it by `events`; `bytes` is how many came, of which `text` is the beginning. */
function take(socket: Socket): {
  socket: ByteSocket;
  heard: { text: string; bytes: number; events: string[] };
} {
  const heard = { text: '', bytes: 0, events: [] as string[] };
  const taken = takeSocket(socket, {
    received(bytes, length) {
      if (heard.bytes < 100) heard.text += bytes.toString('latin1', 0, length);
      heard.bytes += length;
    },
    ended: () => void heard.events.push('ended'),
    drained: () => void heard.events.push('drained'),
    closed: (error) => void heard.events.push(error ? 'broken' : 'closed'),
  });
  return { socket: taken, heard };
}

test('both ends have a handle, and what is written at either is read at the other', async () => {
  for (const socket of sockets) expect(handleOf(socket)).toBeDefined();
  const [one, other] = sockets.map(take) as [ReturnType<typeof take>, ReturnType<typeof take>];
  one.socket.writeNow(Buffer.from('at once, '));
  one.socket.write('and at the end of the turn');
  other.socket.write(Buffer.from('back'));
  await expect.poll(() => other.heard.text).toBe('at once, and at the end of the turn');
  await expect.poll(() => one.heard.text).toBe('back');
  one.socket.end();
  await expect.poll(() => other.heard.events).toEqual(['ended', 'closed']);
  await expect.poll(() => one.heard.events).toContain('closed');
});

test('what the kernel does not take at once is read whole, in its turn', async () => {
  const [one, other] = sockets.map(take) as [ReturnType<typeof take>, ReturnType<typeof take>];
  const length = 8 * 1024 * 1024;
  one.socket.writeNow(Buffer.alloc(length, 'x'));
  one.socket.writeNow(Buffer.from('behind it'));
  await expect.poll(() => other.heard.bytes).toBe(length + 9);
  await expect.poll(() => one.heard.events).toEqual(['drained']);
});
