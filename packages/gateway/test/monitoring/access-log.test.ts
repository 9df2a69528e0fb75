import { describe, expect, test } from 'vitest';
import { signRequest } from '../../src/iam/sign.ts';
import type { RouteSpec, TestApi } from '../support/start-gateway.ts';
import { connect, refusal } from '../support/test-socket.ts';
import { useGateway } from '../support/use-gateway.ts';

const at = useGateway(undefined, { settings: { httpAuthorizers: true } });

const LOG_GROUP = 'arn:aws:logs:us-east-1:000000000000:log-group:chat-access:*';

async function logged(
  format: string,
  routes: Record<string, RouteSpec> = { $default: { url: `${at.backend.url}/echo` } },
  destinationArn = LOG_GROUP,
): Promise<TestApi> {
  const api = await at.gateway.createApi({ routes });
  await at.gateway.control('PATCH', `/v2/apis/${api.apiId}/stages/${api.stage}`, {
    accessLogSettings: { destinationArn, format },
  });
  return api;
}

const row = () => at.gateway.lines.next();
const says = (path: string, status: number, body = '') =>
  at.backend.answer(path, (_, response) => response.writeHead(status).end(body));

describe('one row for', () => {
  const format =
    '$context.eventType $context.routeKey $context.status $context.connectedAt $context.messageId $context.connectionId $context.requestId';

  test('a connect, a message and a disconnect', async () => {
    says('/echo', 201);
    says('/bye', 202);
    const api = await logged(format, {
      $default: { url: `${at.backend.url}/echo` },
      $disconnect: { url: `${at.backend.url}/bye` },
    });
    const connectedAt = at.gateway.clock.now();
    const socket = await connect(api.wsUrl);
    const id = '[\\w-]{18}==';
    const requestId = '[\\w-]{15}=';
    expect(await row()).toMatch(
      new RegExp(`^CONNECT \\$connect 200 ${connectedAt} - ${id} ${requestId}$`),
    );
    socket.send('ping');
    expect(await row()).toMatch(
      new RegExp(`^MESSAGE \\$default 201 ${connectedAt} ${id} ${id} ${requestId}$`),
    );
    socket.close();
    expect(await row()).toMatch(
      new RegExp(`^DISCONNECT \\$disconnect 202 ${connectedAt} - ${id} ${requestId}$`),
    );
  });

  test('each call of @connections, without a time of connecting', async () => {
    const api = await logged(format);
    await connect(api.wsUrl);
    await row();
    const { connectionId } = await at.gateway.events.next();
    for (const method of ['POST', 'GET', 'DELETE']) {
      await fetch(`${api.endpoint}/@connections/${connectionId}`, {
        method,
        ...(method === 'POST' && { body: 'hello' }),
      });
    }
    const call = (method: string, status: number) =>
      `CONNECTION_API ${method} /@connections/{connectionId} ${status} - - ${connectionId} `;
    for (const [method, status] of [
      ['POST', 200],
      ['GET', 200],
      ['DELETE', 204],
    ] as const) {
      expect((await row()).slice(0, -16)).toBe(call(method, status));
    }
  });

  test('a disconnect that nobody is told of, without a status', async () => {
    const api = await logged('$context.eventType $context.status $context.requestId');
    const socket = await connect(api.wsUrl);
    socket.close();
    await row();
    expect(await row()).toMatch(/^DISCONNECT - /);
  });

  test('a handshake that is refused', async () => {
    says('/no', 403);
    const format =
      '$context.status $context.error.message $context.identity.sourceIp $context.requestId';
    const api = await logged(format, { $connect: { url: `${at.backend.url}/no` } });
    await refusal(api.wsUrl);
    expect(await row()).toMatch(/^403 - 127\.0\.0\.1 /);
  });
});

test('every variable, where there is one; a hyphen where there is none', async () => {
  says('/echo', 200);
  const names = [
    'apiId',
    'domainName',
    'stage',
    'routeKey',
    'integrationStatus',
    'integration.status',
    'integration.latency',
    'responseLength',
    'responseLatency',
    'identity.sourceIp',
    'identity.userAgent',
    'identity.user',
    'authorizer.principalId',
    'error.message',
    'error.responseType',
    'waf.status',
    'xrayTraceId',
    'requestTimeEpoch',
    'requestTime',
    'nonsense',
  ];
  const format = names.map((name) => `$context.${name}`).join('|');
  const api = await logged(`${format}|$context.requestId`);
  const socket = await connect(api.wsUrl, { headers: { 'user-agent': 'device/1' } });
  await row();
  socket.send('ping');
  const values = (await row()).split('|');
  expect(Object.fromEntries(names.map((name, index) => [name, values[index]]))).toEqual({
    apiId: api.apiId,
    domainName: new URL(at.gateway.url).host,
    stage: 'test',
    routeKey: '$default',
    integrationStatus: '200',
    'integration.status': '-',
    'integration.latency': '-',
    responseLength: '-',
    responseLatency: '-',
    'identity.sourceIp': '127.0.0.1',
    'identity.userAgent': 'device/1',
    'identity.user': '-',
    'authorizer.principalId': '-',
    'error.message': '-',
    'error.responseType': '-',
    'waf.status': '-',
    xrayTraceId: '-',
    requestTimeEpoch: String(at.gateway.clock.now()),
    requestTime: '25/Sep/2026:00:02:11 +0000',
    nonsense: '-',
  });
});

test('both ids of a request are the same, and those the client reads in an error frame', async () => {
  const api = await logged('$context.requestId $context.extendedRequestId', { other: {} });
  const socket = await connect(api.wsUrl);
  await row();
  socket.send('ping');
  const { requestId } = JSON.parse(await socket.next());
  expect(await row()).toBe(`${requestId} ${requestId}`);
});

test('integrationLatency is in whole milliseconds', async () => {
  at.backend.answer('/echo', (_, response) => {
    at.gateway.clock.advance(37);
    response.end();
  });
  const api = await logged('$context.integrationLatency $context.requestId');
  const socket = await connect(api.wsUrl);
  expect(await row()).toMatch(/^- /);
  socket.send('ping');
  expect(await row()).toMatch(/^37 /);
});

describe('what went wrong', () => {
  const format =
    '$context.status|$context.error.message|$context.error.messageString|$context.error.responseType|$context.error.validationErrorString|$context.integrationErrorMessage|$context.requestId';
  const firstFive = (text: string) => text.split('|').slice(0, 5).join('|');

  const message = async (routes: Record<string, RouteSpec>, text = 'ping') => {
    const api = await logged(format, routes);
    const socket = await connect(api.wsUrl);
    await row();
    socket.send(text);
    return row();
  };

  test('no route', async () => {
    expect(firstFive(await message({ other: {} }))).toBe(
      '403|Forbidden|"Forbidden"|RESOURCE_NOT_FOUND|-',
    );
  });

  test('no integration', async () => {
    expect(firstFive(await message({ $default: {} }))).toBe(
      '500|Internal server error|"Internal server error"|API_CONFIGURATION_ERROR|-',
    );
  });

  test('a backend that cannot be reached, with the reason the client does not see', async () => {
    const text = await message({ $default: { url: 'http://127.0.0.1:1/' } });
    expect(firstFive(text)).toBe(
      '500|Internal server error|"Internal server error"|INTEGRATION_FAILURE|-',
    );
    expect(text.split('|')[5]).toContain('ECONNREFUSED');
  });

  test('a backend that takes too long', async () => {
    at.backend.answer('/slow', () => at.gateway.clock.advance(29_000));
    expect(firstFive(await message({ $default: { url: `${at.backend.url}/slow` } }))).toBe(
      '504|Endpoint request timed out|"Endpoint request timed out"|INTEGRATION_TIMEOUT|-',
    );
  });

  test('a backend that answers an error: it is the status, and no error of the gateway', async () => {
    says('/sick', 503);
    expect(firstFive(await message({ $default: { url: `${at.backend.url}/sick` } }))).toBe(
      '503|-|-|-|-',
    );
  });

  test('a push to a connection that is gone: a status and no error', async () => {
    const api = await logged(format);
    const url = `${api.endpoint}/@connections/${'A'.repeat(18)}==`;
    await fetch(url, { method: 'POST', body: 'x' });
    // Nobody knows whose connection it was: the row is written where the URL names the API.
    expect(firstFive(await row())).toBe('410|-|-|-|-');
  });

  test('a push to what is no connection id', async () => {
    const api = await logged(format);
    await fetch(`${api.endpoint}/@connections/AAAA=`, { method: 'POST', body: 'x' });
    expect(firstFive(await row())).toBe(
      '400|Invalid connectionId: AAAA=|"Invalid connectionId: AAAA="|BAD_REQUEST_PARAMETERS|-',
    );
  });

  test('a message that does not fit its model, with what is wrong', async () => {
    const api = await at.gateway.createApi({
      routes: { $default: { url: `${at.backend.url}/echo` } },
    });
    const base = `/v2/apis/${api.apiId}`;
    await at.gateway.control('POST', `${base}/models`, {
      name: 'Note',
      contentType: 'application/json',
      schema: '{"type":"object","required":["text"]}',
    });
    await at.gateway.control('PATCH', `${base}/routes/${api.routes.$default}`, {
      modelSelectionExpression: '$default',
      requestModels: { $default: 'Note' },
    });
    await api.deploy();
    await at.gateway.control('PATCH', `${base}/stages/test`, {
      accessLogSettings: { destinationArn: LOG_GROUP, format },
    });
    const socket = await connect(api.wsUrl);
    await row();
    socket.send('{"a":1}');
    // The words are those of AWS's validator; a row escapes their quotation marks.
    expect(firstFive(await row())).toBe(
      '400|Bad request body|"Bad request body"|BAD_REQUEST_BODY|' +
        '[object has missing required properties ([\\"text\\"])]',
    );
  });
});

describe('the authorizer', () => {
  const authorized = async (answer: object) => {
    says('/authorize', 200, JSON.stringify(answer));
    const format =
      '$context.authorizer.principalId|$context.authorizer.room|$context.authorizer.status|$context.authorizer.integrationStatus|$context.authorizer.error|$context.error.responseType|$context.requestId';
    const { gateway } = at;
    const api = await gateway.createApi({ routes: { $connect: {}, $default: {} } });
    const base = `/v2/apis/${api.apiId}`;
    const { authorizerId } = await gateway.control<{ authorizerId: string }>(
      'POST',
      `${base}/authorizers`,
      {
        name: 'door',
        authorizerType: 'REQUEST',
        authorizerUri: `${at.backend.url}/authorize`,
        identitySource: ['route.request.header.Host'],
      },
    );
    await gateway.control('PATCH', `${base}/routes/${api.routes.$connect}`, {
      authorizationType: 'CUSTOM',
      authorizerId,
    });
    await gateway.control('PATCH', `${base}/stages/test`, {
      accessLogSettings: { destinationArn: LOG_GROUP, format },
    });
    await api.deploy();
    return api;
  };
  const policy = (Effect: string) => ({
    Version: '2012-10-17',
    Statement: [{ Effect, Action: 'execute-api:Invoke', Resource: '*' }],
  });

  test('says who was let in', async () => {
    const api = await authorized({
      principalId: 'alice',
      policyDocument: policy('Allow'),
      context: { room: 'blue' },
    });
    await connect(api.wsUrl);
    expect(await row()).toMatch(/^alice\|blue\|200\|200\|-\|-\|/);
  });

  test('and why somebody was not', async () => {
    const api = await authorized({ principalId: 'eve', policyDocument: policy('Deny') });
    await refusal(api.wsUrl);
    expect(await row()).toMatch(/^-\|-\|403\|403\|the authorizer denied\|ACCESS_DENIED\|/);
  });
});

describe('IAM', () => {
  const signed = async () => {
    const names = [
      'authenticate.status',
      'authenticate.error',
      'authorize.status',
      'identity.user',
    ];
    const format = names.map((name) => `$context.${name}`).join('|');
    const api = await logged(`${format}|$context.requestId`, { $connect: {}, $default: {} });
    const route = `/v2/apis/${api.apiId}/routes/${api.routes.$connect}`;
    await at.gateway.control('PATCH', route, { authorizationType: 'AWS_IAM' });
    await api.deploy();
    return api;
  };

  test('who did not sign was not authenticated', async () => {
    await refusal((await signed()).wsUrl);
    expect(await row()).toMatch(/^403\|Missing Authentication Token\|-\|-\|/);
  });

  test('who signed was, and was then allowed', async () => {
    const { wsUrl } = await signed();
    const { host, pathname } = new URL(wsUrl);
    const credentials = { accessKeyId: 'AKIAANYBODY00000001', secretAccessKey: 'any' };
    const headers = signRequest(
      {
        method: 'GET',
        path: pathname,
        query: '',
        rawHeaders: ['Host', host],
        body: Buffer.alloc(0),
      },
      { credentials, region: 'us-east-1', service: 'execute-api', now: at.gateway.clock.now() },
    );
    await connect(wsUrl, { headers: { ...headers } });
    expect(await row()).toMatch(/^200\|-\|200\|AKIAANYBODY00000001\|/);
  });
});

describe('a format', () => {
  test.each([
    ['JSON', '{"agent":"$context.identity.userAgent","id":"$context.requestId"}', /^\{.*\}$/],
    [
      'CLF',
      '$context.identity.sourceIp - [$context.requestTime] "$context.routeKey" $context.requestId',
      /^127\.0\.0\.1 - \[25\/Sep\/2026:00:02:11 \+0000\] "\$connect" [\w-]{15}=$/,
    ],
    [
      'CSV',
      '$context.identity.sourceIp,$context.routeKey,$context.requestId',
      /^127\.0\.0\.1,\$connect,[\w-]{15}=$/,
    ],
    [
      'XML',
      '<request id="$context.requestId"><agent>$context.identity.userAgent</agent></request>',
      /^<request id="[\w-]{15}="><agent>a&quot;b\\c &lt;d&gt;<\/agent><\/request>$/,
    ],
  ])(
    'in %s is filled in on one line, and no value breaks out of it',
    async (_, format, expected) => {
      const api = await logged(format);
      await connect(api.wsUrl, { headers: { 'user-agent': 'a"b\\c <d>' } });
      const text = await row();
      expect(text).toMatch(expected);
      if (text.startsWith('{')) expect(JSON.parse(text)).toMatchObject({ agent: 'a"b\\c <d>' });
    },
  );

  test('with line breaks is written on one line', async () => {
    const api = await logged('$context.routeKey\n$context.requestId');
    await connect(api.wsUrl);
    expect(await row()).toMatch(/^\$connect [\w-]{15}=$/);
  });

  test('follows its change at once, without a deployment, and ends with its removal', async () => {
    const api = await logged('old $context.requestId');
    const stage = `/v2/apis/${api.apiId}/stages/test`;
    const socket = await connect(api.wsUrl);
    expect(await row()).toMatch(/^old /);
    await at.gateway.control('PATCH', stage, {
      accessLogSettings: { destinationArn: LOG_GROUP, format: 'new $context.requestId' },
    });
    socket.send('ping');
    expect(await row()).toMatch(/^new /);
    await at.gateway.control('DELETE', `${stage}/accesslogsettings`);
    socket.send('ping');
    await at.backend.requests('/echo').next();
    await at.backend.requests('/echo').next();
    for (let event = 0; event < 3; event += 1) await at.gateway.events.next();
    await at.gateway.gateway.stop();
    expect(at.gateway.lines.size).toBe(0);
  });
});

describe('a destination of our own', () => {
  test.each([
    ['file:../out', 400],
    ['file:/etc/out', 400],
    ['file:a/../../out', 400],
    ['https://', 400],
    ['file:chat/access', 200],
    ['stdout', 200],
    ['http://127.0.0.1:1/rows?token=x', 200],
  ])('%s: %i', async (destinationArn, status) => {
    const api = await at.gateway.createApi({ routes: { other: {} } });
    const reply = await fetch(`${at.gateway.url}/v2/apis/${api.apiId}/stages/test`, {
      method: 'PATCH',
      body: JSON.stringify({
        accessLogSettings: { destinationArn, format: '$context.requestId' },
      }),
    });
    expect(reply.status).toBe(status);
  });
});
