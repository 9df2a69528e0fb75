import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as engine from '../src/engine.ts';
import * as exported from '../src/index.ts';
import * as testing from '../src/testing.ts';
import { startBackend } from './support/recording-backend.ts';
import { connect } from './support/test-socket.ts';

test('the doors of the package, and the values behind them', () => {
  const manifest = new URL('../package.json', import.meta.url);
  const { exports } = JSON.parse(readFileSync(manifest, 'utf8')) as { exports: object };
  expect(Object.keys(exports)).toEqual(['.', './engine', './testing', './package.json']);
  expect(Object.keys(exported).sort()).toEqual([
    'ConfigurationError',
    'createGateway',
    'loadConfiguration',
    'silentLog',
    'systemClock',
  ]);
  expect(Object.keys(engine)).toEqual(['EngineUnavailable']);
  expect(Object.keys(testing)).toEqual(['startTestGateway']);
});

test('postern/testing: a gateway with the API of a backend, for somebody’s own tests', async () => {
  const backend = await startBackend();
  const gateway = await testing.startTestGateway({ backend: backend.url });
  const socket = await connect(`${gateway.webSocketUrl}?token=abc`);
  const { url, headers } = await backend.requests('/ws/connect').next();
  expect(url).toBe('/ws/connect?token=abc');
  socket.send('hello');
  expect((await backend.requests('/ws/message').next()).text).toBe('hello');
  const id = encodeURIComponent(String(headers.connectionid));
  const pushed = await fetch(`${gateway.endpoint}/@connections/${id}`, {
    method: 'POST',
    body: 'pushed',
  });
  expect(pushed.status).toBe(200);
  expect(await socket.next()).toBe('pushed');
  await gateway.stop();
  expect((await socket.closed).code).toBe(1001);
  expect((await backend.requests('/ws/disconnect').next()).headers.connectionid).toBe(
    headers.connectionid,
  );
  await backend.stop();
});

test('postern/testing: without a backend a gateway that has no API yet', async () => {
  const gateway = await testing.startTestGateway();
  const apis = await fetch(`${gateway.url}/v2/apis`);
  expect(await apis.json()).toEqual({ items: [] });
  await gateway.stop();
});
