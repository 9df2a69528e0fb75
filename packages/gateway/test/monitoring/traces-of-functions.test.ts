/** Functions and AWS services read AWS's own header: with an SDK loaded it names the span that calls them. */
import { defaultTextMapSetter, type TextMapPropagator } from '@opentelemetry/api';
import { AlwaysOffSampler, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { codeFolder } from '../support/code-folder.ts';
import { type RecordingBackend, startBackend } from '../support/recording-backend.ts';
import { startGateway, type TestApi, type TestGateway } from '../support/start-gateway.ts';
import { connect, refusal } from '../support/test-socket.ts';
import { startTracing, type TracingOptions } from '../support/tracing-sdk.ts';

/** What a function is told of the trace: in its environment, and in the event. */
const code = `
const told = ({ headers }) => ({
  environment: process.env._X_AMZN_TRACE_ID,
  event: headers?.['X-Amzn-Trace-Id'],
});
exports.answers = async (event) => ({ statusCode: 200, body: JSON.stringify(told(event)) });
exports.refuses = async (event) => ({ statusCode: 403, body: JSON.stringify(told(event)) });
exports.admits = async (event) => ({
  principalId: 'user',
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: '*' }],
  },
  context: told(event),
});
`;

const arn = (name: string) =>
  `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:${name}/invocations`;

let files: ReturnType<typeof codeFolder>;
let tracing: ReturnType<typeof startTracing>;
let backend: RecordingBackend;
let gateway: TestGateway;

/** The SDK is what a gateway finds when it starts. */
async function start(options: TracingOptions = {}): Promise<void> {
  tracing = startTracing(options);
  const names = ['answers', 'refuses', 'admits'];
  const local = names.map((name) => [name, { handler: `index.${name}`, runtime: 'nodejs20.x' }]);
  gateway = await startGateway({
    functions: { ...Object.fromEntries(local), far: { endpoint: backend.url } },
    functionsFolder: files.folder,
    services: { sqs: backend.url },
    settings: { httpAuthorizers: true },
  });
}

beforeEach(async () => {
  files = codeFolder({ 'index.js': code });
  backend = await startBackend();
});
afterEach(async () => {
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
  await backend.stop();
  tracing.stop();
  files.remove();
});

const rootOf = (span: ReadableSpan | undefined) =>
  span!.spanContext().traceId.replace(/^.{8}/, 'Root=1-$&-');

/** As X-Ray writes a trace and the span that calls. */
const amazonTrace = (span: ReadableSpan | undefined, sampled = 1) =>
  `${rootOf(span)};Parent=${span!.spanContext().spanId};Sampled=${sampled}`;

async function ended(): Promise<Record<string, ReadableSpan>> {
  await gateway.events.next();
  return tracing.take();
}

async function authorize({ apiId, routes, deploy }: TestApi, authorizerUri: string): Promise<void> {
  const { authorizerId } = await gateway.control<{ authorizerId: string }>(
    'POST',
    `/v2/apis/${apiId}/authorizers`,
    { name: 'door', authorizerType: 'REQUEST', authorizerUri },
  );
  const change = { authorizationType: 'CUSTOM', authorizerId };
  await gateway.control('PATCH', `/v2/apis/${apiId}/routes/${routes.$connect}`, change);
  await deploy();
}

test('a function finds the span that called it in its environment', async () => {
  await start();
  const route = { type: 'AWS_PROXY', url: arn('answers'), twoWay: true } as const;
  const { wsUrl } = await gateway.createApi({ routes: { $default: route } });
  const socket = await connect(wsUrl);
  await ended();
  socket.send('one');
  const { environment } = JSON.parse(await socket.next());
  const { message, 'invoke answers': call } = await ended();
  expect(environment).toBe(amazonTrace(call));
  expect(call!.parentSpanContext?.spanId).toBe(message!.spanContext().spanId);
  socket.send('two');
  expect(JSON.parse(await socket.next()).environment).not.toBe(environment);
});

test('authorizer, function and event of one handshake have one trace, which the client began', async () => {
  await start();
  const route = { type: 'AWS_PROXY', url: arn('refuses') } as const;
  const api = await gateway.createApi({ routes: { $connect: route } });
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
  await authorize(api, arn('admits'));
  const { body } = await refusal(api.wsUrl, { headers });
  const { 'invoke refuses': call, authorizer } = await ended();
  const root = 'Root=1-0af76519-16cd43dd8448eb211c80319c';
  expect(JSON.parse(body)).toEqual({ environment: amazonTrace(call), event: root });
  expect(rootOf(authorizer)).toBe(root);
});

test('an authorizer that is a function is told of the span that asks it', async () => {
  await start();
  const seen = {
    'integration.request.header.environment': 'context.authorizer.environment',
    'integration.request.header.event': 'context.authorizer.event',
  };
  const url = `${backend.url}/connect`;
  const api = await gateway.createApi({ routes: { $connect: { url, requestParameters: seen } } });
  await authorize(api, arn('admits'));
  await connect(api.wsUrl);
  const { headers } = await backend.requests('/connect').next();
  const { authorizer } = await ended();
  expect(headers.environment).toBe(amazonTrace(authorizer));
  expect(headers.event).toBe(rootOf(authorizer));
  expect(headers['x-amzn-trace-id']).toBe(rootOf(authorizer));
});

/** One message to a function behind an endpoint, and one to a service; what they were sent. */
async function calls() {
  const path = '/2015-03-31/functions/far/invocations';
  const credentialsArn = 'arn:aws:iam::000000000000:role/gateway';
  const sqs = 'arn:aws:apigateway:us-east-1:sqs:path/queue';
  backend.answer(path, (_, response) => response.end('{"statusCode":200}'));
  const { wsUrl } = await gateway.createApi({
    routes: {
      far: { type: 'AWS_PROXY', url: arn('far') },
      $default: { type: 'AWS', url: sqs, integration: { credentialsArn } },
    },
  });
  const socket = await connect(wsUrl);
  await ended();
  socket.send('{"action":"far"}');
  const invoked = await backend.requests(path).next();
  const { 'invoke far': invoke } = await ended();
  socket.send('{}');
  const served = await backend.requests('/queue').next();
  const { 'sqs queue': serve } = await ended();
  return { invoked, invoke, served, serve };
}

const named = (rawHeaders: readonly string[], name: string) =>
  rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]!.toLowerCase() === name);

test('a function behind an endpoint and an AWS service are sent traceparent as well', async () => {
  await start();
  const { invoked, invoke, served, serve } = await calls();
  for (const [{ rawHeaders }, span] of [
    [invoked, invoke],
    [served, serve],
  ] as const) {
    const { traceId, spanId } = span!.spanContext();
    expect(named(rawHeaders, 'traceparent')).toEqual([`00-${traceId}-${spanId}-01`]);
    expect(named(rawHeaders, 'x-amzn-trace-id')).toEqual([amazonTrace(span)]);
  }
});

test('a trace that is not kept says so', async () => {
  await start({ sampler: new AlwaysOffSampler() });
  const { invoked, served } = await calls();
  for (const { headers } of [invoked, served]) {
    expect(headers['x-amzn-trace-id']).toMatch(
      /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/,
    );
  }
});

test('a propagator that writes AWS’s header makes no second one', async () => {
  const propagator: TextMapPropagator = {
    inject: (_, carrier) => defaultTextMapSetter.set(carrier, 'x-amzn-trace-id', 'Root=1-its;own'),
    extract: (context) => context,
    fields: () => ['x-amzn-trace-id'],
  };
  await start({ propagator });
  const { invoked, served } = await calls();
  const api = await gateway.createApi({ routes: { $connect: { url: `${backend.url}/connect` } } });
  await authorize(api, `${backend.url}/authorize`);
  backend.answer('/authorize', (_, response) => response.writeHead(401).end());
  await refusal(api.wsUrl);
  const asked = await backend.requests('/authorize').next();
  for (const { rawHeaders } of [invoked, served, asked]) {
    expect(named(rawHeaders, 'x-amzn-trace-id')).toHaveLength(1);
  }
  expect(asked.headers['x-amzn-trace-id']).toBe('Root=1-its;own');
});
