import type { ServerResponse } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { beforeEach, describe, expect, test } from 'vitest';
import { handshake } from '../support/raw-client.ts';
import type { TestApi } from '../support/start-gateway.ts';
import { connect } from '../support/test-socket.ts';
import { push, type Settings, useBench } from './support.ts';

const bench = useBench({ sendQueueBytesMax: 131_072 });

let ids: string[];
let held: ServerResponse[];
beforeEach(() => {
  ids = [];
  held = [];
});

/** An API whose `$connect` waits for the test, which learns the id meanwhile. */
async function waitingApi(settings: Settings): Promise<TestApi> {
  const requestParameters = {
    'integration.request.header.connectionId': 'context.connectionId',
  };
  const api = await bench.api(settings, {
    $connect: { url: `${bench.backend.url}/connect`, requestParameters },
  });
  bench.backend.answer('/connect', ({ headers }, response) => {
    ids.push(String(headers.connectionid));
    held.push(response);
  });
  return api;
}

/** A handshake that waits in `$connect`: the socket it may become, and its id. */
async function begin(api: TestApi) {
  const socket = connect(api.wsUrl);
  socket.catch(() => {});
  await bench.backend.requests('/connect').next();
  return { socket, id: ids[0]!, answer: held[0]! };
}

const call = async (api: TestApi, id: string, method: string) =>
  (await fetch(`${api.endpoint}/@connections/${encodeURIComponent(id)}`, { method })).status;

describe('pushDuringConnect', () => {
  test('pushes wait for the 101 and come first, in order', async () => {
    const api = await waitingApi({ pushDuringConnect: true });
    const { socket, id, answer } = await begin(api);
    for (const text of ['one', 'two', '']) expect(await push(api, id, text)).toBe(200);
    answer.end();
    const client = await socket;
    expect(await push(api, id, 'three')).toBe(200);
    const received = [];
    for (let at = 0; at < 4; at += 1) received.push(await client.next());
    expect(received).toEqual(['one', 'two', '', 'three']);
  });

  test('GET and DELETE still answer 410: there is no connection yet', async () => {
    const api = await waitingApi({ pushDuringConnect: true });
    const { socket, id, answer } = await begin(api);
    expect(await call(api, id, 'GET')).toBe(410);
    expect(await call(api, id, 'DELETE')).toBe(410);
    answer.end();
    await socket;
    expect(await call(api, id, 'GET')).toBe(200);
  });

  test('a refused handshake drops them, and 410 from then on', async () => {
    const api = await waitingApi({ pushDuringConnect: true });
    const { socket, id, answer } = await begin(api);
    expect(await push(api, id, 'never read')).toBe(200);
    answer.writeHead(403).end();
    await expect(socket).rejects.toThrow('403');
    expect(await push(api, id, 'too late')).toBe(410);
  });

  test('100 pushes wait, one more is 429', async () => {
    const api = await waitingApi({ pushDuringConnect: true });
    const { socket, id, answer } = await begin(api);
    for (let at = 0; at < 100; at += 1) expect(await push(api, id, String(at))).toBe(200);
    expect(await push(api, id, 'one more')).toBe(429);
    answer.end();
    const client = await socket;
    for (let at = 0; at < 100; at += 1) expect(await client.next()).toBe(String(at));
  });

  test('as many bytes wait as an open connection may have unread, one more is 429', async () => {
    const api = await waitingApi({ pushDuringConnect: true });
    const { socket, id, answer } = await begin(api);
    expect(await push(api, id, 'x'.repeat(131_000))).toBe(200);
    expect(await push(api, id, 'x'.repeat(73))).toBe(429);
    expect(await push(api, id, 'x'.repeat(72))).toBe(200);
    answer.end();
    const client = await socket;
    expect((await client.next()).length).toBe(131_000);
    expect((await client.next()).length).toBe(72);
  });

  test('a push past the limit of messages is 413, as ever', async () => {
    const api = await waitingApi({ pushDuringConnect: true });
    const { id, answer } = await begin(api);
    expect(await push(api, id, 'x'.repeat(131_073))).toBe(413);
    answer.end();
  });

  test('a client that hangs up meanwhile: the pushes are gone, and so is it', async () => {
    const api = await waitingApi({ pushDuringConnect: true });
    const { hostname, port } = new URL(api.wsUrl);
    const client = connectTcp(Number(port), hostname);
    client.write(handshake(api.wsUrl));
    await bench.backend.requests('/connect').next();
    expect(await push(api, ids[0]!, 'never read')).toBe(200);
    client.destroy();
    // A round trip later the gateway has seen it go.
    expect(await push(api, ids[0]!, 'nor this')).toBe(200);
    held[0]!.end();
    expect((await bench.disconnect()).code).toBe('1006');
    expect(await push(api, ids[0]!, 'too late')).toBe(410);
  });

  test('without it a push during $connect is 410', async () => {
    const api = await waitingApi({});
    const { socket, id, answer } = await begin(api);
    expect(await push(api, id, 'too early')).toBe(410);
    answer.end();
    const client = await socket;
    expect(client.pending).toBe(0);
  });
});
