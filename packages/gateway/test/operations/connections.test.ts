import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type RecordingBackend, startBackend } from '../support/recording-backend.ts';
import { startGateway, type TestApi, type TestGateway } from '../support/start-gateway.ts';
import { connect } from '../support/test-socket.ts';

/** The operations API by HTTP, as the console and the commands call it. */

let backend: RecordingBackend;
let gateway: TestGateway;
let api: TestApi;
beforeEach(async () => {
  backend = await startBackend();
  gateway = await startGateway();
  api = await gateway.createApi({ routes: { $disconnect: { url: `${backend.url}/disconnect` } } });
});
afterEach(async () => {
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
  await backend.stop();
});

interface Listed {
  readonly items: readonly { readonly connectionId: string; readonly [member: string]: unknown }[];
  readonly total: number;
  readonly open: number;
  readonly nextToken?: string;
}

async function call(method: string, path: string, body?: string) {
  const reply = await fetch(`${gateway.url}/@api${path}`, {
    method,
    ...(body !== undefined && { body }),
  });
  const answer = (await reply.json()) as Record<string, unknown>;
  return { status: reply.status, type: reply.headers.get('x-amzn-errortype'), answer };
}

const list = async (query = '') =>
  (await call('GET', `/connections${query}`)).answer as unknown as Listed;
const agents = async (query = '') => (await list(query)).items.map(({ userAgent }) => userAgent);

const named = (name: string, of = api) =>
  connect(of.wsUrl, { headers: { 'User-Agent': name, 'X-Forwarded-For': '192.0.2.7' } });

describe('the list', () => {
  test('shows what is known of each connection, newest first', async () => {
    await named('first');
    gateway.clock.advance(2000);
    await named('second');
    expect(await agents()).toEqual(['second', 'first']);
    const { items, total, open } = await list();
    expect([total, open]).toEqual([2, 2]);
    expect(items[1]).toEqual({
      connectionId: expect.stringMatching(/^.{18}==$/),
      apiId: api.apiId,
      stage: 'test',
      node: expect.stringMatching(/^[0-9a-f]{8}$/),
      connectedAt: new Date(gateway.clock.now() - 2000).toISOString(),
      lastActiveAt: new Date(gateway.clock.now() - 2000).toISOString(),
      domainName: `127.0.0.1:${gateway.port}`,
      sourceIp: '127.0.0.1',
      userAgent: 'first',
      messagesInFlight: 0,
      bytesUnread: 0,
    });
  });

  test('comes in pages that stay right while connections come and go', async () => {
    const sockets = [];
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      gateway.clock.advance(name === 'c' ? 0 : 1000);
      sockets.push(await named(name));
    }
    const first = await list('?maxResults=2');
    expect(first.items).toHaveLength(2);
    sockets[4]!.close();
    await gateway.events.next();
    await named('late');
    const second = await list(`?maxResults=2&nextToken=${first.nextToken}`);
    const third = await list(`?maxResults=2&nextToken=${second.nextToken}`);
    expect(third.nextToken).toBeUndefined();
    const seen = [first, second, third].flatMap(({ items }) => items.map((one) => one.userAgent));
    expect(seen.sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test.each([
    ['userAgent=FIRE', ['firefox']],
    ['search=fox', ['firefox']],
    ['address=127.0.0.0/8', ['curl', 'firefox']],
    ['address=10.0.0.0/8', []],
    ['stage=test', ['curl', 'firefox']],
    ['stage=other', []],
    ['olderThanSeconds=60', ['firefox']],
    ['olderThanSeconds=61', []],
    ['youngerThanSeconds=60', ['curl']],
    ['idleForSeconds=60', ['firefox']],
    ['principal=nobody', []],
    ['userAgent=&stage=', ['curl', 'firefox']],
  ])('?%s finds %j', async (query, expected) => {
    await named('firefox');
    gateway.clock.advance(60_000);
    await named('curl');
    expect(await agents(`?${query}`)).toEqual(expected);
  });

  test('is searched by id and API, and counted by stage', async () => {
    const other = await gateway.createApi({
      routes: { $default: { type: 'MOCK' } },
      stage: 'beta',
    });
    await named('one');
    await named('two', other);
    const { items } = await list(`?apiId=${other.apiId}`);
    expect(items.map(({ userAgent }) => userAgent)).toEqual(['two']);
    const byId = await list(`?search=${encodeURIComponent(items[0]!.connectionId)}`);
    expect(byId.items).toEqual(items);
    expect((await call('GET', '/connection-count?search=t')).answer).toMatchObject({
      total: 2,
      stages: expect.arrayContaining([
        { apiId: api.apiId, stage: 'test', count: 1 },
        { apiId: other.apiId, stage: 'beta', count: 1 },
      ]),
    });
  });

  test.each([
    'maxResults=0',
    'maxResults=501',
    'maxResults=many',
    'nextToken=x',
    'address=home',
    'idleForSeconds=-1',
  ])('?%s is a bad request', async (query) => {
    const { status, type, answer } = await call('GET', `/connections?${query}`);
    expect([status, type]).toEqual([400, 'BadRequestException']);
    expect(answer.message).toMatch(new RegExp(`^Invalid ${query.split('=')[0]}`));
  });
});

describe('one connection', () => {
  const open = async () => {
    const socket = await named('one');
    const { connectionId } = (await list()).items[0]!;
    return { socket, path: `/connections/${encodeURIComponent(connectionId)}`, connectionId };
  };

  test('is described', async () => {
    const { path, connectionId } = await open();
    expect((await call('GET', path)).answer).toMatchObject({ connectionId, userAgent: 'one' });
  });

  test('receives a test message, which is a push like any other', async () => {
    const { socket, path, connectionId } = await open();
    await gateway.events.next();
    expect((await call('POST', `${path}/messages`, 'hello')).answer).toEqual({
      connectionId,
      bytes: 5,
    });
    expect(await socket.next()).toBe('hello');
    expect(await gateway.events.next()).toMatchObject({ kind: 'push', connectionId, status: 200 });
  });

  test('takes 128 KB and not a byte more', async () => {
    const { socket, path } = await open();
    const send = (bytes: number) => call('POST', `${path}/messages`, 'x'.repeat(bytes));
    expect((await send(131_072)).status).toBe(200);
    expect(await socket.next()).toHaveLength(131_072);
    expect(await send(131_073)).toMatchObject({ status: 413, type: 'PayloadTooLargeException' });
  });

  test('is closed as DELETE of @connections closes it', async () => {
    const { socket, path, connectionId } = await open();
    expect((await call('DELETE', path)).answer).toEqual({ connectionId });
    expect((await socket.closed).code).toBe(1000);
    expect(await call('GET', path)).toMatchObject({ status: 410, type: 'GoneException' });
    expect(await call('POST', `${path}/messages`, 'x')).toMatchObject({ status: 410 });
  });

  test('must have an id that could be one', async () => {
    expect(await call('GET', '/connections/nonsense')).toMatchObject({ status: 400 });
  });
});

describe('a message to many', () => {
  const send = (query: string, body = 'hello') => call('POST', `/messages${query}`, body);

  test('reaches those of the stage that fit, as a call of @connections does', async () => {
    const [one, two] = [await named('one'), await named('two')];
    for (let seen = 0; seen < 2; seen += 1) await gateway.events.next();
    expect((await send('?stage=test')).answer).toEqual({ delivered: 2, refused: 0, gone: 0 });
    expect(await gateway.events.next()).toMatchObject({ kind: 'fan-out', delivered: 2 });
    expect((await send('?stage=test&userAgent=ONE', 'few')).answer).toMatchObject({ delivered: 1 });
    expect([await one.next(), await one.next(), await two.next()]).toEqual([
      'hello',
      'few',
      'hello',
    ]);
  });

  test('wants the API where several have the stage', async () => {
    const other = await gateway.createApi({ routes: { $default: { type: 'MOCK' } } });
    await named('here', other);
    const refused = await send('?stage=test');
    expect([refused.status, refused.answer.message]).toEqual([
      400,
      'Several APIs have a stage test: specify the apiId',
    ]);
    const { answer } = await send(`?stage=test&apiId=${other.apiId}`);
    expect(answer).toMatchObject({ delivered: 1 });
  });

  test.each([
    ['', 400, 'Invalid stage specified. It must be there'],
    ['?stage=', 400, 'Invalid stage specified. It must be there'],
    ['?stage=test&principal=', 400, 'Invalid principal specified. It must not be empty'],
    ['?stage=test&search=a', 400, 'Invalid query parameter specified: search'],
    ['?stage=nowhere', 404, 'There is no such stage'],
  ])('%s is refused with %i', async (query, status, message) => {
    const socket = await named('one');
    const refused = await send(query);
    expect([refused.status, refused.answer.message]).toEqual([status, message]);
    expect(socket.pending).toBe(0);
  });

  test('takes 128 KB and not a byte more', async () => {
    const socket = await named('one');
    expect((await send('?stage=test', 'x'.repeat(131_072))).status).toBe(200);
    expect(await socket.next()).toHaveLength(131_072);
    expect(await send('?stage=test', 'x'.repeat(131_073))).toMatchObject({
      status: 413,
      type: 'PayloadTooLargeException',
    });
  });
});

describe('the sweep', () => {
  test('drops clients that give no sign of life, and keeps the others', async () => {
    const alive = await named('alive');
    const silent = await named('silent');
    await gateway.events.next();
    await gateway.events.next();
    // A client that does not read cannot answer a ping.
    silent.socket.pause();
    const pinged = new Promise((resolve) => alive.socket.once('ping', resolve));
    const swept = call('POST', '/sweep', JSON.stringify({ waitSeconds: 3 }));
    await pinged;
    await until(async () => (await list()).items.length === 2 && alive.socket.readyState === 1);
    // The pong is on its way: a round trip behind it means that it has arrived.
    alive.send('{}');
    await gateway.events.next();
    gateway.clock.advance(3000);
    const { answer } = await swept;
    expect(answer).toMatchObject({ asked: 2, dropped: [expect.any(String)] });
    expect(await gateway.events.next()).toMatchObject({
      kind: 'disconnect',
      connectionId: (answer.dropped as string[])[0],
    });
    expect(await agents()).toEqual(['alive']);
    silent.socket.terminate();
  });

  test('asks only whom it is told to', async () => {
    await named('busy');
    const swept = call('POST', '/sweep', JSON.stringify({ idleForSeconds: 60, waitSeconds: 1 }));
    await until(async () => {
      gateway.clock.advance(1000);
      return await Promise.race([swept.then(() => true), fetch(gateway.url).then(() => false)]);
    });
    expect((await swept).answer).toMatchObject({ asked: 0, dropped: [] });
  });

  test.each(['[]', 'x', '{"waitSeconds":0}', '{"waitSeconds":61}', '{"idleForSeconds":"soon"}'])(
    'refuses %s',
    async (body) => {
      expect(await call('POST', '/sweep', body)).toMatchObject({
        status: 400,
        type: 'BadRequestException',
      });
    },
  );
});

test('an operation there is not: 404', async () => {
  expect(await call('PUT', '/connections')).toMatchObject({
    status: 404,
    answer: { message: 'There is no operation PUT /@api/connections' },
  });
});

async function until(isDone: () => Promise<boolean>): Promise<void> {
  while (!(await isDone()));
}
