import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { codeFolder } from './support/code-folder.ts';
import { type RecordingBackend, startBackend } from './support/recording-backend.ts';
import { startGateway, type TestApi, type TestGateway } from './support/start-gateway.ts';
import { connect, refusal } from './support/test-socket.ts';

const VALUE = 'a-key-of-more-than-20-characters';

let files: ReturnType<typeof codeFolder>;
let backend: RecordingBackend;
let gateway: TestGateway;
let api: TestApi;
let keyId: string;
beforeAll(() => {
  files = codeFolder({
    'index.js': `exports.authorize = async (event) => ({
      principalId: 'me', context: { token: event.queryStringParameters.token }, usageIdentifierKey: event.queryStringParameters.key,
      policyDocument: { Version: '2012-10-17', Statement: [
        { Action: 'execute-api:Invoke', Effect: 'Allow', Resource: event.methodArn }] } });`,
  });
});
afterAll(() => files.remove());
beforeEach(async () => {
  backend = await startBackend();
  gateway = await startGateway({
    functions: { authorizer: { handler: 'index.authorize', runtime: 'nodejs20.x' } },
    functionsFolder: files.folder,
  });
  api = await gateway.createApi({
    routes: {
      $connect: {
        url: `${backend.url}/connect`,
        requestParameters: {
          'integration.request.header.seen-key': 'context.identity.apiKey',
          'integration.request.header.seen-token': 'context.authorizer.token',
          'integration.request.header.seen-id': 'context.identity.apiKeyId',
        },
      },
    },
  });
  await change({ apiKeyRequired: true });
  const key = { name: 'client', value: VALUE, enabled: true };
  ({ id: keyId } = await gateway.control<{ id: string }>('POST', '/apikeys', key));
});
afterEach(async () => {
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
  await backend.stop();
});

async function change(route: Record<string, unknown>) {
  await gateway.control('PATCH', `/v2/apis/${api.apiId}/routes/${api.routes.$connect}`, route);
  await api.deploy();
}

async function plan(more: Record<string, unknown> = {}): Promise<string> {
  const { id } = await gateway.control<{ id: string }>('POST', '/usageplans', {
    name: 'plan',
    apiStages: [{ apiId: api.apiId, stage: 'test' }],
    ...more,
  });
  await gateway.control('POST', `/usageplans/${id}/keys`, { keyId, keyType: 'API_KEY' });
  return id;
}

const withKey = (value = VALUE, name = 'x-api-key') => ({ headers: { [name]: value } });

test('a key in a plan of the stage comes in, and events tell which', async () => {
  await plan();
  await connect(api.wsUrl, withKey(VALUE, 'X-API-Key'));
  const { headers } = await backend.requests('/connect').next();
  expect(headers).toMatchObject({ 'seen-key': VALUE, 'seen-id': keyId });
});

describe('403 Forbidden, and the backend is not asked', () => {
  afterEach(() => expect(backend.requests('/connect').size).toBe(0));
  const forbidden = async (options?: Parameters<typeof refusal>[1]) => {
    const refused = await refusal(api.wsUrl, options);
    expect(refused.status).toBe(403);
    expect(refused.body).toBe('{"message":"Forbidden"}');
    expect(refused.headers['x-amzn-errortype']).toBe('ForbiddenException');
  };

  test('without a key', async () => {
    await plan();
    await forbidden();
  });

  test('with an unknown key', async () => {
    await plan();
    await forbidden(withKey('another-key-of-more-than-20-characters'));
  });

  test('with a disabled key', async () => {
    await plan();
    await gateway.control('PATCH', `/apikeys/${keyId}`, {
      patchOperations: [{ op: 'replace', path: '/enabled', value: 'false' }],
    });
    await forbidden(withKey());
  });

  test('with a key that is in no plan, or in none of this stage', async () => {
    await forbidden(withKey());
    await plan({ apiStages: [] });
    await forbidden(withKey());
  });
});

test('a key is not asked for on routes other than $connect', async () => {
  await gateway.control('POST', `/v2/apis/${api.apiId}/routes`, {
    routeKey: '$default',
    apiKeyRequired: true,
    target: `integrations/${api.integrations.$connect}`,
  });
  await change({ apiKeyRequired: false });
  const socket = await connect(api.wsUrl);
  await backend.requests('/connect').next();
  socket.send('without a key');
  expect((await backend.requests('/connect').next()).text).toBe('without a key');
});

const three = (message: string) => new RegExp(`^\\{"message": "${message}", "connectionId":`);

test("the plan's throttle: 429 Too Many Requests one past the burst, and a second later again", async () => {
  await plan({ throttle: { burstLimit: 2, rateLimit: 1 } });
  await connect(api.wsUrl, withKey());
  await connect(api.wsUrl, withKey());
  const refused = await refusal(api.wsUrl, withKey());
  expect(refused.status).toBe(429);
  expect(refused.body).toMatch(three('Too Many Requests'));
  gateway.clock.advance(1000);
  await connect(api.wsUrl, withKey());
});

describe('the quota of the plan', () => {
  const quota = { quota: { limit: 3, period: 'DAY', offset: 0 } };
  const usage = async (id: string) => {
    const day = new Date(gateway.clock.now()).toISOString().slice(0, 10);
    const { values } = await gateway.control<{ values: Record<string, unknown> }>(
      'GET',
      `/usageplans/${id}/usage?startDate=${day}&endDate=${day}`,
    );
    return values;
  };

  test('one past it: 429 Limit Exceeded, until the next day', async () => {
    const id = await plan(quota);
    await Promise.all([1, 2, 3].map(() => connect(api.wsUrl, withKey())));
    const refused = await refusal(api.wsUrl, withKey());
    expect(refused.status).toBe(429);
    expect(refused.body).toMatch(three('Limit Exceeded'));
    expect(await usage(id)).toEqual({ [keyId]: [[3, 0]] });
    gateway.clock.advance(86_400_000);
    await connect(api.wsUrl, withKey());
    expect(await usage(id)).toEqual({ [keyId]: [[1, 2]] });
  });

  test('UpdateUsage grants more', async () => {
    const id = await plan(quota);
    await Promise.all([1, 2, 3].map(() => connect(api.wsUrl, withKey())));
    await gateway.control('PATCH', `/usageplans/${id}/keys/${keyId}/usage`, {
      patchOperations: [{ op: 'replace', path: '/remaining', value: '1' }],
    });
    expect(await usage(id)).toEqual({ [keyId]: [[3, 1]] });
    await connect(api.wsUrl, withKey());
    expect((await refusal(api.wsUrl, withKey())).status).toBe(429);
  });
});

test('the authorizer may choose the key, where the API says so', async () => {
  await plan();
  const { authorizerId } = await gateway.control<{ authorizerId: string }>(
    'POST',
    `/v2/apis/${api.apiId}/authorizers`,
    {
      name: 'keys',
      authorizerType: 'REQUEST',
      authorizerUri: 'arn:aws:lambda:us-east-1:000000000000:function:authorizer',
      identitySource: ['route.request.querystring.key'],
    },
  );
  await gateway.control('PATCH', `/v2/apis/${api.apiId}`, {
    apiKeySelectionExpression: '$context.authorizer.usageIdentifierKey',
  });
  await change({ authorizationType: 'CUSTOM', authorizerId });
  await connect(`${api.wsUrl}?key=${VALUE}`);
  expect((await refusal(`${api.wsUrl}?key=wrong`, withKey())).status).toBe(403);
});

describe('a stage that takes the key from a query parameter of its choice', () => {
  const choose = async (name: string) => {
    const arn = `arn:aws:apigateway:us-east-1::/apis/${api.apiId}/stages/test`;
    await gateway.control('POST', `/v2/tags/${encodeURIComponent(arn)}`, {
      tags: { 'postern:apiKeyQueryParameter': name },
    });
  };

  test('takes it there alone, and the header comes first', async () => {
    await plan();
    expect((await refusal(`${api.wsUrl}?key=${VALUE}`)).status).toBe(403);
    await choose('key');
    await connect(`${api.wsUrl}?key=${VALUE}`);
    expect((await refusal(`${api.wsUrl}?other=${VALUE}`)).status).toBe(403);
    expect((await refusal(`${api.wsUrl}?key=${VALUE}`, withKey('wrong'))).status).toBe(403);
  });

  test('shows it to nobody: neither log nor refusal nor the query of the backend', async () => {
    await plan({ throttle: { burstLimit: 1, rateLimit: 1 } });
    await choose('key');
    await connect(`${api.wsUrl}?a=1&%6Bey=${VALUE}&key=${VALUE}&b=2`);
    expect((await backend.requests('/connect').next()).url).toBe(
      '/connect?a=1&%6Bey=***&key=***&b=2',
    );
    const bodies = [
      await refusal(`${api.wsUrl}?key=${VALUE}`),
      await refusal(`${api.wsUrl}?key=${VALUE}x`),
      await refusal(`${api.wsUrl}x?key=${VALUE}`),
    ];
    expect(bodies.map(({ status }) => status)).toEqual([429, 403, 403]);
    const logged = [];
    while (gateway.events.size > 0) logged.push(await gateway.events.next());
    expect(logged.length).toBeGreaterThan(3);
    expect(JSON.stringify([bodies, logged])).not.toContain(VALUE);
  });

  test('shows the end of it in an access log, and nothing in an execution log', async () => {
    await plan();
    await gateway.control('PATCH', `/v2/apis/${api.apiId}/stages/test`, {
      accessLogSettings: {
        destinationArn: 'arn:aws:logs:us-east-1:000000000000:log-group:access:*',
        format: '$context.requestId $context.identity.apiKey $context.identity.apiKeyId',
      },
    });
    await connect(api.wsUrl, withKey());
    expect(await gateway.lines.next()).toContain(` ${VALUE} ${keyId}`);
    await choose('key');
    await gateway.control('PATCH', `/v2/apis/${api.apiId}/stages/test`, {
      defaultRouteSettings: { loggingLevel: 'INFO', dataTraceEnabled: true },
    });
    await connect(`${api.wsUrl}?key=${VALUE}`);
    const lines = [await gateway.lines.next()];
    while (gateway.lines.size > 0) lines.push(await gateway.lines.next());
    expect(lines[0]).toContain(` ******${VALUE.slice(-6)} ${keyId}`);
    expect(lines.join('\n')).not.toContain(VALUE);
  });

  test('shows it to no function either', async () => {
    await plan();
    await choose('token');
    const { authorizerId } = await gateway.control<{ authorizerId: string }>(
      'POST',
      `/v2/apis/${api.apiId}/authorizers`,
      {
        name: 'keys',
        authorizerType: 'REQUEST',
        authorizerUri: 'arn:aws:lambda:us-east-1:000000000000:function:authorizer',
      },
    );
    await change({ authorizationType: 'CUSTOM', authorizerId });
    await connect(`${api.wsUrl}?token=${VALUE}&key=x`);
    const { headers } = await backend.requests('/connect').next();
    expect(headers).toMatchObject({ 'seen-key': VALUE, 'seen-token': '***' });
  });
});
