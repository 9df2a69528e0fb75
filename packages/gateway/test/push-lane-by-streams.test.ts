/** The same once more where sockets are used as streams: on a Node.js whose handles nobody has tried. */
import { expect, test } from 'vitest';

process.env.POSTERN_SOCKETS = 'streams';
const { internals } = await import('../src/transport/node-handles.ts');

test('no handle is used', () => {
  expect(internals).toBeUndefined();
});

await import('./push-lane.test.ts');
