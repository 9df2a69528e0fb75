import { expect, test } from 'vitest';
import { connect } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

const at = useGateway(undefined, { settings: { httpAuthorizers: true } });

/** AWS's X-Ray header: one trace for everything that one event brings about. */
const TRACE = /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/;

test('authorizer and integration of one handshake see one trace and one request', async () => {
  const { gateway, backend } = at;
  const policyDocument = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*' }],
  };
  backend.answer('/authorize', (_, response) =>
    response.end(JSON.stringify({ principalId: 'a', policyDocument })),
  );
  const api = await gateway.createApi({
    routes: {
      $connect: {
        url: `${backend.url}/connect`,
        requestParameters: { 'integration.request.header.requestId': 'context.requestId' },
      },
      $default: { url: `${backend.url}/message` },
    },
  });
  const base = `/v2/apis/${api.apiId}`;
  const { authorizerId } = await gateway.control<{ authorizerId: string }>(
    'POST',
    `${base}/authorizers`,
    { name: 'door', authorizerType: 'REQUEST', authorizerUri: `${backend.url}/authorize` },
  );
  await gateway.control('PATCH', `${base}/routes/${api.routes.$connect}`, {
    authorizationType: 'CUSTOM',
    authorizerId,
  });
  await api.deploy();
  const socket = await connect(api.wsUrl);
  const asked = await backend.requests('/authorize').next();
  const connected = await backend.requests('/connect').next();
  expect(asked.headers['x-amzn-trace-id']).toMatch(TRACE);
  expect(connected.headers['x-amzn-trace-id']).toBe(asked.headers['x-amzn-trace-id']);
  expect(JSON.parse(asked.text).requestContext.requestId).toBe(connected.headers.requestid);
  expect((await gateway.events.next()).requestId).toBe(connected.headers.requestid);
  socket.send('ping');
  const message = await backend.requests('/message').next();
  expect(message.headers['x-amzn-trace-id']).toMatch(TRACE);
  expect(message.headers['x-amzn-trace-id']).not.toBe(connected.headers['x-amzn-trace-id']);
});

test('without an SDK for tracing no backend is sent a traceparent', async () => {
  const api = await at.gateway.createApi({
    routes: { $default: { url: `${at.backend.url}/message` } },
  });
  const socket = await connect(api.wsUrl);
  socket.send('ping');
  const { headers } = await at.backend.requests('/message').next();
  expect(headers.traceparent).toBeUndefined();
});
