/** A backend that takes signed calls alone, in each framework. */
import { createServer } from 'node:http';
import express from 'express';
import fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { createBackend, expressHandler, fastifyPlugin } from '../src/index.ts';
import { frameworks } from './support/frameworks.ts';
import { listen, running } from './support/servers.ts';
import { type CallToSign, CONNECTION_ID, KEY, signatureOf } from './support/signed-call.ts';

const backend = () =>
  createBackend({
    endpoint: 'http://127.0.0.1:9/production',
    authenticate: (token) => token ?? null,
    onMessage: ({ text }) => `heard ${text}`,
    signing: { keys: () => [KEY, 'another key of at least thirty-two characters'] },
    log: () => {},
  });

function send(base: string, call: CallToSign, headers: Record<string, string> = {}) {
  const { url, body } = call;
  return fetch(`${base}${url}`, {
    method: 'POST',
    headers: {
      connectionId: CONNECTION_ID,
      'x-postern-signature': signatureOf(call),
      ...headers,
    },
    ...(body !== undefined && { body }),
  });
}

const withParserFirst = /express\.json\(\)/;
const suited = Object.entries(frameworks).filter(([name]) => !withParserFirst.test(name));

describe.each(suited)('%s', (_, start) => {
  test('signed calls are served, others answered 403', async () => {
    const app = await start(backend());
    const connect = { url: '/ws/connect?token=ada', nonce: 'A'.repeat(22) };
    expect((await send(app.url, connect)).status).toBe(200);
    const message = { url: '/ws/message', body: '{"text":"\u00e9"}', nonce: 'B'.repeat(22) };
    const answer = await send(app.url, message);
    expect([answer.status, await answer.text()]).toEqual([200, 'heard {"text":"\u00e9"}']);

    expect((await send(app.url, message)).status, 'sent again').toBe(403);
    const forged = { ...message, key: 'x'.repeat(32), nonce: 'C'.repeat(22) };
    expect((await send(app.url, forged)).status, 'signed by somebody else').toBe(403);
    const unsigned = await fetch(`${app.url}/ws/disconnect`, {
      method: 'POST',
      headers: { connectionId: CONNECTION_ID },
    });
    expect([unsigned.status, await unsigned.json()]).toEqual([403, { message: 'Forbidden' }]);
    const other = { ...message, nonce: 'D'.repeat(22) };
    const mapped = await send(app.url, other, { connectionId: 'AAAA_A9XiQAYKEiI6A==' });
    expect(mapped.status, 'of another connection').toBe(403);
    await app.close();
  });
});

test('a body that a parser has made anew is no longer what was signed', async () => {
  const app = express().use(express.json(), expressHandler(backend()));
  const server = await listen(createServer(app));
  const headers = { 'content-type': 'application/json' };
  const spaced = { url: '/ws/message', body: '{ "text": 1 }' };
  expect((await send(server.url, spaced, headers)).status).toBe(403);
  await server.close();
});

test('a mount path and a prefix are part of what is signed', async () => {
  const mounted = await listen(createServer(express().use('/api', expressHandler(backend()))));
  const connect = { url: '/api/ws/connect?token=ada' };
  expect((await send(mounted.url, connect)).status).toBe(200);
  await mounted.close();

  const app = fastify();
  app.register(fastifyPlugin(backend()), { prefix: '/api' });
  await app.listen({ port: 0, host: '127.0.0.1' });
  expect((await send(running(app.server).url, connect)).status).toBe(200);
  await app.close();
});

test('a call refused for its signature says why in the log', async () => {
  const events: string[] = [];
  const { handle } = createBackend({
    endpoint: 'http://127.0.0.1:9/production',
    authenticate: () => 'ada',
    signing: { keys: [KEY] },
    log: ({ event }) => events.push(event),
  });
  const answer = await handle({ method: 'POST', url: '/ws/message', headers: {}, body: 'x' });
  expect(answer?.status).toBe(403);
  expect(events).toEqual(['a call was refused, its signature is missing']);
});
