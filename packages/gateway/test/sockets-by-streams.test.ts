/**
 * The same once more where sockets are used as streams: on a Node.js whose handles nobody has tried. Nobody
 * must be able to tell.
 */
import { describe, expect, test } from 'vitest';

process.env.POSTERN_SOCKETS = 'streams';
const { internals } = await import('../src/transport/node-handles.ts');

test('no handle is used', () => {
  expect(internals).toBeUndefined();
});

describe('pushes', async () => {
  await import('./push-lane.test.ts');
});

describe('handshakes', async () => {
  await import('./handshake-lane.test.ts');
});

describe('closing', async () => {
  await import('./close.test.ts');
});

describe('slow clients', async () => {
  await import('./slow-client.test.ts');
});

describe('any bytes', async () => {
  await import('./frame-fuzz.test.ts');
});
