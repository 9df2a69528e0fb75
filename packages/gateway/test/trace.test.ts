import { expect, test } from 'vitest';
import type { TraceRecord } from '../src/telemetry/trace.ts';
import {
  RECENT_MAX,
  type SubscribeOptions,
  type TraceFilter,
} from '../src/telemetry/trace-feed.ts';
import { Queue } from './support/queue.ts';
import type { Answer } from './support/recording-backend.ts';
import { connect, refusal } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

const at = useGateway();

const follow = (filter: TraceFilter = {}, options?: SubscribeOptions) => {
  const records = new Queue<TraceRecord & { leftOut: number }>();
  const { trace } = at.gateway.gateway;
  const subscription = trace.subscribe(
    filter,
    (record, leftOut) => records.push({ ...record, leftOut }),
    options,
  );
  return { records, subscription };
};

const echo = () =>
  at.gateway.createApi({
    routes: {
      $connect: { url: `${at.backend.url}/connect` },
      $default: { url: `${at.backend.url}/echo`, twoWay: true },
      $disconnect: { url: `${at.backend.url}/disconnect` },
    },
  });

const says =
  (body: string | Buffer, status = 200, headers = {}): Answer =>
  (_, response) =>
    response.writeHead(status, headers).end(body);

const stepsOf = ({ steps }: TraceRecord) => steps.map(({ name }) => name);

test('a message is told from its frame to its reply', async () => {
  const api = await echo();
  at.backend.answer('/echo', says('pong', 201, { 'x-from': 'backend' }));
  const { records } = follow({ kinds: ['message'] });
  const socket = await connect(api.wsUrl);
  socket.send('{"say":"ping"}');
  expect(await socket.next()).toBe('pong');
  const record = await records.next();
  expect(record).toMatchObject({
    kind: 'message',
    apiId: api.apiId,
    stage: 'test',
    route: '$default',
    status: 201,
    bytes: 14,
    at: at.gateway.clock.now(),
    isDetailed: true,
    leftOut: 0,
  });
  expect(stepsOf(record)).toEqual([
    'frame',
    'route selection',
    'mapped request',
    'backend response',
    'reply',
  ]);
  const [frame, selection, request, response, reply] = record.steps;
  expect(frame).toMatchObject({ body: '{"say":"ping"}', bytes: 14, startMillis: 0 });
  expect(selection).toMatchObject({ note: '$default' });
  expect(request).toMatchObject({
    method: 'POST',
    url: `${at.backend.url}/echo`,
    body: '{"say":"ping"}',
  });
  expect(Object.fromEntries(request!.headers!)).toMatchObject({
    'User-Agent': `AmazonAPIGateway_${api.apiId}`,
  });
  expect(response).toMatchObject({ status: 201, body: 'pong' });
  expect(Object.fromEntries(response!.headers!)).toMatchObject({ 'x-from': 'backend' });
  expect(reply).toMatchObject({ body: 'pong', bytes: 4 });
});

test('a connection is told from its handshake to its end', async () => {
  const api = await echo();
  const { records } = follow({ apiId: api.apiId });
  const socket = await connect(`${api.wsUrl}?room=1&token=topsecret`, {
    headers: { authorization: 'Bearer topsecret', 'x-custom': 'seen' },
  });
  const opened = await records.next();
  expect(stepsOf(opened)).toEqual(['handshake', 'mapped request', 'backend response', 'reply']);
  expect(opened.steps[0]?.url).toMatch(/\?room=1&token=…$/);
  const headers = Object.fromEntries(opened.steps[0]!.headers!);
  expect(headers).toMatchObject({ authorization: '…', 'x-custom': 'seen' });
  expect(JSON.stringify(opened)).not.toContain('topsecret');
  socket.close(4000, 'done');
  const ended = await records.next();
  expect(ended).toMatchObject({
    kind: 'disconnect',
    connectionId: opened.connectionId,
    status: 4000,
    rule: 'client-closed',
  });
  expect(stepsOf(ended)).toEqual(['close', 'mapped request', 'backend response']);
});

test('a push is told with what was pushed', async () => {
  const api = await echo();
  const { records } = follow({ kinds: ['connect', 'push', 'get', 'delete'] });
  const socket = await connect(api.wsUrl);
  const { connectionId } = await records.next();
  await fetch(`${api.endpoint}/@connections/${connectionId}`, { method: 'POST', body: 'hello' });
  expect(await socket.next()).toBe('hello');
  const record = await records.next();
  expect(record).toMatchObject({
    kind: 'push',
    apiId: api.apiId,
    route: 'POST /@connections/{connectionId}',
    status: 200,
    bytes: 5,
  });
  expect(record.steps).toMatchObject([
    { name: 'request', method: 'POST', body: 'hello' },
    { name: 'push', status: 200 },
  ]);
});

test('secrets in bodies are not shown, and long bodies only in part', async () => {
  const api = await echo();
  const { records } = follow({ kinds: ['message'] });
  const socket = await connect(api.wsUrl);
  const message = JSON.stringify({ token: 'topsecret', text: 'x'.repeat(10_000) });
  socket.send(message);
  const { steps } = await records.next();
  expect(JSON.stringify(steps)).not.toContain('topsecret');
  expect(steps[0]).toMatchObject({ bytes: message.length });
  expect(steps[0]!.body).toMatch(/^\{"token":"…","text":"x{4000,4096}…$/);
});

test('bytes that are no text are shown as base64', async () => {
  const api = await echo();
  at.backend.answer('/echo', says(Buffer.from([0xff, 0xfe])));
  const { records } = follow({ kinds: ['message'] });
  const socket = await connect(api.wsUrl);
  socket.send('ping');
  await socket.next();
  const { steps } = await records.next();
  expect(steps.find(({ name }) => name === 'backend response')).toMatchObject({ body: '//4=' });
});

test('the backend of a one-way route is heard only while somebody looks', async () => {
  const api = await at.gateway.createApi({
    routes: { $default: { url: `${at.backend.url}/one` } },
  });
  at.backend.answer('/one', says('unread'));
  const { records, subscription } = follow({ kinds: ['message'] });
  const socket = await connect(api.wsUrl);
  socket.send('ping');
  const { steps } = await records.next();
  expect(steps.at(-1)).toMatchObject({ name: 'backend response', body: 'unread' });
  subscription.cancel();
  socket.send('ping');
  await at.backend.requests('/one').next();
  await at.backend.requests('/one').next();
  expect(records.size).toBe(0);
});

test('a filter takes what it names and nothing else', async () => {
  const [one, other] = [await echo(), await echo()];
  const { records } = follow({ apiId: one.apiId, kinds: ['message'], route: '$default' });
  for (const api of [other, one]) {
    const socket = await connect(api.wsUrl);
    socket.send('ping');
    await socket.next();
  }
  expect((await records.next()).apiId).toBe(one.apiId);
  expect(records.size).toBe(0);
});

test('whoever looks is given so many records a second, failures on top, and told of the rest', async () => {
  const api = await at.gateway.createApi({ routes: { other: { type: 'MOCK' } } });
  const { records, subscription } = follow({ kinds: ['message'] }, { perSecondMax: 2 });
  const socket = await connect(api.wsUrl);
  const { events } = at.gateway;
  await events.next();
  const send = async (count: number) => {
    for (let sent = 0; sent < count; sent += 1) {
      socket.send('no route takes this');
      await events.next();
    }
  };
  await send(7);
  expect(records.size).toBe(4);
  expect(subscription.leftOut).toBe(3);
  const given = [await records.next(), await records.next(), await records.next()];
  expect(given.map(({ isDetailed }) => isDetailed)).toEqual([true, true, false]);
  await records.next();
  at.gateway.clock.advance(1000);
  await send(1);
  expect(await records.next()).toMatchObject({ isDetailed: true, leftOut: 3 });
  expect(subscription.leftOut).toBe(0);
});

test('why a client was refused a moment ago is known though nobody looked', async () => {
  const api = await echo();
  at.backend.answer('/connect', says('', 403));
  await refusal(api.wsUrl);
  await refusal(`${at.gateway.url.replace('http', 'ws')}/nowhere`);
  const { trace } = at.gateway.gateway;
  expect(trace.recent()).toMatchObject([
    {
      kind: 'connect',
      apiId: api.apiId,
      status: 403,
      rule: 'backend-refused',
      reason: 'the backend answered 403 to $connect',
      isDetailed: false,
      steps: [],
    },
    { kind: 'connect', status: 403, rule: 'stage-not-found' },
  ]);
  expect(trace.recent({ apiId: api.apiId })).toHaveLength(1);
});

test('of each kind the last hundred failures are remembered, whatever the others do', async () => {
  const api = await echo();
  await refusal(`${at.gateway.url.replace('http', 'ws')}/nowhere`);
  const id = `${'A'.repeat(18)}==`;
  for (let pushed = 0; pushed <= RECENT_MAX; pushed += 1) {
    await fetch(`${api.endpoint}/@connections/${id}`, { method: 'POST', body: 'x' });
  }
  const recent = at.gateway.gateway.trace.recent();
  expect(recent.filter(({ kind }) => kind === 'push')).toHaveLength(RECENT_MAX);
  expect(recent.filter(({ kind }) => kind === 'connect')).toHaveLength(1);
});

test('a reader that throws is no failure of the event', async () => {
  const api = await echo();
  const { trace } = at.gateway.gateway;
  trace.subscribe({ kinds: ['message'] }, () => {
    throw new Error('a broken reader');
  });
  at.backend.answer('/echo', says('pong'));
  const socket = await connect(api.wsUrl);
  socket.send('ping');
  expect(await socket.next()).toBe('pong');
  expect(at.gateway.errors.splice(0)).toEqual([
    'A reader of events failed',
    new Error('a broken reader'),
  ]);
});

test.each([
  ['idle-timeout', (): void => at.gateway.clock.advance(600_000)],
  ['connection-duration', () => {}],
] as const)('%s is told apart though both close with 1001', async (rule, pass) => {
  const api = await echo();
  const { records } = follow({ kinds: ['disconnect'] });
  const socket = await connect(api.wsUrl);
  pass();
  if (rule === 'connection-duration') {
    // Busy every five minutes, so that nothing but its age ends it.
    for (let minutes = 0; minutes < 120; minutes += 5) {
      socket.send('ping');
      await socket.next();
      at.gateway.clock.advance(300_000);
    }
  }
  expect((await socket.closed).code).toBe(1001);
  expect(await records.next()).toMatchObject({ status: 1001, rule });
});

test('a removed stage and a stopping gateway are told apart', async () => {
  const api = await echo();
  const { records } = follow({ kinds: ['disconnect'] });
  const socket = await connect(api.wsUrl);
  await at.gateway.control('DELETE', `/v2/apis/${api.apiId}/stages/test`);
  await socket.closed;
  expect(await records.next()).toMatchObject({ status: 1001, rule: 'stage-removed' });
  const other = await echo();
  await connect(other.wsUrl);
  await at.gateway.gateway.stop();
  expect(await records.next()).toMatchObject({ status: 1001, rule: 'gateway-stopping' });
});
