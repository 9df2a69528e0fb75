import { afterEach, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type ClientOptions, connect } from '../src/index.ts';
import { resolveOptions } from '../src/options.ts';

const url = 'ws://127.0.0.1:1/production';
afterEach(() => vi.unstubAllGlobals());

test('where there is no WebSocket class, the error says to pass one', () => {
  vi.stubGlobal('WebSocket', undefined);
  expect(() => connect({ url })).toThrow(TypeError);
  expect(() => connect({ url })).toThrow(/pass a class as the option `WebSocket`.*'ws'/);
});

test('the global WebSocket class is the default', () => {
  vi.stubGlobal('WebSocket', WebSocket);
  expect(resolveOptions({ url }).WebSocket).toBe(WebSocket);
});

test('a missing URL is named', () => {
  expect(() => resolveOptions({ WebSocket } as unknown as ClientOptions)).toThrow(
    'The option `url` is missing',
  );
});

test.each([
  ['reconnectDelayMs', [0, 2_147_483_647], [-1, 2_147_483_648, Number.NaN]],
  ['reconnectDelayMaxMs', [0, 2_147_483_647], [-1, 2_147_483_648]],
  ['jitter', [0, 1], [-0.1, 1.1]],
  ['connectTimeoutMs', [1, 2_147_483_647], [0, 2_147_483_648]],
  ['authFailuresMax', [0, Infinity], [-1]],
  ['silenceTimeoutMs', [0, Infinity], [-1]],
  ['silenceCheckIntervalMs', [1, 2_147_483_647], [0, 2_147_483_648]],
] as const)('%s is checked at its limits', (name, allowed, refused) => {
  for (const value of allowed) {
    expect(resolveOptions({ url, WebSocket, [name]: value })[name]).toBe(value);
  }
  for (const value of refused) {
    expect(() => resolveOptions({ url, WebSocket, [name]: value })).toThrow(
      `The option \`${name}\` must be from ${allowed[0]} to ${allowed[1]}, not ${value}`,
    );
  }
});

test('undefined means the default', () => {
  const given = { url, WebSocket, jitter: undefined } as unknown as ClientOptions;
  expect(resolveOptions(given).jitter).toBe(0.2);
});
