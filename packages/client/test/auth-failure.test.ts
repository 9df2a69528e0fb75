import { expect, test } from 'vitest';
import { stateReached, useHarness, type Watched } from './support/harness.ts';
import type { Step } from './support/scripted-server.ts';

const harness = useHarness();

function refusals(count: number, status = 401): Step[] {
  return Array.from({ length: count }, () => ({ refuse: status }));
}

/** Lets the client wait and retry until it stops, and answers how long it waited each time. */
async function waitsUntilStopped({ states }: Watched): Promise<number[]> {
  const waits: number[] = [];
  for (;;) {
    const [state, { delayMs = 0 }] = await states.next();
    if (state === 'stopped') return waits;
    if (state !== 'waiting') continue;
    waits.push(delayMs);
    harness.timers.advance(delayMs);
  }
}

test.each([401, 403])(
  'refused with %i and three retries in vain, the client stops',
  async (status) => {
    harness.server.script(...refusals(10, status));
    const watched = harness.connect({ token: 'bad' });
    const heard: string[] = [];
    watched.client.onAuthFailure(() => heard.push(watched.client.state));
    expect(await waitsUntilStopped(watched)).toEqual([5_000, 10_000, 20_000]);
    expect(heard).toEqual(['stopped']);
    expect(harness.timers.pending).toBe(0);
    harness.timers.advance(3_600_000);
    expect(harness.server.handshakeCount).toBe(4);
  },
);

test('the state says why: auth', async () => {
  harness.server.script(...refusals(1));
  const watched = harness.connect({ authFailuresMax: 0 });
  const detail = await stateReached(watched, 'stopped');
  expect(detail).toEqual({ previous: 'connecting', code: 1006, reason: 'auth' });
});

test('a success at the last retry keeps the client going', async () => {
  harness.server.script(...refusals(3));
  const watched = harness.connect();
  for (let failure = 0; failure < 3; failure += 1) {
    harness.timers.advance((await stateReached(watched, 'waiting')).delayMs ?? 0);
  }
  await stateReached(watched, 'open');
});

test('after a first success the client never stops by itself', async () => {
  const { connection, ...watched } = await harness.connectAndOpen({ authFailuresMax: 1 });
  harness.server.script(...refusals(6));
  connection.drop();
  for (let failure = 0; failure < 7; failure += 1) {
    harness.timers.advance((await stateReached(watched, 'waiting')).delayMs ?? 0);
  }
  await stateReached(watched, 'open');
});

test('a token or URL that fails counts like a refusal and never crashes', async () => {
  const broken: (() => string | Promise<string>)[] = [
    () => {
      throw new Error('signed out');
    },
    () => Promise.reject(new Error('signed out')),
    () => '',
    () => undefined as unknown as string,
  ];
  for (const source of broken) {
    for (const option of ['token', 'url']) {
      const watched = harness.connect({ [option]: source });
      expect(await waitsUntilStopped(watched)).toEqual([5_000, 10_000, 20_000]);
      const errors = watched.errors.drain();
      expect(errors).toHaveLength(4);
      expect(errors[0]).toMatchObject([expect.any(Error), 'address']);
    }
  }
  expect(harness.server.handshakeCount).toBe(0);
});

test('an address the WebSocket refuses counts as a failure, told without the token', async () => {
  const watched = harness.connect({ url: 'nonsense://here?a=b', token: 'secret' });
  await stateReached(watched, 'waiting');
  const [error, source] = await watched.errors.next();
  expect(source).toBe('address');
  expect(String(error)).toContain('nonsense://here ');
  expect(String(error)).not.toContain('secret');
});

test('reconnect() starts a stopped client again, with all its retries', async () => {
  harness.server.script(...refusals(8));
  const watched = harness.connect();
  await waitsUntilStopped(watched);
  watched.client.reconnect();
  expect(await waitsUntilStopped(watched)).toEqual([5_000, 10_000, 20_000]);
  watched.client.reconnect();
  await stateReached(watched, 'open');
});
