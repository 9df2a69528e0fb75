import { expect, test } from 'vitest';
import { startGateway } from './support/start-gateway.ts';
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

test('without an SDK for tracing nobody is sent a traceparent, or more than AWS’s root', async () => {
  const { backend } = at;
  const gateway = await startGateway({
    functions: { far: { endpoint: backend.url } },
    services: { sqs: backend.url },
  });
  const far = 'arn:aws:lambda:us-east-1:000000000000:function:far';
  const path = '2015-03-31/functions';
  const invoked = `arn:aws:apigateway:us-east-1:lambda:path/${path}/${far}/invocations`;
  const credentialsArn = 'arn:aws:iam::000000000000:role/gateway';
  const sqs = 'arn:aws:apigateway:us-east-1:sqs:path/queue';
  const api = await gateway.createApi({
    routes: {
      far: { type: 'AWS_PROXY', url: invoked },
      sqs: { type: 'AWS', url: sqs, integration: { credentialsArn } },
      $default: { url: `${backend.url}/message` },
    },
  });
  const socket = await connect(api.wsUrl);
  for (const action of ['far', 'sqs', 'other']) socket.send(JSON.stringify({ action }));
  for (const called of [`/${path}/far/invocations`, '/queue', '/message']) {
    const { headers } = await backend.requests(called).next();
    expect(headers.traceparent).toBeUndefined();
    expect(headers['x-amzn-trace-id']).toMatch(TRACE);
  }
  await gateway.stop();
});
