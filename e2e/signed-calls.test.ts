/** The gateway signs, the backend kit verifies: they know each other by the wire alone. */

import { writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Backend, createBackend, expressHandler, nodeHandler } from '@postern/backend';
import express from 'express';
import { expect, test } from 'vitest';
import { useCleanup } from './support/cleanup.ts';
import { startGateway } from './support/gateway.ts';
import { openSocket } from './support/socket.ts';

const cleanup = useCleanup();
const KEY = 'k'.repeat(64);

const kit = (keys: string[]) =>
  createBackend({
    endpoint: 'http://127.0.0.1:9/production',
    authenticate: (token) => token ?? null,
    onMessage: ({ text }) => `heard ${text}`,
    signing: { keys },
    log: () => {},
  });

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function gatewayFor(backendUrl: string) {
  const folder = await cleanup.folder();
  const key = join(folder, 'signing.key');
  await writeFile(key, KEY);
  const config = join(folder, 'postern.yaml');
  await writeFile(
    config,
    `apis:
  chat:
    routes:
      $connect: ${backendUrl}/ws/connect
      $disconnect: ${backendUrl}/ws/disconnect
      $default: { url: '${backendUrl}/ws/message', twoWay: true }
`,
  );
  const args = ['--ephemeral', '--config', config, '--backend-signing-key-file', key];
  return startGateway(cleanup, { args });
}

const mounts: [string, string, (backend: Backend) => RequestListener][] = [
  ['node:http', '', (backend) => nodeHandler(backend)],
  ['Express under a path', '/api', (backend) => express().use('/api', expressHandler(backend))],
];

test.each(mounts)('%s takes the calls of a gateway with its key', async (_, mount, handler) => {
  const url = await serve(handler(kit(['next'.repeat(16), KEY])));
  const gateway = await gatewayFor(url + mount);
  const socket = await openSocket(cleanup, `${gateway.webSocketUrl}?token=ada%20l`);
  socket.send('{"text":"é"}');
  expect(await socket.next()).toBe('heard {"text":"é"}');
});

test('a backend with another key lets nobody in', async () => {
  const url = await serve(nodeHandler(kit(['next'.repeat(16)])));
  const gateway = await gatewayFor(url);
  await expect(openSocket(cleanup, `${gateway.webSocketUrl}?token=ada`)).rejects.toThrow(/403/);
});
