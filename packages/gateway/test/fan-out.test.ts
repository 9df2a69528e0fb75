import { randomBytes } from 'node:crypto';
import { connect as connectTcp, type Socket } from 'node:net';
import { constants, inflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clientFrame, type RawClient, rawConnect } from './support/raw-client.ts';
import type { TestApi } from './support/start-gateway.ts';
import { connect, type TestSocket } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

/** `POST /{stage}/@connections`, which AWS does not have: one message to every connection that is meant. */

const QUEUE_BYTES_MAX = 1_048_576;
const LARGE = 'x'.repeat(131_000);

let api: TestApi;
const at = useGateway(
  async ({ gateway }) => {
    api = await gateway.createApi({ routes: { $default: { type: 'MOCK' } } });
  },
  { settings: { sendQueueBytesMax: QUEUE_BYTES_MAX, httpAuthorizers: true } },
);

interface Client {
  readonly socket: TestSocket;
  readonly id: string;
}

async function open(
  to = api,
  headers: Record<string, string> = {},
  query = '',
  more: { readonly offersDeflate?: boolean } = {},
): Promise<Client> {
  const socket = await connect(`${to.wsUrl}${query}`, { headers, ...more });
  for (;;) {
    const { kind, connectionId = '' } = await at.gateway.events.next();
    if (kind === 'connect') return { socket, id: connectionId };
  }
}

const several = async (count: number): Promise<Client[]> => {
  const clients: Client[] = [];
  while (clients.length < count) clients.push(await open());
  return clients;
};

async function fanOut(body: BodyInit, query = '', endpoint = api.endpoint) {
  const reply = await fetch(`${endpoint}/@connections${query}`, { method: 'POST', body });
  const text = await reply.text();
  return { status: reply.status, headers: reply.headers, text, answer: parsed(text) };
}
const parsed = (text: string): unknown => (text === '' ? undefined : JSON.parse(text));

const push = (id: string, body: string) =>
  fetch(`${api.endpoint}/@connections/${encodeURIComponent(id)}`, { method: 'POST', body });

const counts = (delivered: number, refused = 0, gone = 0) => ({ delivered, refused, gone });
const ids = (clients: readonly Client[]) =>
  `?${clients.map(({ id }) => `connectionId=${encodeURIComponent(id)}`).join('&')}`;

/** The log's next event of a message to many. */
async function fanOutEvent() {
  for (;;) {
    const event = await at.gateway.events.next();
    if (event.kind === 'fan-out') return event;
  }
}

/** What `/@metrics` says was delivered: messages as AWS counts them, those of `$connect` included, and bytes. */
async function metered({ apiId, stage } = api) {
  const page = await (await fetch(`${at.gateway.url}/@metrics`)).text();
  const value = (series: string) =>
    Number(
      page
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.slice(series.length),
    );
  return {
    messages: value(`postern_stage_message_count_total{api_id="${apiId}",stage="${stage}"}`),
    bytes: value('postern_push_bytes_total'),
    fanOuts: value('postern_event_duration_seconds_count{kind="fan-out"}'),
  };
}

/** What has come to a client, a mark sent after it being the end. */
async function received({ socket, id }: Client): Promise<string[]> {
  await push(id, 'the end');
  const texts: string[] = [];
  for (;;) {
    const text = await socket.next();
    if (text === 'the end') return texts;
    texts.push(text);
  }
}

let callers: Socket[] = [];
afterEach(() => {
  for (const socket of callers) socket.destroy();
  callers = [];
});

/** A connection to call on that has served already, so that what is written is read in the next turn. */
async function caller(to = api) {
  const { hostname, port, pathname } = new URL(to.endpoint);
  const socket = connectTcp(Number(port), hostname);
  callers.push(socket);
  let text = '';
  let answer = (_: string) => {};
  socket.on('data', (chunk) => {
    text += chunk;
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) return;
    answer(text.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length) + text.slice(end + 4));
    text = '';
  });
  const nextAnswer = () =>
    new Promise<string>((resolve) => {
      answer = resolve;
    });
  const requestOf = (path: string, body: string) =>
    `POST ${pathname}/@connections${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n` +
    `Content-Length: ${body.length}\r\n\r\n${body}`;
  const call = (path: string, body: string) => {
    socket.write(requestOf(path, body));
    return nextAnswer();
  };
  /** A call to all but for its last byte, which the function writes that it resolves with. */
  const begin = async (body: string) => {
    const request = requestOf('', body);
    await new Promise((taken) => socket.write(request.slice(0, -1), taken));
    return () => {
      socket.write(request.slice(-1));
      return nextAnswer();
    };
  };
  /** Calls in one piece; nobody waits for their answers. */
  const write = (...calls: readonly [path: string, body: string][]) =>
    socket.write(calls.map(([path, body]) => requestOf(path, body)).join(''));
  expect(await call('/', '')).toMatch(/^403/);
  return Object.assign(call, { begin, write });
}
const answered = (expected: object) => `200${JSON.stringify(expected)}`;

const deflatingApi = (tags: Record<string, string> = {}) =>
  at.gateway.createApi({
    routes: { $default: { type: 'MOCK' } },
    tags: { 'postern:permessageDeflate': 'true', ...tags },
  });
const noise = (bytes: number) => randomBytes(bytes).toString('hex').slice(0, bytes);

describe('one call', () => {
  test('reaches every connection of the stage, and says how many', async () => {
    const clients = await several(3);
    const { status, headers, answer } = await fanOut('{"type":"news"}');
    expect([status, answer]).toEqual([200, counts(3)]);
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get('x-amz-apigw-id')).toMatch(/^[\w-]{15}=$/);
    for (const client of clients) expect(await received(client)).toEqual(['{"type":"news"}']);
  });

  test('reaches no connection of another stage or API, and none is no failure', async () => {
    const other = await at.gateway.createApi({ routes: { $default: { type: 'MOCK' } } });
    await at.gateway.control('POST', `/v2/apis/${api.apiId}/stages`, { stageName: 'beta' });
    await at.gateway.control('POST', `/v2/apis/${api.apiId}/deployments`, { stageName: 'beta' });
    const elsewhere = await open(other);
    const beta = await connect(api.wsUrl.replace(/test$/, 'beta'));
    expect((await fanOut('nobody')).answer).toEqual(counts(0));
    await open();
    expect((await fanOut('one')).answer).toEqual(counts(1));
    expect((await fanOut('beta', '', api.endpoint.replace(/test$/, 'beta'))).answer).toEqual(
      counts(1),
    );
    expect(await beta.next()).toBe('beta');
    expect(elsewhere.socket.pending).toBe(0);
  });

  test('keeps its place among pushes, and among other fan-outs', async () => {
    const clients = await several(3);
    for (let n = 0; n < 10; n += 1) {
      for (const { id } of clients) await push(id, `push ${n}`);
      expect((await fanOut(`all ${n}`)).answer).toEqual(counts(3));
    }
    const expected = Array.from({ length: 10 }, (_, n) => [`push ${n}`, `all ${n}`]).flat();
    for (const client of clients) expect(await received(client)).toEqual(expected);
    await Promise.all(Array.from({ length: 10 }, (_, n) => fanOut(String(n))));
    const [first, ...others] = await Promise.all(clients.map(received));
    expect([...first!].sort()).toEqual(Array.from({ length: 10 }, (_, n) => String(n)));
    for (const other of others) expect(other).toEqual(first);
  });

  test('sends text, and what is no UTF-8 as a push would: U+FFFD, or binary where the stage says', async () => {
    const bytes = Buffer.from([0x61, 0xff, 0x62]);
    const [text] = await several(1);
    await fanOut(bytes);
    await fanOut('');
    expect([await text!.socket.next(), await text!.socket.next()]).toEqual(['a\ufffdb', '']);
    const binary = await at.gateway.createApi({
      routes: { $default: { type: 'MOCK' } },
      tags: { 'postern:binaryFrames': 'true' },
    });
    const client = await rawConnect(binary.wsUrl);
    await fanOut(bytes, '', binary.endpoint);
    await fanOut('text', '', binary.endpoint);
    expect(await client.frames.next()).toMatchObject({ fin: true, opcode: 2, payload: bytes });
    expect(await client.frames.next()).toMatchObject({ fin: true, opcode: 1 });
    client.socket.destroy();
  });

  test('is compressed for those who asked for it, and not for others', async () => {
    const deflating = await at.gateway.createApi({
      routes: { $default: { type: 'MOCK' } },
      tags: { 'postern:permessageDeflate': 'true' },
    });
    const small = await connect(deflating.wsUrl, { offersDeflate: true });
    const plain = await rawConnect(deflating.wsUrl);
    expect((await fanOut('y'.repeat(5000), '', deflating.endpoint)).answer).toEqual(counts(2));
    expect(await small.next()).toBe('y'.repeat(5000));
    expect(await plain.frames.next()).toMatchObject({ rsv1: false, payload: { length: 5000 } });
    plain.socket.destroy();
  });

  test('is compressed alike for all who asked for it, and each can read it beside pushes of its own', async () => {
    const deflating = await deflatingApi({ 'postern:binaryFrames': 'true' });
    const clients = [];
    while (clients.length < 3) {
      clients.push(await open(deflating, {}, '', { offersDeflate: true }));
    }
    const bodies = [
      'y'.repeat(1023),
      'y'.repeat(1024),
      noise(40_000),
      noise(131_072),
      'z'.repeat(131_072),
      '',
    ];
    for (const [n, body] of bodies.entries()) {
      // Compressed for the one client by the library, just before and after.
      for (const when of ['before', 'after']) {
        const pushes = clients.map(({ id }) =>
          fetch(`${deflating.endpoint}/@connections/${encodeURIComponent(id)}`, {
            method: 'POST',
            body: `${when} ${n} `.repeat(1000),
          }),
        );
        for (const { status } of await Promise.all(pushes)) expect(status).toBe(200);
        if (when === 'before') {
          expect((await fanOut(body, '', deflating.endpoint)).answer).toEqual(counts(3));
        }
      }
      for (const { socket } of clients) {
        expect(await socket.next()).toBe(`before ${n} `.repeat(1000));
        expect(await socket.next()).toBe(body);
        expect(await socket.next()).toBe(`after ${n} `.repeat(1000));
      }
    }
  });

  test('is in the frames that a client inflates to it, the first of which says that it is compressed', async () => {
    const deflating = await deflatingApi();
    const offer = ['Sec-WebSocket-Extensions: permessage-deflate'];
    const [one, other] = [
      await rawConnect(deflating.wsUrl, offer),
      await rawConnect(deflating.wsUrl, offer),
    ];
    const body = noise(100_000);
    expect((await fanOut(body, '', deflating.endpoint)).answer).toEqual(counts(2));
    const payloads: Buffer[] = [];
    for (let isFirst = true, isLast = false; !isLast; isFirst = false) {
      const frame = await one.frames.next();
      expect(await other.frames.next()).toEqual(frame);
      const { rsv1, opcode, payload, fin } = frame;
      expect([rsv1, opcode]).toEqual(isFirst ? [true, 1] : [false, 0]);
      expect(payload.length).toBeLessThanOrEqual(32_768);
      payloads.push(payload);
      isLast = fin;
    }
    const options = { windowBits: 13, finishFlush: constants.Z_SYNC_FLUSH };
    expect(inflateRawSync(Buffer.concat(payloads), options).toString()).toBe(body);
    expect(payloads.length).toBeGreaterThan(1);
    one.socket.destroy();
    other.socket.destroy();
  });

  test('does not overtake a push that is still being compressed', async () => {
    const deflating = await deflatingApi();
    const { id, socket } = await open(deflating, {}, '', { offersDeflate: true });
    const call = await caller(deflating);
    const pushed = 'pushed '.repeat(4000);
    const toAll = 'to all '.repeat(1000);
    for (let n = 0; n < 5; n += 1) {
      const path = `/${encodeURIComponent(id)}`;
      call.write([path, pushed], ['', toAll], ['', 'short'], [path, 'end']);
      expect(await socket.next()).toBe(pushed);
      expect([await socket.next(), await socket.next()]).toEqual([toAll, 'short']);
      expect(await socket.next()).toBe('end');
    }
  });

  test('that is longer than 131072 bytes is compressed for each client', async () => {
    const deflating = await deflatingApi({ 'postern:messageBytesMax': '1048576' });
    const [one, other] = [
      await connect(deflating.wsUrl, { offersDeflate: true }),
      await connect(deflating.wsUrl, { offersDeflate: true }),
    ];
    for (const body of [noise(131_072), noise(131_073)]) {
      expect((await fanOut(body, '', deflating.endpoint)).answer).toEqual(counts(2));
      expect([await one.next(), await other.next()]).toEqual([body, body]);
    }
  });

  test('carries 131072 bytes, in frames of at most 32768, and not one more', async () => {
    const client = await rawConnect(api.wsUrl);
    expect((await fanOut('x'.repeat(131_072))).answer).toEqual(counts(1));
    const frames = [];
    for (let n = 0; n < 4; n += 1) frames.push(await client.frames.next());
    expect(frames.map(({ fin, opcode, payload }) => [fin, opcode, payload.length])).toEqual([
      [false, 1, 32_768],
      [false, 0, 32_768],
      [false, 0, 32_768],
      [true, 0, 32_768],
    ]);
    const refused = await fanOut('x'.repeat(131_073));
    expect([refused.status, refused.text]).toEqual([413, '']);
    await fanOut('after');
    expect(String((await client.frames.next()).payload)).toBe('after');
    client.socket.destroy();
  });

  test('is one event, counts as a message for each connection, and as activity of each', async () => {
    const [one] = await several(2);
    at.gateway.clock.advance(5000);
    const gone = 'gbgA_A9XiQAYKEiI6A==';
    await fanOut('hello');
    expect(await at.gateway.events.next()).toEqual({
      kind: 'fan-out',
      apiId: api.apiId,
      stage: 'test',
      requestId: expect.any(String),
      route: 'POST /@connections',
      status: 200,
      millis: 0,
      bytes: 5,
      ...counts(2),
    });
    await fanOut('hello', `${ids([one!])}&connectionId=${gone}`);
    expect(await at.gateway.events.next()).toMatchObject({ ...counts(1, 0, 1), status: 200 });
    const { metrics } = at.gateway.gateway;
    const metered = metrics.cloudWatch
      .data()
      .find(
        ({ metricName, dimensions }) => metricName === 'MessageCount' && dimensions.length === 1,
      );
    // Two clients came (a message each to $connect), three messages went.
    expect(metered?.sum).toBe(2 + 3);
    expect(metrics.totals().events.get('fan-out')?.count).toBe(2);
    expect(metrics.totals().pushBytes).toBe(15);
    const description = await fetch(
      `${api.endpoint}/@connections/${encodeURIComponent(one!.id)}`,
    ).then((reply) => reply.text());
    expect(description).toContain('"lastActiveAt" : "2026-09-25T00:02:16');
  });
});

describe('the query selects', () => {
  const named = (name: string) => open(api, { 'User-Agent': name });

  test.each([
    ['userAgent=FOX', ['firefox']],
    ['address=127.0.0.0/8', ['firefox', 'curl']],
    ['address=10.0.0.0/8', []],
    ['olderThanSeconds=60', ['firefox']],
    ['olderThanSeconds=61', []],
    ['youngerThanSeconds=60', ['curl']],
    ['idleForSeconds=60', ['firefox']],
    ['principal=nobody', []],
    ['userAgent=c&youngerThanSeconds=60', ['curl']],
    ['userAgent=fire&youngerThanSeconds=60', []],
  ])('?%s: %j', async (query, expected) => {
    const firefox = await named('firefox');
    at.gateway.clock.advance(60_000);
    const curl = await named('curl');
    const { status, answer } = await fanOut('hello', `?${query}`);
    expect([status, answer]).toEqual([200, counts(expected.length)]);
    const reached = [...(await received(firefox)).map(() => 'firefox')];
    reached.push(...(await received(curl)).map(() => 'curl'));
    expect(reached).toEqual(expected);
  });

  test('whom the authorizer named', async () => {
    const { gateway, backend } = at;
    const { authorizerId } = await gateway.control<{ authorizerId: string }>(
      'POST',
      `/v2/apis/${api.apiId}/authorizers`,
      {
        name: 'tokens',
        authorizerType: 'REQUEST',
        authorizerUri: `${backend.url}/authorize`,
        identitySource: ['route.request.querystring.user'],
      },
    );
    await gateway.control('POST', `/v2/apis/${api.apiId}/routes`, {
      routeKey: '$connect',
      authorizationType: 'CUSTOM',
      authorizerId,
    });
    await api.deploy();
    backend.answer('/authorize', ({ text }, response) => {
      const { queryStringParameters } = JSON.parse(text);
      response.end(
        JSON.stringify({
          principalId: queryStringParameters.user,
          policyDocument: {
            Version: '2012-10-17',
            Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: '*' }],
          },
        }),
      );
    });
    const [phone, laptop, other] = [
      await open(api, {}, '?user=ada'),
      await open(api, {}, '?user=ada'),
      await open(api, {}, '?user=bob'),
    ];
    expect((await fanOut('for ada', '?principal=ada')).answer).toEqual(counts(2));
    expect(await received(phone)).toEqual(['for ada']);
    expect(await received(laptop)).toEqual(['for ada']);
    expect(await received(other)).toEqual([]);
  });

  test('connections by their ids, each once; those that are none of the stage are gone', async () => {
    const clients = await several(3);
    const other = await open(
      await at.gateway.createApi({ routes: { $default: { type: 'MOCK' } } }),
    );
    const [one, two, three] = clients as [Client, Client, Client];
    three.socket.close();
    await three.socket.closed;
    const asked = [one, one, two, three, other];
    const never = '&connectionId=gbgA_A9XiQAYKEiI6A%3D%3D';
    expect((await fanOut('hello', ids(asked) + never)).answer).toEqual(counts(2, 0, 3));
    expect(await received(one)).toEqual(['hello']);
    expect(await received(two)).toEqual(['hello']);
    expect((await fanOut('none', `${ids([one])}&userAgent=nobody`)).answer).toEqual(counts(0));
  });

  test('up to 500 ids, and not one more', async () => {
    const [{ id }] = (await several(1)) as [Client];
    const query = (count: number) =>
      `?${Array.from({ length: count }, () => `connectionId=${encodeURIComponent(id)}`).join('&')}`;
    expect((await fanOut('hello', query(500))).answer).toEqual(counts(1));
    const { status, answer } = await fanOut('hello', query(501));
    expect([status, answer]).toEqual([
      400,
      { message: 'Invalid connectionId specified. At most 500 are allowed' },
    ]);
  });

  test.each([
    ['?principle=ada', 'Invalid query parameter specified: principle'],
    ['?stage=test', 'Invalid query parameter specified: stage'],
    ['?search=a', 'Invalid query parameter specified: search'],
    ['?principal=', 'Invalid principal specified. It must not be empty'],
    ['?principal=a&principal=b', 'Invalid principal specified. It may be there once'],
    ['?olderThanSeconds=soon', /^Invalid olderThanSeconds specified\./],
    ['?address=home', /^Invalid address specified: /],
    ['?connectionId=', 'Invalid connectionId: '],
    ['?connectionId=AAAA=', 'Invalid connectionId: AAAA='],
  ])('%s is refused with 400, and nobody is sent anything', async (query, message) => {
    const [client] = await several(1);
    const { status, headers, answer } = await fanOut('hello', query);
    expect(status).toBe(400);
    expect(headers.get('x-amzn-errortype')).toBe('BadRequestException');
    expect(answer).toEqual({ message: expect.stringMatching(message) });
    expect(await at.gateway.events.next()).toMatchObject({
      status: 400,
      rule: expect.stringMatching(/^(selection-invalid|connection-id-malformed)$/),
    });
    expect(await received(client!)).toEqual([]);
  });
});

describe('what is refused', () => {
  test('a path that ends in a slash: who has lost an id does not tell everybody', async () => {
    const [client] = await several(1);
    for (const path of ['/@connections/', '/%40connections/', '/@connections//']) {
      const reply = await fetch(`${api.endpoint}${path}`, { method: 'POST', body: 'secret' });
      expect(reply.status).toBe(403);
      expect(await reply.json()).toEqual({ message: 'Missing Authentication Token' });
    }
    expect(await received(client!)).toEqual([]);
  });

  test.each(['GET', 'DELETE', 'PUT'])('%s, as on AWS', async (method) => {
    const reply = await fetch(`${api.endpoint}/@connections`, { method });
    expect([reply.status, await reply.json()]).toEqual([
      403,
      { message: 'Missing Authentication Token' },
    ]);
  });

  test('a stage there is not: 403', async () => {
    const { status, answer } = await fanOut('x', '', `${at.gateway.url}/nowhere`);
    expect([status, answer]).toEqual([403, { message: 'Forbidden' }]);
  });

  test('a stage of several APIs, of which none is named: 400', async () => {
    expect((await fanOut('x', '', `${at.gateway.url}/test`)).answer).toEqual(counts(0));
    await at.gateway.createApi({ routes: { $default: { type: 'MOCK' } } });
    const { status, answer } = await fanOut('x', '', `${at.gateway.url}/test`);
    expect([status, answer]).toEqual([
      400,
      { message: 'Several APIs have a stage test: specify the apiId' },
    ]);
  });
});

describe('a client that reads too slowly', () => {
  async function slowAmongQuick(tags: Record<string, string> = {}) {
    api = await at.gateway.createApi({ routes: { $default: { type: 'MOCK' } }, tags });
    const [quick, slow, other] = (await several(3)) as [Client, Client, Client];
    slow.socket.socket.pause();
    return { quick, slow, other };
  }
  /** Until the slow one's queue is full. Returns how many messages all took, and the answer to the next. */
  async function fill() {
    for (let number = 0; number < 500; number += 1) {
      const { answer } = await fanOut(`${number}:${LARGE}`);
      if ((answer as ReturnType<typeof counts>).delivered !== 3) return { taken: number, answer };
    }
    throw new Error('everything was taken');
  }
  const numbers = (texts: readonly string[]) => texts.map((text) => Number(text.split(':', 1)));
  const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);

  test('is refused when its queue is full; the others are served', async () => {
    const { quick, slow, other } = await slowAmongQuick();
    const { taken, answer } = await fill();
    expect(answer).toEqual(counts(2, 1));
    for (let n = 0; n < taken; n += 1) expect(await fanOutEvent()).toMatchObject(counts(3));
    expect(await fanOutEvent()).toMatchObject({ status: 200, ...counts(2, 1) });
    const bytesOf = (number: number) => `${number}:${LARGE}`.length;
    const bytes = upTo(taken).reduce((sum, number) => sum + 3 * bytesOf(number), 0);
    // What was refused is not counted as delivered, nor is it a failure of the call.
    expect(await metered()).toEqual({
      messages: 3 + 3 * taken + 2,
      bytes: bytes + 2 * bytesOf(taken),
      fanOuts: taken + 1,
    });
    expect(numbers(await received(quick))).toEqual(upTo(taken + 1));
    expect(numbers(await received(other))).toEqual(upTo(taken + 1));
    slow.socket.socket.resume();
    const texts: string[] = [];
    while (texts.length < taken) texts.push(await slow.socket.next());
    // What it was sent while it did not read is whole and in order: every byte.
    expect(texts).toEqual(upTo(taken).map((number) => `${number}:${LARGE}`));
    expect((await fanOut('again')).answer).toEqual(counts(3));
  });

  test('is refused when its queue is full of compressed messages, and has those it took', async () => {
    api = await deflatingApi();
    const [quick, slow] = [
      await open(api, {}, '', { offersDeflate: true }),
      await open(api, {}, '', { offersDeflate: true }),
    ];
    slow.socket.socket.pause();
    const texts: string[] = [];
    for (let isTaken = true; isTaken; ) {
      const text = noise(131_000);
      const { answer } = await fanOut(text);
      expect(await quick.socket.next()).toBe(text);
      isTaken = (answer as ReturnType<typeof counts>).refused === 0;
      expect(answer).toEqual(isTaken ? counts(2) : counts(1, 1));
      if (isTaken) texts.push(text);
    }
    slow.socket.socket.resume();
    for (const text of texts) expect(await slow.socket.next()).toBe(text);
    expect((await fanOut('again')).answer).toEqual(counts(2));
    expect(await slow.socket.next()).toBe('again');
  });

  test('gives up its oldest messages where the stage says dropOldest', async () => {
    const { quick, slow } = await slowAmongQuick({ 'postern:slowClients': 'dropOldest' });
    for (const number of upTo(150)) {
      expect((await fanOut(`${number}:${LARGE}`)).answer).toEqual(counts(3));
    }
    expect(numbers(await received(quick))).toEqual(upTo(150));
    slow.socket.socket.resume();
    const seen: number[] = [];
    while (seen.at(-1) !== 149) seen.push(...numbers([await slow.socket.next()]));
    expect(seen.length).toBeLessThan(150);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  test('is closed where the stage says close, and gone', async () => {
    const { slow } = await slowAmongQuick({ 'postern:slowClients': 'close' });
    const { answer } = await fill();
    expect(answer).toEqual(counts(2, 0, 1));
    let event = await fanOutEvent();
    while (event.delivered === 3) event = await fanOutEvent();
    expect(event).toMatchObject({ status: 200, ...counts(2, 0, 1) });
    slow.socket.socket.resume();
    expect((await slow.socket.closed).code).toBe(1008);
  });
});

describe('messages that wait for one another', () => {
  const MEGABYTE = 1024 * 1024;
  const COUNT = 30;

  test('have 16 MB together, and not one byte more', async () => {
    const large = await at.gateway.createApi({
      routes: { $default: { type: 'MOCK' } },
      tags: { 'postern:messageBytesMax': String(10 * MEGABYTE) },
    });
    const clients = await Promise.all(Array.from({ length: COUNT }, () => rawConnect(large.wsUrl)));
    for (const { socket } of clients) socket.pause();
    const callers = [await caller(large), await caller(large)];
    /** Both are complete in one turn, and so long that the first takes a turn for each client. */
    const together = async (...sizes: number[]) => {
      const begun = await Promise.all(sizes.map((size, n) => callers[n]!.begin('x'.repeat(size))));
      return (await Promise.all(begun.map((finish) => finish()))).sort();
    };
    expect(await together(8 * MEGABYTE, 8 * MEGABYTE)).toEqual(
      // One of them is in the sockets now, and leaves no room for the other.
      [answered(counts(0, COUNT)), answered(counts(COUNT))],
    );
    expect(await together(8 * MEGABYTE, 8 * MEGABYTE + 1)).toEqual([
      answered(counts(0, COUNT)),
      '429{"message":"Too many messages to many wait already"}',
    ]);
    const events = [];
    while (events.length < 4) events.push(await fanOutEvent());
    expect(events.map(({ status }) => status).sort()).toEqual([200, 200, 200, 429]);
    expect(events.find(({ status }) => status === 429)).toMatchObject({
      rule: 'fan-outs-waiting',
      reason: 'Too many messages to many wait already',
    });
    expect(await metered(large)).toEqual({
      messages: COUNT + COUNT,
      bytes: COUNT * 8 * MEGABYTE,
      fanOuts: 4,
    });
    // Nothing waits any more, and so one is taken, however long.
    expect(await callers[0]!('', 'x'.repeat(10 * MEGABYTE))).toBe(answered(counts(0, COUNT)));
    for (const { socket } of clients) socket.destroy();
  });
});

describe('a thousand clients', () => {
  const COUNT = 1000;
  let clients: RawClient[];
  beforeEach(async () => {
    clients = [];
    while (clients.length < COUNT) {
      const some = Array.from({ length: 50 }, () => rawConnect(api.wsUrl));
      clients.push(...(await Promise.all(some)));
    }
  });
  afterEach(() => {
    for (const { socket } of clients) socket.destroy();
  });

  test('each receive every message exactly once', async () => {
    for (const number of [1, 2, 3]) {
      expect((await fanOut(`message ${number}`)).answer).toEqual(counts(COUNT));
    }
    await fanOut('the end');
    for (const { frames } of clients) {
      const texts: string[] = [];
      while (texts.at(-1) !== 'the end') texts.push(String((await frames.next()).payload));
      expect(texts).toEqual(['message 1', 'message 2', 'message 3', 'the end']);
      expect(frames.size).toBe(0);
    }
  });

  test('do not keep a push waiting until all of them are served', async () => {
    const { connectionId: last = '' } = await lastConnected();
    const [many, one] = [await caller(), await caller()];
    const order: string[] = [];
    const toMany = many('', 'x'.repeat(32_768)).then((answer) => order.push(answer));
    const toOne = one(`/${encodeURIComponent(last)}`, 'urgent').then((answer) =>
      order.push(answer),
    );
    await Promise.all([toMany, toOne]);
    expect(order).toEqual(['200', answered(counts(COUNT))]);
    // It went before the slice in which the last client's turn came.
    const first = await clients.at(-1)!.frames.next();
    expect(String(first.payload)).toBe('urgent');
  });

  async function lastConnected() {
    let last = await at.gateway.events.next();
    while (at.gateway.events.size > 0) last = await at.gateway.events.next();
    return last;
  }

  test('are counted as gone who leave before their turn', async () => {
    const many = await caller();
    clients[0]!.socket.once('data', () => {
      for (const { socket } of clients.slice(-3)) socket.resetAndDestroy();
    });
    expect(await many('', 'x'.repeat(32_768))).toBe(answered(counts(COUNT - 3, 0, 3)));
    expect(await fanOutEvent()).toMatchObject({ bytes: 32_768, ...counts(COUNT - 3, 0, 3) });
    const { bytes, fanOuts } = await metered();
    expect([bytes, fanOuts]).toEqual([(COUNT - 3) * 32_768, 1]);
  });

  test('are told by a hundred that wait behind one, and not by one more', async () => {
    const calls = await Promise.all(Array.from({ length: 102 }, caller));
    const answers = await Promise.all(
      calls.map((call, index) => call('', index === 0 ? 'x'.repeat(32_768) : String(index))),
    );
    const refused = answers.filter((answer) => answer.startsWith('429'));
    expect(refused).toEqual(['429{"message":"Too many messages to many wait already"}']);
    expect(answers.filter((answer) => answer === answered(counts(COUNT)))).toHaveLength(101);
    clients[0]!.socket.write(clientFrame('still here'));
    expect((await fanOut('after')).answer).toEqual(counts(COUNT));
  });
});
