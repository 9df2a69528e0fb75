import { describe, expect, test } from 'vitest';
import type { TestApi } from './support/start-gateway.ts';
import { connect, type TestSocket } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

/** What becomes of pushes that a client does not read, and what the pusher is told. */

const BYTES_MAX = 1_048_576;
const MESSAGES_MAX = 50;
const LARGE = 'x'.repeat(131_000);

const at = useGateway(async () => {}, {
  settings: { sendQueueBytesMax: BYTES_MAX, sendQueueMessagesMax: MESSAGES_MAX },
});

async function open(tags: Record<string, string> = {}) {
  const { backend, gateway } = at;
  const api = await gateway.createApi({
    routes: {
      $connect: {
        url: `${backend.url}/connect`,
        requestParameters: {
          'integration.request.header.connectionId': 'context.connectionId',
        },
      },
      $disconnect: { url: `${backend.url}/disconnect` },
    },
    tags,
  });
  const socket = await connect(api.wsUrl);
  const { headers } = await backend.requests('/connect').next();
  return { api, socket, id: String(headers.connectionid) };
}

async function push({ endpoint }: TestApi, id: string, body: string) {
  const reply = await fetch(`${endpoint}/@connections/${encodeURIComponent(id)}`, {
    method: 'POST',
    body,
  });
  const { status, headers } = reply;
  return {
    status,
    type: headers.get('x-amzn-errortype'),
    reason: headers.get('x-postern-reason'),
    body: await reply.text(),
  };
}

/** Pushes numbered messages, as large as `text` makes them, until one is not answered 200. */
async function pushUntilRefused(api: TestApi, id: string, text: string, most = 500) {
  for (let number = 0; number < most; number += 1) {
    const reply = await push(api, id, `${number}:${text}`);
    if (reply.status !== 200) return { accepted: number, reply };
  }
  throw new Error('everything was taken');
}

/** Fills what the kernel buffers, so that from then on every message waits in the gateway. */
async function fill(api: TestApi, id: string, socket: TestSocket) {
  socket.socket.pause();
  return pushUntilRefused(api, id, LARGE);
}

async function read(socket: TestSocket, count: number): Promise<number[]> {
  socket.socket.resume();
  const numbers: number[] = [];
  while (numbers.length < count) numbers.push(Number((await socket.next()).split(':', 1)[0]));
  return numbers;
}

const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);

describe('reject, as on AWS:', () => {
  test('the push that has no room is told that it is the client', async () => {
    const { api, socket, id } = await open();
    const { accepted, reply } = await fill(api, id, socket);
    expect(reply).toEqual({
      status: 429,
      type: 'LimitExceededException',
      reason: 'slow-client',
      body: '{"message":"The client reads too slowly"}',
    });
    // Everything that was answered 200 arrives, in order, and then there is room again.
    expect(await read(socket, accepted)).toEqual(upTo(accepted));
    expect((await push(api, id, `${accepted}:again`)).status).toBe(200);
    expect(await read(socket, 1)).toEqual([accepted]);
  });

  test('small messages are counted, not only their bytes', async () => {
    const { api, socket, id } = await open();
    const { accepted } = await fill(api, id, socket);
    socket.socket.resume();
    expect(await read(socket, accepted)).toEqual(upTo(accepted));
    socket.socket.pause();
    // Now the kernel's buffers are filled by messages of which few fit, then small ones follow.
    const more = await pushUntilRefused(api, id, LARGE);
    expect(more.reply.reason).toBe('slow-client');
    const few = await pushUntilRefused(api, id, '');
    expect(few.accepted).toBeGreaterThan(MESSAGES_MAX / 2);
    expect(few.accepted).toBeLessThanOrEqual(MESSAGES_MAX);
    expect(few.reply.reason).toBe('slow-client');
  });

  test('a deletion of the connection comes after what was taken for it', async () => {
    const { api, socket, id } = await open();
    const { accepted } = await fill(api, id, socket);
    const url = `${api.endpoint}/@connections/${encodeURIComponent(id)}`;
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(204);
    expect(await read(socket, accepted)).toEqual(upTo(accepted));
    expect((await socket.closed).code).toBe(1000);
  });
});

test('a reply that has no room is dropped, and the log says so', async () => {
  const { backend, gateway } = at;
  const api = await gateway.createApi({
    routes: { $default: { url: `${backend.url}/message`, twoWay: true } },
  });
  backend.answer('/message', (_, response) => response.end(LARGE));
  const socket = await connect(api.wsUrl);
  socket.socket.pause();
  let reason: string | undefined;
  for (let count = 0; reason === undefined && count < 500; count += 1) {
    socket.send('more');
    for (;;) {
      const event = await gateway.events.next();
      if (event.kind !== 'message') continue;
      reason = event.reason;
      break;
    }
  }
  expect(reason).toBe('the reply was dropped: the client reads too slowly');
});

describe('dropOldest:', () => {
  test('the newest messages arrive, in order, and every push is answered 200', async () => {
    const { api, socket, id } = await open({ 'postern:slowClients': 'dropOldest' });
    socket.socket.pause();
    const pushed = 150;
    for (const number of upTo(pushed)) {
      expect((await push(api, id, `${number}:${LARGE}`)).status).toBe(200);
    }
    socket.socket.resume();
    const numbers: number[] = [];
    while (numbers.at(-1) !== pushed - 1) numbers.push(...(await read(socket, 1)));
    expect(numbers.length).toBeLessThan(pushed);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    // The last seven fit into the queue beside what the socket had.
    expect(numbers.slice(-6)).toEqual(upTo(pushed).slice(-6));
  });

  test('the log says so', async () => {
    const { api, socket, id } = await open({ 'postern:slowClients': 'dropOldest' });
    socket.socket.pause();
    for (const number of upTo(150)) await push(api, id, `${number}:${LARGE}`);
    const reasons = new Set<string>();
    while (at.gateway.events.size > 0) {
      const { kind, reason } = await at.gateway.events.next();
      if (kind === 'push' && reason !== undefined) reasons.add(reason);
    }
    expect([...reasons]).toEqual(['older messages were dropped: the client reads too slowly']);
  });
});

describe('close:', () => {
  test('the client is closed with 1008, and the pusher told that it is gone', async () => {
    const { api, socket, id } = await open({ 'postern:slowClients': 'close' });
    const { reply } = await fill(api, id, socket);
    expect([reply.status, reply.type]).toEqual([410, 'GoneException']);
    socket.socket.resume();
    expect(await socket.closed).toEqual({ code: 1008, reason: 'Client reads too slowly' });
    await at.backend.requests('/disconnect').next();
  });
});
