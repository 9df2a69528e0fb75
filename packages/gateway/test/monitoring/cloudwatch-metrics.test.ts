import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { codeFolder } from '../support/code-folder.ts';
import { type RecordingBackend, startBackend } from '../support/recording-backend.ts';
import {
  type ApiSpec,
  startGateway,
  type TestApi,
  type TestGateway,
} from '../support/start-gateway.ts';
import { connect as open, refusal, type TestSocket } from '../support/test-socket.ts';

/**
 * What AWS counted when the same things were done to it (recordings of September 2026), and what the
 * guide says is never counted. Every row is done to an API of its own.
 */
const code = `
exports.refuses = async () => ({ statusCode: 403 });
exports.fails = async () => ({ statusCode: 503 });
exports.answers = async () => ({ statusCode: 200, body: 'pong' });
`;
const functions = Object.fromEntries(
  ['refuses', 'fails', 'answers'].map((name) => [
    name,
    { handler: `index.${name}`, runtime: 'nodejs20.x' },
  ]),
);

const at = {} as { gateway: TestGateway; backend: RecordingBackend };
let files: ReturnType<typeof codeFolder>;
beforeAll(async () => {
  files = codeFolder({ 'index.js': code });
  at.backend = await startBackend();
  at.gateway = await startGateway({ functions, functionsFolder: files.folder });
});
afterAll(async () => {
  expect(at.gateway.errors).toEqual([]);
  await at.gateway.stop();
  await at.backend.stop();
  files.remove();
});

const opened: TestSocket[] = [];
async function connect(url: string): Promise<TestSocket> {
  const socket = await open(url);
  opened.push(socket);
  return socket;
}
/** Many at once would be closed bit by bit when the gateway stops. */
afterEach(async () => {
  for (const socket of opened.splice(0)) {
    socket.close();
    await socket.closed;
  }
});

type Sums = Partial<Record<string, number>>;

const lambda = (name: string) => ({
  type: 'AWS_PROXY',
  url: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:${name}/invocations`,
});

/** Sums by metric name for one set of dimensions, zeros left out. */
function sums(...dimensions: string[]): Sums {
  const data = at.gateway.gateway.metrics.cloudWatch.data();
  const fitting = data.filter((datum) => {
    const names = datum.dimensions.map(({ name, value }) => `${name}=${value}`);
    return names.join() === dimensions.join();
  });
  const counts = fitting.filter(({ unit, sum }) => unit === 'Count' && sum > 0);
  return Object.fromEntries(counts.map(({ metricName, sum }) => [metricName, sum]));
}

/** No message ever takes it; something must be deployed. */
const silent = { silent: { type: 'MOCK' } };
const mock = {
  type: 'MOCK',
  integration: { requestTemplates: { $default: '{"statusCode": 200}' } },
};

const stageOf = ({ apiId, stage }: TestApi) => [`ApiId=${apiId}`, `Stage=${stage}`];

/** Waits for so many events of the API to be over. */
async function settled({ apiId }: TestApi, count: number): Promise<void> {
  for (let seen = 0; seen < count; ) {
    if ((await at.gateway.events.next()).apiId === apiId) seen += 1;
  }
}

interface Row {
  readonly routes: ApiSpec['routes'];
  /** Returns how many events it made. */
  does(api: TestApi): Promise<number>;
  readonly counts: Sums;
}

const opens = async (api: TestApi) => {
  await connect(api.wsUrl);
  return 1;
};
const isRefused = async (api: TestApi) => {
  await refusal(api.wsUrl);
  return 1;
};
const sends = (text: string) => async (api: TestApi) => {
  const socket = await connect(api.wsUrl);
  socket.send(text);
  return 2;
};

const rows: Record<string, () => Row> = {
  'a client that connects': () => ({
    routes: { $connect: lambda('answers') },
    does: opens,
    counts: { ConnectCount: 1, MessageCount: 1 },
  }),
  'a client that a function refuses': () => ({
    routes: { $connect: lambda('refuses') },
    does: isRefused,
    counts: { ConnectCount: 1, MessageCount: 1, ClientError: 1 },
  }),
  'a client that an http backend refuses': () => {
    at.backend.answer('/no', (_, response) => response.writeHead(403).end());
    return {
      routes: { $connect: { url: `${at.backend.url}/no` } },
      does: isRefused,
      counts: { ConnectCount: 1, MessageCount: 1, IntegrationError: 1 },
    };
  },
  'a required parameter that is missing': () => ({
    routes: {
      $connect: {
        ...lambda('answers'),
        required: { 'route.request.querystring.token': { required: true } },
      },
    },
    does: isRefused,
    counts: { ClientError: 1 },
  }),
  'a one-way message': () => ({
    routes: { $default: lambda('answers') },
    does: sends('ping'),
    counts: { ConnectCount: 1, MessageCount: 2 },
  }),
  'a two-way message': () => ({
    routes: { $default: { ...lambda('answers'), twoWay: true } },
    does: sends('ping'),
    counts: { ConnectCount: 1, MessageCount: 3 },
  }),
  'a message that no route takes': () => ({
    routes: { other: lambda('answers') },
    does: sends('ping'),
    counts: { ConnectCount: 1, MessageCount: 2, ClientError: 1 },
  }),
  'a function that answers 503': () => ({
    routes: { $default: lambda('fails') },
    does: sends('ping'),
    counts: { ConnectCount: 1, MessageCount: 2, ExecutionError: 1 },
  }),
  'a function that is not there': () => ({
    routes: { $default: lambda('missing') },
    does: sends('ping'),
    counts: { ConnectCount: 1, MessageCount: 2, ExecutionError: 1 },
  }),
  'an http backend that answers 503': () => {
    at.backend.answer('/sick', (_, response) => response.writeHead(503).end());
    return {
      routes: { $default: { url: `${at.backend.url}/sick` } },
      does: sends('ping'),
      counts: { ConnectCount: 1, MessageCount: 2, IntegrationError: 1 },
    };
  },
  'an http backend that is not there': () => ({
    routes: { $default: { url: 'http://127.0.0.1:1/' } },
    does: sends('ping'),
    counts: { ConnectCount: 1, MessageCount: 2, ExecutionError: 1 },
  }),
  'a client that leaves, without a $disconnect integration': () => ({
    routes: silent,
    does: async (api) => {
      const socket = await connect(api.wsUrl);
      socket.close();
      return 2;
    },
    counts: { ConnectCount: 1, MessageCount: 2 },
  }),
  'a push': () => ({
    routes: silent,
    does: async (api) => {
      await connect(api.wsUrl);
      await pushTo(api, await idOf(api));
      return 1;
    },
    counts: { ConnectCount: 1, MessageCount: 2 },
  }),
  'a push to a connection that is gone': () => ({
    routes: silent,
    does: async (api) => {
      await connect(api.wsUrl);
      await pushTo(api, `${'A'.repeat(18)}==`);
      return 2;
    },
    counts: { ConnectCount: 1, MessageCount: 1 },
  }),
  'a push of more than 128 KB': () => ({
    routes: silent,
    does: async (api) => {
      await connect(api.wsUrl);
      await pushTo(api, await idOf(api), 'x'.repeat(131_073));
      return 1;
    },
    counts: { ConnectCount: 1, MessageCount: 1 },
  }),
};

/** Of the connection that was just opened. */
async function idOf({ apiId }: TestApi): Promise<string> {
  for (;;) {
    const event = await at.gateway.events.next();
    if (event.apiId === apiId && event.kind === 'connect') return event.connectionId!;
  }
}

const pushTo = ({ endpoint }: TestApi, connectionId: string, body = 'hello') =>
  fetch(`${endpoint}/@connections/${connectionId}`, { method: 'POST', body });

describe('what is counted for', () => {
  test.each(Object.entries(rows))('%s', async (_, row) => {
    const { routes, does, counts } = row();
    const api = await at.gateway.createApi({ routes });
    await settled(api, await does(api));
    expect(sums(...stageOf(api))).toEqual(counts);
    expect(sums(`ApiId=${api.apiId}`)).toEqual(counts);
  });
});

test('what is throttled is counted nowhere', async () => {
  const api = await at.gateway.createApi({ routes: { $default: lambda('answers') } });
  await at.gateway.control('PATCH', `/v2/apis/${api.apiId}/stages/${api.stage}`, {
    routeSettings: { $default: { throttlingBurstLimit: 0, throttlingRateLimit: 0 } },
  });
  const socket = await connect(api.wsUrl);
  socket.send('ping');
  await socket.next();
  await settled(api, 2);
  expect(sums(...stageOf(api))).toEqual({ ConnectCount: 1, MessageCount: 1 });
});

test('error metrics have a sample for each event, zero or not', async () => {
  const api = await at.gateway.createApi({ routes: { $default: lambda('answers') } });
  const socket = await connect(api.wsUrl);
  socket.send('ping');
  await settled(api, 2);
  const data = at.gateway.gateway.metrics.cloudWatch.data();
  const errors = data.filter(
    ({ metricName, dimensions }) =>
      metricName.endsWith('Error') && dimensions[0]?.value === api.apiId && dimensions.length === 2,
  );
  expect(errors.map(({ metricName, sum, sampleCount }) => [metricName, sum, sampleCount])).toEqual([
    ['ClientError', 0, 2],
    ['ExecutionError', 0, 2],
    ['IntegrationError', 0, 2],
  ]);
});

describe('IntegrationLatency', () => {
  const samples = (api: TestApi) =>
    at.gateway.gateway.metrics.cloudWatch
      .data()
      .find(
        ({ metricName, dimensions }) =>
          metricName === 'IntegrationLatency' &&
          dimensions.map(({ name, value }) => `${name}=${value}`).join() === stageOf(api).join(),
      );

  test('is how long the backend took, in milliseconds', async () => {
    at.backend.answer('/slow', (_, response) => {
      at.gateway.clock.advance(40);
      response.end();
    });
    const api = await at.gateway.createApi({
      routes: { $default: { url: `${at.backend.url}/slow` } },
    });
    await settled(api, await sends('ping')(api));
    expect(samples(api)).toMatchObject({ sum: 40, sampleCount: 1, unit: 'Milliseconds' });
  });

  test('there is none for MOCK, for pushes, and where nobody was called', async () => {
    const api = await at.gateway.createApi({ routes: { mock, none: {} } });
    const socket = await connect(api.wsUrl);
    const id = await idOf(api);
    socket.send('{"action":"mock"}');
    socket.send('{"action":"none"}');
    await pushTo(api, id);
    await settled(api, 3);
    expect(samples(api)).toBeUndefined();
  });
});

describe('the dimension Route', () => {
  const routes = { one: mock, other: mock };
  const settings = (api: TestApi, body: object) =>
    at.gateway.control('PATCH', `/v2/apis/${api.apiId}/stages/${api.stage}`, body);
  const sendBoth = async (api: TestApi) => {
    const socket = await connect(api.wsUrl);
    const id = await idOf(api);
    socket.send('{"action":"one"}');
    socket.send('{"action":"other"}');
    await pushTo(api, id);
    await settled(api, 3);
  };
  const of = (api: TestApi, route: string) => sums(...stageOf(api), `Route=${route}`);

  test('is there for no route unless asked for', async () => {
    const api = await at.gateway.createApi({ routes });
    await sendBoth(api);
    expect(of(api, 'one')).toEqual({});
  });

  test('is there for one route that asks', async () => {
    const api = await at.gateway.createApi({ routes });
    await settings(api, { routeSettings: { one: { detailedMetricsEnabled: true } } });
    await sendBoth(api);
    expect(of(api, 'one').MessageCount).toBe(1);
    expect(of(api, 'other')).toEqual({});
  });

  test('is there for all where the stage asks, also for a route that says false', async () => {
    const api = await at.gateway.createApi({ routes });
    await settings(api, {
      defaultRouteSettings: { detailedMetricsEnabled: true },
      routeSettings: { one: { detailedMetricsEnabled: false } },
    });
    await sendBoth(api);
    expect(of(api, 'one').MessageCount).toBe(1);
    expect(of(api, 'other').MessageCount).toBe(1);
    expect(of(api, '$connect')).toEqual({ ConnectCount: 1, MessageCount: 1 });
    expect(of(api, 'POST /@connections/{connectionId}')).toEqual({ MessageCount: 1 });
  });
});

// The end of a connection, told after its stage had gone, began to count for it anew where no event had come
// since the stage was changed last.
test.each([
  ['a stage that is gone', {}],
  ['a stage that is gone, having been changed before,', { stageVariables: { color: 'red' } }],
])('%s takes its metrics with it', async (_, change) => {
  const api = await at.gateway.createApi({ routes: silent });
  const socket = await connect(api.wsUrl);
  await settled(api, 1);
  await at.gateway.control('PATCH', `/v2/apis/${api.apiId}/stages/${api.stage}`, change);
  await at.gateway.control('DELETE', `/v2/apis/${api.apiId}`);
  await socket.closed;
  await settled(api, 1);
  expect([sums(`ApiId=${api.apiId}`), sums(...stageOf(api))]).toEqual([{}, {}]);
});
