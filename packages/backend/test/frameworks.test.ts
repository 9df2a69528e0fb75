import { createServer } from 'node:http';
import express from 'express';
import fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { createBackend, expressHandler, fastifyPlugin, nodeHandler } from '../src/index.ts';
import { frameworkContract } from './frameworks.contract.ts';
import { frameworks } from './support/frameworks.ts';
import { connect } from './support/gateway-calls.ts';
import { listen, running } from './support/servers.ts';

describe.each(Object.entries(frameworks))('%s', (_name, start) => frameworkContract(start));

const quiet = {
  endpoint: 'http://127.0.0.1:9/production',
  authenticate: (token: string | undefined) => token ?? null,
};

test('node:http without another handler answers 404 beside the paths', async () => {
  const app = await listen(createServer(nodeHandler(createBackend(quiet))));
  const response = await fetch(`${app.url}/elsewhere`);
  expect(response.status).toBe(404);
  expect(await response.json()).toEqual({ message: 'Not Found' });
  await app.close();
});

test('without the debug option its endpoints do not exist', async () => {
  const app = await listen(createServer(nodeHandler(createBackend(quiet))));
  expect((await fetch(`${app.url}/debug/ws-connections`)).status).toBe(404);
  await app.close();
});

test('an Express mount path comes before the paths', async () => {
  const backend = createBackend(quiet);
  const app = express().use('/api', expressHandler(backend));
  const server = await listen(createServer(app));
  const response = await connect(`${server.url}/api`, { connectionId: 'A=', token: 'a' });
  expect(response.status).toBe(200);
  await server.close();
});

test('a Fastify prefix comes before the paths', async () => {
  const app = fastify();
  app.register(fastifyPlugin(createBackend(quiet)), { prefix: '/api' });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { url } = running(app.server);
  const response = await connect(`${url}/api`, { connectionId: 'A=', token: 'a' });
  expect(response.status).toBe(200);
  await app.close();
});
