import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { codeFolder } from './support/code-folder.ts';
import { type RecordingBackend, startBackend } from './support/recording-backend.ts';
import { startGateway, type TestApi, type TestGateway } from './support/start-gateway.ts';
import { connect, refusal } from './support/test-socket.ts';

const code = `
const policy = (Effect, Resource, Action = 'execute-api:Invoke') =>
  ({ Version: '2012-10-17', Statement: [{ Action, Effect, Resource }] });
const answers = {
  allow: (event) => ({ principalId: 'me', policyDocument: policy('Allow', event.methodArn),
    context: { level: 7, admin: true, name: 'x', nothing: null } }),
  wide: () => ({ principalId: 9, policyDocument: policy('Allow', 'arn:aws:execute-api:*:*:*/test/*') }),
  deny: (event) => ({ principalId: 'me', policyDocument: policy('Deny', event.methodArn) }),
  other: () => ({ principalId: 'me', policyDocument: policy('Allow', 'arn:aws:execute-api:us-east-1:1:other/*') }),
  unauthorized: () => { throw new Error('Unauthorized'); },
  throws: () => { throw new Error('broken'); },
  status: () => ({ statusCode: 401 }),
  simple: () => ({ isAuthorized: true }),
  nested: (event) => ({ principalId: 'me', policyDocument: policy('Allow', event.methodArn), context: { a: {} } }),
  large: (event) => ({ principalId: 'x'.repeat(9000), policyDocument: policy('Allow', event.methodArn) }),
  nothing: () => undefined,
  here: (event) => ({ principalId: 'me', policyDocument: { Version: '2012-10-17', Statement: [{
    Action: 'execute-api:Invoke', Effect: 'Allow', Resource: '*',
    Condition: { IpAddress: { 'aws:SourceIp': '127.0.0.1/32' } } }] } }),
  away: (event) => ({ principalId: 'me', policyDocument: { Version: '2012-10-17', Statement: [{
    Action: 'execute-api:Invoke', Effect: 'Allow', Resource: '*',
    Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } } }] } }),
  anonymous: (event) => ({ policyDocument: policy('Allow', event.methodArn) }),
  everything: () => ({ principalId: 'me', policyDocument: policy('Allow', '*', '*') }),
  one: (event) => ({ principalId: 'me', policyDocument: policy('Allow',
    event.methodArn.slice(0, -1) + '?', 'execute-api:Invok?') }),
  ofApi: (event) => ({ principalId: 'me', policyDocument: policy('Allow', event.methodArn.replace('/test/$connect', '/*')) }),
  ofStage: (event) => ({ principalId: 'me', policyDocument: policy('Allow', event.methodArn.replace('$connect', '*')) }),
  without: (event) => ({ principalId: 'me', policyDocument: policy('Allow', event.methodArn), context: null,
    usageIdentifierKey: null }),
  old: (event) => ({ principalId: 'me', policyDocument: { Statement: {
    Action: 'execute-api:Invoke', Effect: 'Allow', Resource: [event.methodArn] } } }),
  both: (event) => ({ principalId: 'me', policyDocument: { Version: '2012-10-17', Statement: [
    { Action: 'execute-api:*', Effect: 'Allow', Resource: '*' },
    { Action: 'execute-api:Invoke', Effect: 'Deny', Resource: event.methodArn } ] } }),
  manage: (event) => ({ principalId: 'me', policyDocument: policy('Allow', event.methodArn, 'execute-api:ManageConnections') }),
  lower: () => { throw new Error('unauthorized'); },
  sentence: () => { throw new Error('Unauthorized: no token'); },
  list: (event) => ({ principalId: 'me', policyDocument: policy('Allow', event.methodArn), context: { a: [1] } }),
  contextList: (event) => ({ principalId: 'me', policyDocument: policy('Allow', event.methodArn), context: ['a'] }),
  effect: (event) => ({ principalId: 'me', policyDocument: policy('allow', event.methodArn) }),
  noStatement: () => ({ principalId: 'me', policyDocument: { Version: '2012-10-17' } }),
  noPolicy: () => ({ principalId: 'me' }),
  text: () => 'allow',
  array: () => [],
  fits: (event) => sized(event, 8192),
  over: (event) => sized(event, 8193),
  resourceFits: (event) => ({ policyDocument: policy('Allow', event.methodArn + '*'.repeat(512 - event.methodArn.length)) }),
  resourceOver: (event) => ({ policyDocument: policy('Allow', event.methodArn + '*'.repeat(513 - event.methodArn.length)) }),
  event: (event) => ({ principalId: 'me', policyDocument: policy('Allow', event.methodArn),
    context: { event: JSON.stringify(event) } }),
};
const sized = (event, bytes) => {
  const answer = { principalId: '', policyDocument: policy('Allow', event.methodArn) };
  answer.principalId = 'x'.repeat(bytes - JSON.stringify(answer).length);
  return answer;
};
exports.authorize = async (event) => answers[event.queryStringParameters.token](event);
`;

const REMOTE = '/2015-03-31/functions/remote/invocations';

let files: ReturnType<typeof codeFolder>;
let backend: RecordingBackend;
let gateway: TestGateway;
beforeAll(async () => {
  files = codeFolder({ 'index.js': code });
  backend = await startBackend();
  gateway = await startGateway({
    functions: {
      authorizer: { handler: 'index.authorize', runtime: 'nodejs20.x' },
      remote: { endpoint: backend.url },
    },
    functionsFolder: files.folder,
    users: [
      {
        name: 'client',
        accessKeys: [
          { accessKeyId: 'AKIACLIENT000000001', secretAccessKey: 'client-secret', enabled: true },
        ],
        policies: [
          {
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Action: 'execute-api:Invoke',
                Resource: 'arn:aws:execute-api:us-east-1:000000000000:*/test/$connect',
              },
            ],
          },
        ],
      },
      {
        name: 'stranger',
        accessKeys: [
          { accessKeyId: 'AKIASTRANGER0000001', secretAccessKey: 'x', enabled: true },
          { accessKeyId: 'AKIADISABLED0000001', secretAccessKey: 'x', enabled: false },
        ],
        policies: [],
      },
    ],
  });
});
/** One gateway for all: starting a function takes longer than asking it. */
beforeEach(async () => {
  for (const path of ['/connect', '/default', '/disconnect', REMOTE]) {
    const requests = backend.requests(path);
    while (requests.size > 0) await requests.next();
  }
});
afterEach(() => expect(gateway.errors).toEqual([]));
afterAll(async () => {
  await gateway.stop();
  await backend.stop();
  files.remove();
});

/** An API whose $connect is authorized, with everything the authorizer says mapped to headers. */
async function open(route: Record<string, unknown>): Promise<TestApi> {
  const mapped = (names: string[]) =>
    Object.fromEntries(
      names.map((name) => [
        `integration.request.header.${name.replaceAll('.', '-')}`,
        `context.${name}`,
      ]),
    );
  const requestParameters = mapped([
    'authorizer.principalId',
    'authorizer.level',
    'authorizer.admin',
    'authorizer.name',
    'authorizer.nothing',
    'authorizer.event',
    'authorizer.integrationLatency',
    'identity.userArn',
    'identity.accessKey',
    'identity.accountId',
  ]);
  const api = await gateway.createApi({
    routes: Object.fromEntries(
      ['$connect', '$default', '$disconnect'].map((key) => [
        key,
        { url: `${backend.url}/${key.slice(1)}`, requestParameters },
      ]),
    ),
  });
  await gateway.control('PATCH', `/v2/apis/${api.apiId}/routes/${api.routes.$connect}`, route);
  await api.deploy();
  return api;
}

const withAuthorizer = async (
  identitySource = ['route.request.querystring.token'],
  functionName = 'authorizer',
) => {
  const api = await open({});
  const { authorizerId } = await gateway.control<{ authorizerId: string }>(
    'POST',
    `/v2/apis/${api.apiId}/authorizers`,
    {
      name: 'tokens',
      authorizerType: 'REQUEST',
      authorizerUri: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:${functionName}/invocations`,
      identitySource,
    },
  );
  await gateway.control('PATCH', `/v2/apis/${api.apiId}/routes/${api.routes.$connect}`, {
    authorizationType: 'CUSTOM',
    authorizerId,
  });
  await api.deploy();
  return api;
};

const three = (message: string) =>
  new RegExp(
    `^\\{"message": ${message}, "connectionId":"[\\w-]{18}==", "requestId":"[\\w-]{15}="\\}$`,
  );

describe('a Lambda authorizer', () => {
  test('that allows lets in; what it says goes with every event, its latency with $connect', async () => {
    const api = await withAuthorizer();
    const socket = await connect(`${api.wsUrl}?token=allow`);
    const connected = await backend.requests('/connect').next();
    const said = {
      'authorizer-principalid': 'me',
      'authorizer-level': '7',
      'authorizer-admin': 'true',
      'authorizer-name': 'x',
    };
    expect(connected.headers).toMatchObject(said);
    expect(connected.headers['authorizer-integrationlatency']).toMatch(/^\d+$/);
    expect(connected.headers).not.toHaveProperty('authorizer-nothing');
    socket.send('x');
    const message = await backend.requests('/default').next();
    expect(message.headers).toMatchObject(said);
    expect(message.headers).not.toHaveProperty('authorizer-integrationlatency');
    socket.close();
    expect((await backend.requests('/disconnect').next()).headers).toMatchObject(said);
  });

  test('whose policy allows the route lets in, however it is written', async () => {
    const api = await withAuthorizer();
    const tokens = ['wide', 'here', 'everything', 'one', 'ofApi', 'ofStage', 'old'];
    for (const token of [...tokens, 'without', 'anonymous', 'fits', 'resourceFits']) {
      await connect(`${api.wsUrl}?token=${token}`);
    }
  });

  test('may leave out who the client is, or say it as a number', async () => {
    const api = await withAuthorizer();
    const principalOf = async (token: string) => {
      await connect(`${api.wsUrl}?token=${token}`);
      const { headers } = await backend.requests('/connect').next();
      return headers['authorizer-principalid'];
    };
    expect(await principalOf('anonymous')).toBeUndefined();
    expect(await principalOf('wide')).toBe('9');
  });

  const explicit =
    '"User is not authorized to access this resource with an explicit deny in an identity-based policy"';
  const none =
    '"User is not authorized to access this resource because no identity-based policy allows the execute-api:Invoke action"';
  test.each([
    ['deny', 403, explicit],
    ['other', 403, none],
    ['away', 403, none],
    ['unauthorized', 401, '"Unauthorized"'],
    ['throws', 500, '"Internal server error"'],
    ['status', 500, 'null'],
    ['simple', 500, 'null'],
    ['nested', 500, 'null'],
    ['large', 500, 'null'],
    ['nothing', 500, 'null'],
    ['both', 403, explicit],
    ['manage', 403, none],
    ['lower', 500, '"Internal server error"'],
    ['sentence', 500, '"Internal server error"'],
    ['list', 500, 'null'],
    ['contextList', 500, 'null'],
    ['effect', 500, 'null'],
    ['noStatement', 500, 'null'],
    ['noPolicy', 500, 'null'],
    ['text', 500, 'null'],
    ['array', 500, 'null'],
    ['over', 500, 'null'],
    ['resourceOver', 500, 'null'],
  ])('that answers %s: %i, and the backend is not asked', async (token, status, message) => {
    const api = await withAuthorizer();
    const refused = await refusal(`${api.wsUrl}?token=${token}`);
    expect(refused.status).toBe(status);
    expect(refused.body).toMatch(three(message));
    expect(refused.headers['x-amz-apigw-id']).toMatch(/^[\w-]{15}=$/);
    expect(backend.requests('/connect').size).toBe(0);
  });

  test.each([
    ['route.request.querystring.missing'],
    ['route.request.header.Authorization'],
    ['stageVariables.none'],
    ['context.eventType'],
  ])('is not asked without its identity source %s: 401', async (source) => {
    const api = await withAuthorizer(['route.request.querystring.token', source]);
    const refused = await refusal(`${api.wsUrl}?token=throws`);
    expect(refused.status).toBe(401);
    expect(refused.body).toMatch(three('"Unauthorized"'));
  });

  test.each([
    ['context.connectionId'],
    ['context.connectedAt'],
    ['context.requestTimeEpoch'],
    ['context.identity.sourceIp'],
  ])('counts %s as there', async (source) => {
    const api = await withAuthorizer([source]);
    await connect(`${api.wsUrl}?token=allow`);
  });

  test('an identity source that is empty is missing: 401', async () => {
    const api = await withAuthorizer();
    expect((await refusal(`${api.wsUrl}?token=`)).status).toBe(401);
  });

  test('is asked whatever the client sends where it has no identity source', async () => {
    const api = await withAuthorizer([]);
    await connect(`${api.wsUrl}?token=allow`);
  });

  test('is asked again by every handshake: nothing is cached', async () => {
    const api = await withAuthorizer();
    await connect(`${api.wsUrl}?token=allow`);
    expect((await refusal(`${api.wsUrl}?token=deny`)).status).toBe(403);
    await connect(`${api.wsUrl}?token=allow`);
  });

  test('that does not exist, or says nothing for 29 seconds: 500', async () => {
    const absent = await withAuthorizer([], 'absent');
    const refused = await refusal(absent.wsUrl);
    expect(refused.status).toBe(500);
    expect(refused.body).toMatch(three('"Internal server error"'));
    const silent = await withAuthorizer([], 'remote');
    backend.answer(REMOTE, () => {});
    const waiting = refusal(silent.wsUrl);
    await backend.requests(REMOTE).next();
    gateway.clock.advance(29_000);
    expect((await waiting).status).toBe(500);
  });

  test('may run elsewhere', async () => {
    const api = await withAuthorizer([], 'remote');
    const answers = (payload: object, headers: Record<string, string> = {}) =>
      backend.answer(REMOTE, (_, response) => {
        response.writeHead(200, headers);
        response.end(JSON.stringify(payload));
      });
    const Statement = [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: '*' }];
    answers({ policyDocument: { Version: '2012-10-17', Statement } });
    await connect(api.wsUrl);
    expect(JSON.parse((await backend.requests(REMOTE).next()).text)).toMatchObject({
      type: 'REQUEST',
      requestContext: { eventType: 'CONNECT' },
    });
    const unhandled = { 'X-Amz-Function-Error': 'Unhandled' };
    answers({ errorMessage: 'Unauthorized' }, unhandled);
    expect((await refusal(api.wsUrl)).status).toBe(401);
    answers({ errorMessage: 'other' }, unhandled);
    expect((await refusal(api.wsUrl)).status).toBe(500);
    backend.answer(REMOTE, (_, response) => response.writeHead(403).end('{}'));
    expect((await refusal(api.wsUrl)).status).toBe(500);
  });

  test('takes a header in any spelling for its identity source', async () => {
    const api = await withAuthorizer(['route.request.header.Authorization']);
    await connect(`${api.wsUrl}?token=allow`, { headers: { authorization: 'Bearer x' } });
  });

  test('receives the event with type, methodArn, every header and every map', async () => {
    const api = await withAuthorizer();
    await connect(`${api.wsUrl}?token=event`);
    const { headers } = await backend.requests('/connect').next();
    const event = JSON.parse(String(headers['authorizer-event']));
    expect(Object.keys(event)).toEqual([
      'type',
      'methodArn',
      'headers',
      'multiValueHeaders',
      'queryStringParameters',
      'multiValueQueryStringParameters',
      'stageVariables',
      'requestContext',
    ]);
    expect(event).toMatchObject({
      type: 'REQUEST',
      methodArn: `arn:aws:execute-api:us-east-1:000000000000:${api.apiId}/test/$connect`,
      stageVariables: {},
      queryStringParameters: { token: 'event' },
    });
    expect(event.headers).toMatchObject({ Connection: 'Upgrade', 'content-length': '0' });
    expect(event.requestContext).not.toHaveProperty('authorizer');
  });
});

describe('IAM at $connect', () => {
  const credentials = { accessKeyId: 'AKIACLIENT000000001', secretAccessKey: 'client-secret' };
  const signer = (keys = credentials) =>
    new SignatureV4({
      service: 'execute-api',
      region: 'us-east-1',
      credentials: keys,
      sha256: Sha256,
    });

  async function signed(api: TestApi, keys = credentials) {
    gateway.clock.jumpTo(Date.now());
    const { host, hostname, pathname } = new URL(api.wsUrl);
    const request = { method: 'GET', protocol: 'ws:', hostname, path: pathname, query: {} };
    const { headers } = await signer(keys).sign({ ...request, headers: { host } });
    const { host: _, ...rest } = headers;
    return rest;
  }

  test('a signed handshake comes in, and the events tell who signed', async () => {
    const api = await open({ authorizationType: 'AWS_IAM' });
    await connect(api.wsUrl, { headers: await signed(api) });
    const { headers } = await backend.requests('/connect').next();
    expect(headers).toMatchObject({
      'identity-userarn': 'arn:aws:iam::000000000000:user/client',
      'identity-accesskey': credentials.accessKeyId,
      'identity-accountid': '000000000000',
    });
    expect(headers.authorization).toBeUndefined();
  });

  test('a presigned URL comes in: browsers have no other way', async () => {
    const api = await open({ authorizationType: 'AWS_IAM' });
    gateway.clock.jumpTo(Date.now());
    const { host, hostname, pathname } = new URL(api.wsUrl);
    const { query = {} } = await signer().presign({
      method: 'GET',
      protocol: 'ws:',
      hostname,
      path: pathname,
      query: { room: 'a b' },
      headers: { host },
    });
    const pairs = Object.entries(query).map(
      ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
    );
    await connect(`${api.wsUrl}?${pairs.join('&')}`);
  });

  test('an unsigned handshake: 403 Missing Authentication Token', async () => {
    const api = await open({ authorizationType: 'AWS_IAM' });
    const refused = await refusal(api.wsUrl);
    expect(refused.status).toBe(403);
    expect(refused.body).toBe('{"message":"Missing Authentication Token"}');
    expect(refused.headers['x-amzn-errortype']).toBe('MissingAuthenticationTokenException');
  });

  test('a wrong secret: 403 InvalidSignatureException', async () => {
    const api = await open({ authorizationType: 'AWS_IAM' });
    const headers = await signed(api, { ...credentials, secretAccessKey: 'wrong' });
    const refused = await refusal(api.wsUrl, { headers });
    expect([refused.status, refused.headers['x-amzn-errortype']]).toEqual([
      403,
      'InvalidSignatureException',
    ]);
  });

  test('a signer who may not invoke the route: 403 with AWS’s sentence', async () => {
    const api = await open({ authorizationType: 'AWS_IAM' });
    const headers = await signed(api, { accessKeyId: 'AKIASTRANGER0000001', secretAccessKey: 'x' });
    const refused = await refusal(api.wsUrl, { headers });
    expect(refused.status).toBe(403);
    expect(refused.headers['x-amzn-errortype']).toBe('AccessDeniedException');
    expect(JSON.parse(refused.body).Message).toBe(
      `User: arn:aws:iam::000000000000:user/stranger is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********0000:${api.apiId}/test/$connect because no identity-based policy allows the execute-api:Invoke action`,
    );
  });

  test('in dev a key that is not configured is believed', async () => {
    const api = await open({ authorizationType: 'AWS_IAM' });
    const keys = { accessKeyId: 'AKIAUNKNOWN00000001', secretAccessKey: 'anything' };
    await connect(api.wsUrl, { headers: await signed(api, keys) });
    const { headers } = await backend.requests('/connect').next();
    expect(headers['identity-accesskey']).toBe(keys.accessKeyId);
  });

  test('in dev, too, a key that is configured and disabled is refused', async () => {
    const api = await open({ authorizationType: 'AWS_IAM' });
    const keys = { accessKeyId: 'AKIADISABLED0000001', secretAccessKey: 'x' };
    const refused = await refusal(api.wsUrl, { headers: await signed(api, keys) });
    expect(refused.headers['x-amzn-errortype']).toBe('UnrecognizedClientException');
  });
});
