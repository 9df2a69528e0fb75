/**
 * Goal: no sequence of bytes on an open connection stops the gateway from serving the others.
 * Method: seeded random frames, half of them well formed up to a detail, each on a connection of its
 * own; after each, an honest client must get its answer.
 */
import { connect as connectTcp } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { handshake } from './support/raw-client.ts';
import { startGateway, type TestGateway } from './support/start-gateway.ts';
import { connect } from './support/test-socket.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(async () => {
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
});

const mask = Buffer.from([1, 2, 3, 4]);

/** A client frame whose header may lie: any opcode and flags, any announced length. */
function frame(first: number, isMasked: boolean, announced: number, payload: Uint8Array): Buffer {
  const bit = isMasked ? 0x80 : 0;
  const length =
    announced < 126
      ? Buffer.from([bit | announced])
      : announced < 65_536
        ? Buffer.from([bit | 126, announced >> 8, announced & 255])
        : Buffer.concat([Buffer.from([bit | 127, 0, 0, 0, 0]), uint32(announced)]);
  const masked = Buffer.from(payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0)));
  return Buffer.concat([Buffer.from([first]), length, ...(isMasked ? [mask] : []), masked]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const anyFrame = fc
  .tuple(
    fc.integer({ min: 0, max: 255 }),
    fc.boolean(),
    fc.option(fc.integer({ min: 0, max: 200_000 }), { freq: 3, nil: undefined }),
    fc.uint8Array({ maxLength: 125 }),
  )
  .map(([first, isMasked, announced, payload]) =>
    frame(first, isMasked, announced ?? payload.length, payload),
  );

const anyBytes = fc.oneof(
  fc.array(anyFrame, { maxLength: 6 }).map((frames) => Buffer.concat(frames)),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);

function sendRaw(wsUrl: string, bytes: Buffer): Promise<void> {
  const { hostname, port } = new URL(wsUrl);
  return new Promise((resolve) => {
    const socket = connectTcp(Number(port), hostname);
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.once('data', () => {
      socket.resume();
      socket.end(bytes);
    });
    socket.write(handshake(wsUrl, ['Sec-WebSocket-Extensions: permessage-deflate']));
  });
}

const everySetting = {
  'postern:binaryFrames': 'true',
  'postern:orderedMessages': 'true',
  'postern:permessageDeflate': 'true',
  'postern:messageBytesMax': '10485760',
};

test.each([
  ['as on AWS', {}, 300],
  ['on a stage with settings of its own', everySetting, 200],
])('%s: whatever one client sends, another is served', async (_, tags, numRuns) => {
  const api = await gateway.createApi({ routes: { known: {} }, tags });
  const honest = await connect(api.wsUrl);
  await fc.assert(
    fc.asyncProperty(anyBytes, async (bytes) => {
      await sendRaw(api.wsUrl, bytes);
      honest.send('{"action":"unknown"}');
      expect(await honest.next()).toMatch(/^\{"message": "Forbidden", /);
    }),
    { seed: 20261122, numRuns },
  );
});
