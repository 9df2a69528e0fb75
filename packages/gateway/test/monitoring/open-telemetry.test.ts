import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RecordingBackend, startBackend } from '../support/recording-backend.ts';
import { startGateway, type TestGateway } from '../support/start-gateway.ts';
import { connect, refusal } from '../support/test-socket.ts';
import { startTracing } from '../support/tracing-sdk.ts';

let tracing: ReturnType<typeof startTracing>;
let gateway: TestGateway;
let backend: RecordingBackend;
beforeEach(async () => {
  tracing = startTracing();
  backend = await startBackend();
  gateway = await startGateway();
});
afterEach(async () => {
  await gateway.stop();
  await backend.stop();
  tracing.stop();
});

const api = () =>
  gateway.createApi({
    routes: {
      $connect: { url: `${backend.url}/connect` },
      $default: { url: `${backend.url}/message` },
      $disconnect: { url: `${backend.url}/bye` },
    },
  });

/** The spans of so many events, once they are over. */
async function spans(events: number): Promise<Record<string, ReadableSpan>> {
  for (let event = 0; event < events; event += 1) await gateway.events.next();
  return tracing.take();
}

test('an event is a span, the call of its backend a span below it, and the backend hears of it', async () => {
  const { wsUrl, apiId } = await api();
  const socket = await connect(wsUrl);
  await spans(1);
  socket.send('ping');
  const { headers } = await backend.requests('/message').next();
  const { message, HTTP_PROXY: call } = await spans(1);
  expect(message).toMatchObject({
    kind: SpanKind.SERVER,
    attributes: {
      'postern.api_id': apiId,
      'postern.stage': 'test',
      'postern.route': '$default',
      'http.response.status_code': 200,
    },
  });
  expect(message!.parentSpanContext).toBeUndefined();
  expect(call).toMatchObject({
    kind: SpanKind.CLIENT,
    attributes: { 'http.response.status_code': 200 },
    parentSpanContext: { spanId: message!.spanContext().spanId },
  });
  const { traceId, spanId } = call!.spanContext();
  expect(headers.traceparent).toBe(`00-${traceId}-${spanId}-01`);
});

test('a trace that the client or a backend has begun goes on', async () => {
  const { wsUrl, endpoint } = await api();
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
  await connect(wsUrl, { headers: { traceparent } });
  expect((await backend.requests('/connect').next()).headers.traceparent).toContain(traceId);
  const { connectionId } = await gateway.events.next();
  await fetch(`${endpoint}/@connections/${connectionId}`, {
    method: 'POST',
    body: 'hello',
    headers: { traceparent },
  });
  const { $connect: opened, 'POST @connections': pushed } = await spans(1);
  for (const span of [opened, pushed]) {
    expect(span!.spanContext().traceId).toBe(traceId);
    expect(span!.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
  }
});

test('what is refused is an error, with its rule', async () => {
  const { wsUrl } = await api();
  backend.answer('/connect', (_, response) => response.writeHead(403).end());
  await refusal(wsUrl);
  const { $connect: refused, HTTP_PROXY: call } = await spans(1);
  expect(refused).toMatchObject({
    status: { code: SpanStatusCode.ERROR, message: 'the backend answered 403 to $connect' },
    attributes: { 'postern.rule': 'backend-refused', 'http.response.status_code': 403 },
  });
  expect(call!.status.code).toBe(SpanStatusCode.ERROR);
});

test('an end that the client wished for is no error', async () => {
  const { wsUrl } = await api();
  const socket = await connect(wsUrl);
  socket.close(1000);
  const { $disconnect: ended } = await spans(2);
  expect(ended).toMatchObject({
    status: { code: SpanStatusCode.UNSET },
    attributes: { 'postern.close_code': 1000, 'postern.rule': 'client-closed' },
  });
  expect((await backend.requests('/bye').next()).headers.traceparent).toBeDefined();
});

test('the authorizer is a call as well, and hears of the trace', async () => {
  await gateway.stop();
  gateway = await startGateway({ settings: { httpAuthorizers: true } });
  backend.answer('/authorize', (_, response) => response.writeHead(401).end());
  const { apiId, routes, wsUrl, deploy } = await gateway.createApi({ routes: { $connect: {} } });
  const base = `/v2/apis/${apiId}`;
  const { authorizerId } = await gateway.control<{ authorizerId: string }>(
    'POST',
    `${base}/authorizers`,
    { name: 'door', authorizerType: 'REQUEST', authorizerUri: `${backend.url}/authorize` },
  );
  await gateway.control('PATCH', `${base}/routes/${routes.$connect}`, {
    authorizationType: 'CUSTOM',
    authorizerId,
  });
  await deploy();
  await refusal(wsUrl);
  const { headers } = await backend.requests('/authorize').next();
  const { authorizer, $connect: refused } = await spans(1);
  expect(headers.traceparent).toContain(authorizer!.spanContext().spanId);
  expect(authorizer!.parentSpanContext?.spanId).toBe(refused!.spanContext().spanId);
  expect(authorizer!.status.code).toBe(SpanStatusCode.ERROR);
});

test('spans alone keep no bodies', async () => {
  const { wsUrl } = await api();
  backend.answer('/connect', (_, response) => response.writeHead(403).end('unread'));
  await refusal(wsUrl);
  await spans(1);
  expect(gateway.gateway.trace.recent()).toMatchObject([{ isDetailed: false, steps: [] }]);
});
