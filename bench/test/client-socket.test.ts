import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { ClientSocket } from '../src/load/client-socket.mjs';

let server: WebSocketServer;
let port: number;

beforeEach(async () => {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});

/** What a client takes for a fault, as it comes. */
function record() {
  const faults: string[] = [];
  return { faults, events: { onText: () => {}, onFault: (kind: string) => faults.push(kind) } };
}

afterEach(() => new Promise((resolve) => server.close(resolve)));

test('a client for which there is no port waits for one, and that is nobody’s fault', async () => {
  const { faults, events } = record();
  let attempts = 0;
  const client = new ClientSocket(
    {
      host: '127.0.0.1',
      port,
      path: '/',
      // Of the first the kernel says that it cannot be had, as of one that has no port left.
      get localAddress() {
        attempts += 1;
        return attempts <= 2 ? '192.0.2.1' : '127.0.0.2';
      },
    },
    events,
  );
  await client.open();
  expect([attempts, faults]).toEqual([3, []]);
  await new Promise<void>((gone) => client.drop(gone));
});

test('a server that is not there is a fault at once', async () => {
  const { faults, events } = record();
  await new Promise((resolve) => server.close(resolve));
  const client = new ClientSocket({ host: '127.0.0.1', port, path: '/' }, events);
  await expect(client.open()).rejects.toThrow('ECONNREFUSED');
  expect(faults).toContain('socket error');
});

test('a client that is dropped is gone, without a fault, and may be dropped again', async () => {
  const { faults, events } = record();
  const client = new ClientSocket({ host: '127.0.0.1', port, path: '/' }, events);
  await client.open();
  const [socket] = [...server.clients];
  const closed = once(socket!, 'close');
  await new Promise<void>((gone) => client.drop(gone));
  await new Promise<void>((gone) => client.drop(gone));
  await closed;
  expect(faults).toEqual([]);
});
