import { describe, expect, test } from 'vitest';
import { connect, refusal } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

const running = useGateway(undefined, { settings: { httpAuthorizers: true } });

interface Made {
  readonly wsUrl: string;
  readonly apiId: string;
  readonly authorizerId: string;
}

/** An API whose `$connect` asks `{backend}/authorize`, or another URL. */
async function guarded(
  authorizerUri = `${running.backend.url}/authorize`,
  stageVariables: Record<string, string> = {},
): Promise<Made> {
  const { gateway, backend } = running;
  const requestParameters = Object.fromEntries(
    ['principalId', 'level', 'nothing'].map((name) => [
      `integration.request.header.seen-${name}`,
      `context.authorizer.${name}`,
    ]),
  );
  const api = await gateway.createApi({
    routes: {
      $connect: { url: `${backend.url}/connect`, requestParameters },
      $default: { url: `${backend.url}/message`, requestParameters },
    },
    stageVariables,
  });
  const { authorizerId } = await gateway.control<{ authorizerId: string }>(
    'POST',
    `/v2/apis/${api.apiId}/authorizers`,
    {
      name: 'tokens',
      authorizerType: 'REQUEST',
      authorizerUri,
      identitySource: ['route.request.querystring.token'],
    },
  );
  await gateway.control('PATCH', `/v2/apis/${api.apiId}/routes/${api.routes.$connect}`, {
    authorizationType: 'CUSTOM',
    authorizerId,
  });
  await api.deploy();
  return { wsUrl: api.wsUrl, apiId: api.apiId, authorizerId };
}

const policy = (Effect: string, Resource: string) => ({
  Version: '2012-10-17',
  Statement: [{ Action: 'execute-api:Invoke', Effect, Resource }],
});

/** What the endpoint says from now on. */
function answers(status: number, body: unknown = '', headers: Record<string, string> = {}) {
  running.backend.answer('/authorize', (_, response) => {
    response.writeHead(status, headers);
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
}

test('the endpoint receives the event of a Lambda authorizer, and its word counts', async () => {
  const { wsUrl, apiId } = await guarded();
  answers(200, {
    principalId: 'me',
    policyDocument: policy('Allow', `arn:aws:execute-api:*:*:${apiId}/test/$connect`),
    context: { level: 7, nothing: null },
  });
  const socket = await connect(`${wsUrl}?token=abc`, { headers: { 'X-Custom': 'yes' } });
  const asked = await running.backend.requests('/authorize').next();
  expect(asked.method).toBe('POST');
  expect(asked.headers).toMatchObject({
    'content-type': 'application/json',
    'user-agent': `AmazonAPIGateway_${apiId}`,
    'x-amzn-apigateway-api-id': apiId,
    'x-amzn-trace-id': expect.stringMatching(/^Root=/),
  });
  expect(JSON.parse(asked.text)).toMatchObject({
    type: 'REQUEST',
    methodArn: `arn:aws:execute-api:us-east-1:000000000000:${apiId}/test/$connect`,
    headers: { 'X-Custom': 'yes', 'content-length': '0' },
    queryStringParameters: { token: 'abc' },
    stageVariables: {},
    requestContext: { eventType: 'CONNECT', routeKey: '$connect', apiId },
  });
  const said = { 'seen-principalid': 'me', 'seen-level': '7' };
  expect((await running.backend.requests('/connect').next()).headers).toMatchObject(said);
  socket.send('x');
  const message = await running.backend.requests('/message').next();
  expect(message.headers).toMatchObject(said);
  expect(message.headers).not.toHaveProperty('seen-nothing');
});

describe('refused, and the backend is not asked', () => {
  const denied =
    'User is not authorized to access this resource with an explicit deny in an identity-based policy';
  const notAllowed =
    'User is not authorized to access this resource because no identity-based policy allows the execute-api:Invoke action';
  const allow = { principalId: 'me', policyDocument: policy('Allow', '*') };
  const internal = 'Internal server error';
  const rows: [
    name: string,
    status: number,
    body: unknown,
    refused: number,
    text: string | null,
  ][] = [
    ['401', 401, '', 401, 'Unauthorized'],
    ['403', 403, '', 403, denied],
    ['a policy that denies', 200, { policyDocument: policy('Deny', '*') }, 403, denied],
    [
      'a policy for another API',
      200,
      { policyDocument: policy('Allow', 'arn:aws:execute-api:*:*:other/*') },
      403,
      notAllowed,
    ],
    ['404', 404, allow, 500, internal],
    ['500', 500, allow, 500, internal],
    ['204 without a policy', 204, '', 500, internal],
    ['a redirect to what would allow', 307, allow, 500, internal],
    ['no JSON', 200, 'yes', 500, null],
    ['a simple response', 200, { isAuthorized: true }, 500, null],
    ['8193 bytes', 200, sized(allow, 8193), 500, null],
  ];
  test.each(rows)('%s', async (_, status, body, refused, text) => {
    const { wsUrl } = await guarded();
    const location: Record<string, string> =
      status === 307 ? { location: `${running.backend.url}/authorize` } : {};
    answers(status, body, location);
    const answer = await refusal(`${wsUrl}?token=abc`);
    expect(answer.status).toBe(refused);
    expect(JSON.parse(answer.body)).toEqual({
      message: text,
      connectionId: expect.stringMatching(/^[\w-]{18}==$/),
      requestId: answer.headers['x-amz-apigw-id'],
    });
    expect(running.backend.requests('/authorize').size).toBe(1);
    expect(running.backend.requests('/connect').size).toBe(0);
  });

  test('an endpoint that is not there, and one that says nothing for 29 seconds: 500', async () => {
    const absent = await guarded('http://127.0.0.1:9/authorize');
    expect((await refusal(`${absent.wsUrl}?token=abc`)).status).toBe(500);
    const silent = await guarded();
    running.backend.answer('/authorize', () => {});
    const refused = refusal(`${silent.wsUrl}?token=abc`);
    await running.backend.requests('/authorize').next();
    running.gateway.clock.advance(29_000);
    expect((await refused).status).toBe(500);
  });
});

test('an answer of 8192 bytes is still read', async () => {
  const { wsUrl } = await guarded();
  answers(200, sized({ principalId: 'me', policyDocument: policy('Allow', '*') }, 8192));
  await connect(`${wsUrl}?token=abc`);
});

test('without its identity source the endpoint is not asked: 401', async () => {
  const { wsUrl } = await guarded();
  expect((await refusal(wsUrl)).status).toBe(401);
  expect(running.backend.requests('/authorize').size).toBe(0);
});

test('a stage variable may name the endpoint', async () => {
  const { host } = new URL(running.backend.url);
  const { wsUrl } = await guarded('http://${stageVariables.host}/authorize', { host });
  answers(200, { policyDocument: policy('Allow', '*') });
  await connect(`${wsUrl}?token=abc`);
});

test('a stage variable alone does not make an authorizer a URL: 500, and nobody is asked', async () => {
  const { wsUrl } = await guarded('${stageVariables.auth}', {
    auth: `${running.backend.url}/authorize`,
  });
  const { status } = await refusal(`${wsUrl}?token=abc`);
  expect(status).toBe(500);
  expect(running.backend.requests('/authorize').size).toBe(0);
});

test('answers about such an authorizer say that AWS would not have it', async () => {
  const { apiId, authorizerId } = await guarded();
  const authorizer = await running.gateway.control(
    'GET',
    `/v2/apis/${apiId}/authorizers/${authorizerId}`,
  );
  expect(authorizer).toMatchObject({
    authorizerUri: `${running.backend.url}/authorize`,
    'x-postern': { differsFromAws: ['authorizerUri'] },
  });
});

test.each(['http://', 'https:///x', 'ftp://host/x', 'http://host/a b', 'http://host/{open'])(
  'what is no URL is refused in AWS’s words: %s',
  async (authorizerUri) => {
    const { apiId } = await running.gateway.createApi({ routes: { $default: {} } });
    const make = running.gateway.control('POST', `/v2/apis/${apiId}/authorizers`, {
      name: 'x',
      authorizerType: 'REQUEST',
      authorizerUri,
    });
    await expect(make).rejects.toThrow(`Invalid Authorizer URI: ${authorizerUri}.`);
  },
);

/** The answer as text of exactly so many bytes. */
function sized(answer: object, bytes: number): string {
  const empty = JSON.stringify({ ...answer, context: { filler: '' } });
  return JSON.stringify({ ...answer, context: { filler: 'x'.repeat(bytes - empty.length) } });
}
