import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { EmbeddedEngine } from '../src/engines/embedded/embedded-engine.ts';
import { type ConnectionDirectory, EngineUnavailable } from '../src/engines/engine.ts';
import { cutOff } from './support/cut-off.ts';
import { type RecordingBackend, startBackend } from './support/recording-backend.ts';
import { startGateway, type TestGateway } from './support/start-gateway.ts';
import { connect, refusal } from './support/test-socket.ts';

/** `$disconnect` until it is answered 2xx. What survives `kill -9` is in `kill.test.ts`. */

const folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.stop();
  await rm(folder, { recursive: true, force: true });
});

async function start(settings: Parameters<typeof startGateway>[0] = {}) {
  const backend = await startBackend();
  const gateway = await startGateway(settings);
  running.push(backend, gateway);
  return { backend, gateway };
}

function apiOf(gateway: TestGateway, backend: RecordingBackend, tags?: Record<string, string>) {
  return gateway.createApi({
    routes: { $disconnect: { url: `${backend.url}/disconnect` } },
    ...(tags && { tags }),
  });
}

/** Answers with these, in order; the last one from then on. */
function answering(backend: RecordingBackend, ...statuses: number[]) {
  let at = 0;
  backend.answer('/disconnect', (_, response) => {
    response.statusCode = statuses[Math.min(at++, statuses.length - 1)]!;
    response.end();
  });
}

/** A connection that has come and gone, and the first telling of its end. */
async function comeAndGo(
  { backend, gateway }: { backend: RecordingBackend; gateway: TestGateway },
  url: string,
) {
  const socket = await connect(url);
  socket.close(1000, 'bye');
  await socket.closed;
  const told = await backend.requests('/disconnect').next();
  await logged(gateway);
  return told;
}

async function logged(gateway: TestGateway) {
  for (;;) if ((await gateway.events.next()).kind === 'disconnect') return;
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 30));
const letters = async ({ url }: TestGateway) =>
  (await (await fetch(`${url}/@api/dead-letters`)).json()) as {
    items: { id: string; connectionId: string; [member: string]: unknown }[];
    total: number;
    waiting: number;
  };
/** Moves time second by second, as a real clock does, until the backend was asked again. */
async function nextAttempt({
  backend,
  gateway,
}: {
  backend: RecordingBackend;
  gateway: TestGateway;
}) {
  const requests = backend.requests('/disconnect');
  for (let seconds = 1; ; seconds += 1) {
    await expect.poll(async () => (await letters(gateway)).waiting).toBe(1);
    gateway.clock.advance(1000);
    const isUnderWay = (await letters(gateway)).waiting === 0;
    if (isUnderWay || requests.size > 0) return { seconds, request: await requests.next() };
  }
}

test('a backend that fails is told again after 1, 2, 4 … seconds, marked as a retry', async () => {
  const at = await start();
  answering(at.backend, 500, 404, 302, 200);
  const api = await apiOf(at.gateway, at.backend);
  const first = await comeAndGo(at, api.wsUrl);
  expect(first.headers['x-postern-retry']).toBeUndefined();
  for (const [retry, seconds] of [
    [1, 1],
    [2, 2],
    [3, 4],
  ]) {
    const attempt = await nextAttempt(at);
    expect(attempt.seconds).toBe(seconds);
    expect(attempt.request.headers['x-postern-retry']).toBe(String(retry));
  }
  await expect.poll(async () => (await letters(at.gateway)).waiting).toBe(0);
  at.gateway.clock.advance(3_600_000);
  await settle();
  expect(at.backend.requests('/disconnect').size).toBe(0);
  expect((await letters(at.gateway)).total).toBe(0);
});

test('the wait grows no longer than it may', async () => {
  const at = await start({ settings: { disconnectRetrySeconds: 2, disconnectRetryMaxSeconds: 3 } });
  answering(at.backend, 500);
  await comeAndGo(at, (await apiOf(at.gateway, at.backend)).wsUrl);
  const waits = [await nextAttempt(at), await nextAttempt(at), await nextAttempt(at)];
  expect(waits.map(({ seconds }) => seconds)).toEqual([2, 3, 3]);
});

test('what is told at once is told once', async () => {
  const at = await start();
  await comeAndGo(at, (await apiOf(at.gateway, at.backend)).wsUrl);
  at.gateway.clock.advance(3_600_000);
  await settle();
  expect(at.backend.requests('/disconnect').size).toBe(0);
});

test('a retry tells the stage as it is now', async () => {
  const at = await start();
  answering(at.backend, 500, 200);
  const api = await apiOf(at.gateway, at.backend);
  await comeAndGo(at, api.wsUrl);
  await at.gateway.control(
    'PATCH',
    `/v2/apis/${api.apiId}/integrations/${api.integrations.$disconnect}`,
    { integrationUri: `${at.backend.url}/elsewhere` },
  );
  await api.deploy();
  await expect.poll(async () => (await letters(at.gateway)).waiting).toBe(1);
  at.gateway.clock.advance(1000);
  expect((await at.backend.requests('/elsewhere').next()).headers['x-postern-retry']).toBe('1');
});

test('a stage that asks for AWS’s single attempt has it', async () => {
  const at = await start();
  answering(at.backend, 500);
  const api = await apiOf(at.gateway, at.backend, { 'postern:disconnectAttempts': '1' });
  await comeAndGo(at, api.wsUrl);
  at.gateway.clock.advance(3_600_000);
  await settle();
  expect(at.backend.requests('/disconnect').size).toBe(0);
  expect(await letters(at.gateway)).toMatchObject({ total: 0, waiting: 0 });
});

test('retries are counted and logged beside the event, which stays one', async () => {
  const at = await start({ settings: { disconnectAttemptsMax: 3 } });
  answering(at.backend, 500, 404, 503);
  const api = await apiOf(at.gateway, at.backend);
  const stage = `/v2/apis/${api.apiId}/stages/test`;
  await at.gateway.control('PATCH', stage, {
    defaultRouteSettings: { loggingLevel: 'INFO' },
    accessLogSettings: {
      destinationArn: 'stdout',
      format: 'row $context.eventType $context.requestId',
    },
  });
  await comeAndGo(at, api.wsUrl);
  const seen = [];
  for (let retry = 1; retry <= 2; retry += 1) {
    await nextAttempt(at);
    const { kind, status, reason } = await at.gateway.events.next();
    seen.push({ kind, status, reason });
  }
  expect(seen).toEqual([
    { kind: 'disconnect', status: 1000, reason: 'bye; retry 1; the backend answered 404' },
    {
      kind: 'disconnect',
      status: 1000,
      reason: 'bye; retry 2; the backend answered 503; it becomes a dead letter',
    },
  ]);
  await expect.poll(async () => (await letters(at.gateway)).total).toBe(1);

  const page = await (await fetch(`${at.gateway.url}/@metrics`)).text();
  const ofStage = `{api_id="${api.apiId}",stage="test"}`;
  for (const series of [
    'postern_disconnect_retries_total 2',
    'postern_dead_letters_total 1',
    'postern_integration_calls_total{type="HTTP_PROXY",outcome="answered"} 3',
    'postern_event_duration_seconds_count{kind="disconnect"} 1',
    // The handshake and one end; each answer of the backend was an error.
    `postern_stage_message_count_total${ofStage} 2`,
    `postern_stage_integration_errors_total${ofStage} 3`,
  ]) {
    expect(page.split('\n')).toContain(series);
  }
  const { totals } = (await (await fetch(`${at.gateway.url}/@api/metrics`)).json()) as {
    totals: { disconnects: number };
  };
  expect(totals.disconnects).toBe(1);

  const lines: string[] = [];
  while (!lines.some((line) => line.includes('Retry 2')) || at.gateway.lines.size > 0) {
    lines.push(await at.gateway.lines.next());
  }
  expect(lines.filter((line) => line.includes('row DISCONNECT'))).toHaveLength(1);
  const told = lines.map((line) => line.replace(/^.*?\([^)]*\) /, ''));
  expect(told).toContain('Retry 1 of $disconnect');
  expect(told).toContain(
    'Execution failed: bye; retry 2; the backend answered 503; it becomes a dead letter',
  );
});

test('a template and a mapped parameter may say that it is a retry', async () => {
  const at = await start();
  answering(at.backend, 500, 200);
  const template = '{"id":"$context.connectionId","retry":"$!context.posternRetry"}';
  const api = await at.gateway.createApi({
    routes: {
      $disconnect: {
        url: `${at.backend.url}/disconnect`,
        type: 'HTTP',
        integration: {
          requestTemplates: { $default: template },
          templateSelectionExpression: '\\$default',
        },
        requestParameters: {
          'integration.request.querystring.retry': 'context.posternRetry',
        },
      },
    },
  });
  const first = await comeAndGo(at, api.wsUrl);
  expect(JSON.parse(first.text).retry).toBe('');
  expect(first.url).toBe('/disconnect');
  const { request } = await nextAttempt(at);
  expect(JSON.parse(request.text).retry).toBe('1');
  expect(request.url).toBe('/disconnect?retry=1');
});

test('a route that is younger than the connection is told as often', async () => {
  const at = await start();
  answering(at.backend, 500, 200);
  const api = await at.gateway.createApi({ routes: { $default: { type: 'MOCK' } } });
  const socket = await connect(api.wsUrl);
  const base = `/v2/apis/${api.apiId}`;
  const { integrationId } = await at.gateway.control<{ integrationId: string }>(
    'POST',
    `${base}/integrations`,
    {
      integrationType: 'HTTP_PROXY',
      integrationMethod: 'POST',
      integrationUri: `${at.backend.url}/disconnect`,
    },
  );
  const target = `integrations/${integrationId}`;
  await at.gateway.control('POST', `${base}/routes`, { routeKey: '$disconnect', target });
  await api.deploy();
  socket.close();
  await at.backend.requests('/disconnect').next();
  expect((await nextAttempt(at)).request.headers['x-postern-retry']).toBe('1');
});

test('what was not told when the gateway stopped is told by the next one', async () => {
  const settings = { ephemeral: false, data: folder };
  const at = await start({ settings });
  answering(at.backend, 500, 200);
  const api = await apiOf(at.gateway, at.backend);
  const first = await comeAndGo(at, api.wsUrl);
  expect(first.headers['x-postern-retry']).toBeUndefined();
  await at.gateway.stop();
  await start({ settings });
  const second = await at.backend.requests('/disconnect').next();
  expect(second.headers['x-postern-retry']).toBe('1');
});

test('who is cut off when the gateway stops is told of as new once at most, and by the next one', async () => {
  const settings = { ephemeral: false, data: folder };
  const at = await start({ settings });
  const api = await at.gateway.createApi({
    routes: {
      $disconnect: { url: `${at.backend.url}/disconnect` },
      $default: { url: `${at.backend.url}/message` },
    },
  });
  expect(await cutOff(at, api.wsUrl)).toBe(1006);
  await settle();
  expect(at.gateway.errors).toEqual([]);
  const told = at.backend.requests('/disconnect');
  const early = told.size > 0 ? [await told.next()] : [];
  const next = await start({ settings });
  const late = await told.next();
  await logged(next.gateway);
  expect(told.size).toBe(0);
  const unmarked = [...early, late].filter((one) => !('x-postern-retry' in one.headers));
  expect(unmarked.length).toBeLessThanOrEqual(1);
});

/** A store that writes and loses its answer, and whose answer about what a node does not know is late. */
function storeThatLosesAnswers() {
  const engine = new EmbeddedEngine({ ephemeral: true });
  const { connections } = engine;
  const lateAnswers: (() => void)[] = [];
  const directory: ConnectionDirectory = {
    async add(connectionId, value) {
      await connections.add(connectionId, value);
      throw new EngineUnavailable('the answer is lost');
    },
    async unknown(isKnown) {
      const found = await connections.unknown(isKnown);
      await new Promise<void>((resolve) => lateAnswers.push(resolve));
      return found;
    },
    update: (entry) => connections.update(entry),
    remove: (entry) => connections.remove(entry),
    claim: (limit) => connections.claim(limit),
    deadLetters: connections.deadLetters,
  };
  Object.defineProperty(engine, 'connections', { value: directory });
  const written = async () => (await connections.unknown(() => false)).length;
  return { engine, lateAnswers, written };
}

test('what is written while the store is asked what it has written is found the next time', async () => {
  const { engine, lateAnswers, written } = storeThatLosesAnswers();
  const at = await start({ engine });
  const { wsUrl } = await apiOf(at.gateway, at.backend);
  const told = at.backend.requests('/disconnect');
  expect((await refusal(wsUrl)).status).toBe(503);
  at.gateway.clock.advance(1000);
  await expect.poll(() => lateAnswers.length).toBe(1);
  expect((await refusal(wsUrl)).status).toBe(503);
  expect(await written()).toBe(2);
  lateAnswers[0]!();
  await expect.poll(written).toBe(1);
  at.gateway.clock.advance(1000);
  await expect.poll(() => lateAnswers.length).toBe(2);
  lateAnswers[1]!();
  await expect.poll(written).toBe(0);
  // Both were told when their clients were refused, as what may be told again.
  const marks = [await told.next(), await told.next()].map(
    ({ headers }) => headers['x-postern-retry'],
  );
  expect(marks).toEqual(['1', '1']);
  await settle();
  expect(told.size).toBe(0);
});

test('a refused handshake is owed nothing', async () => {
  const settings = { ephemeral: false, data: folder };
  const at = await start({ settings });
  at.backend.answer('/connect', (_, response) => {
    response.statusCode = 403;
    response.end();
  });
  const api = await at.gateway.createApi({
    routes: {
      $connect: { url: `${at.backend.url}/connect` },
      $disconnect: { url: `${at.backend.url}/disconnect` },
    },
  });
  await expect(connect(api.wsUrl)).rejects.toThrow('refused with 403');
  await at.gateway.stop();
  const next = await start({ settings });
  next.gateway.clock.advance(5000);
  await settle();
  expect(at.backend.requests('/disconnect').size).toBe(0);
});

describe('dead letters', () => {
  async function oneLetter(tags?: Record<string, string>) {
    const at = await start({ settings: { disconnectAttemptsMax: 2 } });
    answering(at.backend, 500, 503, 500, 500, 200);
    const api = await apiOf(at.gateway, at.backend, tags);
    await comeAndGo(at, api.wsUrl);
    await nextAttempt(at);
    await expect.poll(async () => (await letters(at.gateway)).total).toBe(1);
    const { items } = await letters(at.gateway);
    return { ...at, api, letter: items[0]! };
  }
  const call = async ({ url }: TestGateway, method: string, path: string) => {
    const reply = await fetch(`${url}/@api/dead-letters${path}`, { method });
    return { status: reply.status, answer: await reply.json() };
  };

  test('hold what was tried as often as it may, and why it failed', async () => {
    const { letter, api, gateway } = await oneLetter();
    expect(letter).toEqual({
      id: `${String(gateway.clock.now()).padStart(14, '0')}-${letter.connectionId}`,
      connectionId: expect.stringMatching(/^.{18}==$/),
      apiId: api.apiId,
      stage: 'test',
      connectedAt: new Date(gateway.clock.now() - 1000).toISOString(),
      endedAt: new Date(gateway.clock.now() - 1000).toISOString(),
      buriedAt: new Date(gateway.clock.now()).toISOString(),
      disconnectStatusCode: 1000,
      disconnectReason: 'bye',
      attempts: 2,
      reason: 'the backend answered 503',
    });
    const { answer } = await call(gateway, 'GET', `/${letter.id}`);
    expect(answer).toEqual({
      ...letter,
      domainName: `127.0.0.1:${gateway.port}`,
      sourceIp: '127.0.0.1',
    });
  });

  test('are tried again as often as new ones, counting on', async () => {
    const { letter, gateway, backend } = await oneLetter();
    const replayed = await call(gateway, 'POST', `/${letter.id}/replay`);
    expect(replayed).toEqual({ status: 200, answer: { id: letter.id } });
    const requests = backend.requests('/disconnect');
    expect((await requests.next()).headers['x-postern-retry']).toBe('2');
    const last = await nextAttempt({ backend, gateway });
    expect([last.seconds, last.request.headers['x-postern-retry']]).toEqual([1, '3']);
    await expect.poll(async () => (await letters(gateway)).total).toBe(1);
    const all = await call(gateway, 'POST', '/replay');
    expect(all.answer).toEqual({ replayed: 1, remaining: 0 });
    expect((await requests.next()).headers['x-postern-retry']).toBe('4');
    await settle();
    expect(await letters(gateway)).toMatchObject({ total: 0, waiting: 0 });
  });

  test('are dropped, one or all', async () => {
    const { letter, gateway } = await oneLetter();
    expect(await call(gateway, 'DELETE', `/${letter.id}`)).toMatchObject({ status: 200 });
    expect((await letters(gateway)).total).toBe(0);
    expect((await call(gateway, 'DELETE', '')).answer).toEqual({ dropped: 0, remaining: 0 });
  });

  test.each([
    ['GET', ''],
    ['DELETE', ''],
    ['POST', '/replay'],
  ])('of an id there is not: %s 404', async (method, suffix) => {
    const { gateway } = await start();
    const { status, answer } = await call(gateway, method, `/00000000000001-nobody${suffix}`);
    expect(status).toBe(404);
    expect(answer).toEqual({ message: 'There is no dead letter 00000000000001-nobody' });
  });

  test('of a stage with attempts of its own come after those', async () => {
    const at = await start();
    answering(at.backend, 500);
    const api = await apiOf(at.gateway, at.backend, { 'postern:disconnectAttempts': '3' });
    await comeAndGo(at, api.wsUrl);
    await nextAttempt(at);
    await nextAttempt(at);
    await expect.poll(async () => (await letters(at.gateway)).total).toBe(1);
    expect((await letters(at.gateway)).items[0]!.attempts).toBe(3);
  });

  test('come in pages', async () => {
    const { gateway, backend, api } = await oneLetter({ 'postern:disconnectAttempts': '2' });
    gateway.clock.advance(1000);
    answering(backend, 500);
    await comeAndGo({ backend, gateway }, api.wsUrl);
    await nextAttempt({ backend, gateway });
    await expect.poll(async () => (await letters(gateway)).total).toBe(2);
    const first = (await call(gateway, 'GET', '?maxResults=1')).answer;
    const second = (await call(gateway, 'GET', `?maxResults=1&nextToken=${first.nextToken}`))
      .answer;
    expect(second.nextToken).toBeUndefined();
    expect([first.items[0].id, second.items[0].id]).toEqual(
      (await letters(gateway)).items.map(({ id }) => id),
    );
    expect((await call(gateway, 'GET', '?nextToken=$')).status).toBe(400);
  });
});
