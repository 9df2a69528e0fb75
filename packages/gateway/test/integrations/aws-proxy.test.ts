import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeFolder } from '../support/code-folder.ts';
import { type RouteSpec, startGateway, type TestGateway } from '../support/start-gateway.ts';
import { connect, refusal } from '../support/test-socket.ts';

/** Handlers as people write them; the second answers with the event it received. */
const code = `
exports.ok = async () => ({ statusCode: 200 });
exports.echo = async (event) => ({ statusCode: 200, body: JSON.stringify(event) });
exports.answer = async (event) => JSON.parse(event.body).answer;
exports.nothing = async () => {};
exports.fails = async () => { throw new Error('on purpose'); };
exports.refuses = async (event) => ({
  statusCode: 403,
  headers: { 'Content-Type': 'application/json', 'Set-Cookie': 'a=1' },
  body: JSON.stringify(event),
});
exports.protocol = async () => ({ statusCode: 200, headers: { 'sec-websocket-protocol': 'news' } });
exports.remember = async (event) => {
  const seen = (globalThis.seen ??= []);
  if (event.requestContext.eventType === 'DISCONNECT') seen.push(event);
  return { statusCode: 200, body: JSON.stringify(seen) };
};
`;

const arn = (name: string) =>
  `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:${name}/invocations`;

const handlers = 'ok echo answer nothing fails refuses protocol remember'.split(' ');
const functions = Object.fromEntries(
  handlers.map((name) => [name, { handler: `index.${name}`, runtime: 'nodejs20.x' }]),
);

let files: ReturnType<typeof codeFolder>;
let gateway: TestGateway;
beforeAll(async () => {
  files = codeFolder({ 'index.js': code });
  gateway = await startGateway({ functions, functionsFolder: files.folder });
});
afterAll(async () => {
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
  files.remove();
});

const lambda = (name: string, more: Partial<RouteSpec> = {}): RouteSpec => ({
  type: 'AWS_PROXY',
  url: arn(name),
  ...more,
});

const three = (message: string) =>
  new RegExp(
    `^\\{"message": "${message}", "connectionId":"[\\w-]{18}==", "requestId":"[\\w-]{15}="\\}$`,
  );

describe('the event', () => {
  test('of a message: members and order as recorded, and no null', async () => {
    const api = await gateway.createApi({ routes: { $default: lambda('echo', { twoWay: true }) } });
    const socket = await connect(api.wsUrl, { headers: { 'User-Agent': 'device/1' } });
    socket.send('{"action":"hello"}');
    const text = await socket.next();
    const event = JSON.parse(text);
    expect(Object.keys(event)).toEqual(['requestContext', 'body', 'isBase64Encoded']);
    expect(Object.keys(event.requestContext)).toEqual(
      (
        'routeKey messageId eventType extendedRequestId requestTime messageDirection stage ' +
        'connectedAt requestTimeEpoch identity requestId domainName connectionId apiId'
      ).split(' '),
    );
    expect(event).toMatchObject({
      body: '{"action":"hello"}',
      isBase64Encoded: false,
      requestContext: {
        routeKey: '$default',
        eventType: 'MESSAGE',
        messageDirection: 'IN',
        stage: 'test',
        apiId: api.apiId,
        requestTime: '25/Sep/2026:00:02:11 +0000',
        identity: { userAgent: 'device/1', sourceIp: '127.0.0.1' },
        domainName: `127.0.0.1:${gateway.port}`,
      },
    });
    const { requestContext: context } = event;
    expect(context.messageId.slice(8)).toBe(context.connectionId.slice(8));
    expect(context.requestId).toBe(context.extendedRequestId);
    expect(text).not.toContain('null');
  });

  test('of $connect: headers sorted, both query maps, no body', async () => {
    const api = await gateway.createApi({
      routes: { $connect: lambda('refuses') },
      stageVariables: { color: 'blue' },
    });
    const refused = await refusal(`${api.wsUrl}?z=1&token=first&token=last%20value`, {
      headers: { 'X-Custom': 'yes', Cookie: 'c=1', 'User-Agent': 'device/1' },
    });
    const event = JSON.parse(refused.body);
    expect(Object.keys(event)).toEqual([
      'headers',
      'multiValueHeaders',
      'queryStringParameters',
      'multiValueQueryStringParameters',
      'stageVariables',
      'requestContext',
      'isBase64Encoded',
    ]);
    expect(Object.keys(event.headers)).toEqual([...Object.keys(event.headers)].sort());
    expect(event.headers).toMatchObject({
      Cookie: 'c=1',
      'X-Custom': 'yes',
      'X-Forwarded-For': '127.0.0.1',
      'X-Forwarded-Port': '443',
      'X-Forwarded-Proto': 'https',
      'Sec-WebSocket-Version': '13',
    });
    expect(event.headers).not.toHaveProperty('Connection');
    expect(event.headers).not.toHaveProperty('Upgrade');
    expect(event.multiValueHeaders.Cookie).toEqual(['c=1']);
    expect(event.queryStringParameters).toEqual({ token: 'last value', z: '1' });
    expect(event.multiValueQueryStringParameters.token).toEqual(['first', 'last value']);
    expect(event.stageVariables).toEqual({ color: 'blue' });
    expect(event.requestContext.eventType).toBe('CONNECT');
    expect(Object.keys(event.requestContext)).not.toContain('messageId');
  });

  test('of $connect without a query has no query maps', async () => {
    const api = await gateway.createApi({ routes: { $connect: lambda('refuses') } });
    const event = JSON.parse((await refusal(api.wsUrl)).body);
    expect(Object.keys(event)).toEqual([
      'headers',
      'multiValueHeaders',
      'requestContext',
      'isBase64Encoded',
    ]);
  });

  test('of $disconnect: almost no headers, code and reason', async () => {
    const api = await gateway.createApi({
      routes: {
        $disconnect: lambda('remember'),
        $default: lambda('remember', { twoWay: true }),
      },
    });
    const leaving = await connect(api.wsUrl);
    const staying = await connect(api.wsUrl);
    leaving.close(3001, 'bye');
    await leaving.closed;
    let seen: { requestContext: Record<string, unknown>; headers: unknown }[] = [];
    while (seen.length === 0) {
      staying.send('{}');
      seen = JSON.parse(await staying.next());
    }
    const [event] = seen;
    expect(Object.keys(event!)).toEqual([
      'headers',
      'multiValueHeaders',
      'requestContext',
      'isBase64Encoded',
    ]);
    expect(event!.headers).toEqual({
      Host: `127.0.0.1:${gateway.port}`,
      'x-api-key': '',
      'X-Forwarded-For': '',
      'x-restapi': '',
    });
    expect(Object.keys(event!.requestContext)).toEqual(
      (
        'routeKey disconnectStatusCode eventType extendedRequestId requestTime messageDirection ' +
        'disconnectReason stage connectedAt requestTimeEpoch identity requestId domainName ' +
        'connectionId apiId'
      ).split(' '),
    );
    expect(event!.requestContext).toMatchObject({
      disconnectStatusCode: 3001,
      disconnectReason: 'bye',
    });
  });
});

describe("what comes of a function's answer to $connect", () => {
  test('2xx accepts, with its sub-protocol', async () => {
    const api = await gateway.createApi({ routes: { $connect: lambda('protocol') } });
    const socket = await connect(api.wsUrl, { protocols: ['news'] });
    expect(socket.socket.protocol).toBe('news');
  });

  test('another status refuses with it, its body and its content type', async () => {
    const api = await gateway.createApi({ routes: { $connect: lambda('refuses') } });
    const refused = await refusal(api.wsUrl);
    expect(refused.status).toBe(403);
    expect(refused.headers['content-type']).toBe('application/json; charset=UTF-8');
    expect(refused.headers['x-amz-apigw-id']).toMatch(/^[\w-]{15}=$/);
    expect(refused.headers['set-cookie']).toBeUndefined();
  });

  test.each(['fails', 'nothing'])('%s: 502 Internal server error', async (name) => {
    const api = await gateway.createApi({ routes: { $connect: lambda(name) } });
    const refused = await refusal(api.wsUrl);
    expect(refused.status).toBe(502);
    expect(refused.body).toMatch(three('Internal server error'));
  });

  test('a function that does not exist: 502', async () => {
    const api = await gateway.createApi({ routes: { $connect: lambda('unknown') } });
    expect((await refusal(api.wsUrl)).status).toBe(502);
  });
});

describe("what comes of a function's answer to a message", () => {
  const ask = async (answer: unknown, route: Partial<RouteSpec> = { twoWay: true }) => {
    const api = await gateway.createApi({ routes: { $default: lambda('answer', route) } });
    const socket = await connect(api.wsUrl);
    socket.send(JSON.stringify({ answer }));
    return socket.next();
  };

  test.each([
    [{ statusCode: 200, body: 'hello' }, 'hello'],
    [{ statusCode: 500, body: 'still a reply' }, 'still a reply'],
    [{ body: 'no status is 200' }, 'no status is 200'],
    [{ statusCode: '200', body: 'a status as text' }, 'a status as text'],
    [{ statusCode: 200 }, ''],
    [{ statusCode: 200, body: 'aGk=', isBase64Encoded: true }, 'hi'],
    [{ statusCode: 200, headers: { a: 'b', c: true }, body: 'x' }, 'x'],
  ])('%j is the reply "%s"', async (answer, expected) => {
    expect(await ask(answer)).toBe(expected);
  });

  test.each([
    ['another key', { statusCode: 200, ConnectionId: 'x' }],
    ['no object', 'text'],
    ['a list', []],
    ['null', null],
    ['a body that is no text', { statusCode: 200, body: { a: 1 } }],
    ['a header that is a number', { statusCode: 200, headers: { a: 1 } }],
    ['a status that is none', { statusCode: 'ok' }],
    ['multiValueHeaders without lists', { statusCode: 200, multiValueHeaders: { a: 'b' } }],
  ])('%s is malformed: Internal server error, also on a one-way route', async (_, answer) => {
    expect(await ask(answer, {})).toMatch(three('Internal server error'));
  });

  test('a function that throws: Internal server error', async () => {
    const api = await gateway.createApi({ routes: { $default: lambda('fails') } });
    const socket = await connect(api.wsUrl);
    socket.send('x');
    expect(await socket.next()).toMatch(three('Internal server error'));
  });

  test("the function's own ARN does as well as the invocation ARN", async () => {
    const url = 'arn:aws:lambda:us-east-1:000000000000:function:echo';
    const api = await gateway.createApi({
      routes: { $default: { type: 'AWS_PROXY', url, twoWay: true } },
    });
    const socket = await connect(api.wsUrl);
    socket.send('x');
    expect(JSON.parse(await socket.next()).body).toBe('x');
  });
});

describe('Lambda behind type AWS', () => {
  const custom = (name: string, more: Partial<RouteSpec>): RouteSpec => ({
    type: 'AWS',
    url: arn(name),
    twoWay: true,
    ...more,
  });

  test('receives what the template makes, and its whole result goes through a template', async () => {
    const api = await gateway.createApi({
      routes: {
        $default: custom('echo', {
          integration: { requestTemplates: { $default: '{"n":$input.path(\'$.n\')}' } },
          responses: [
            {
              integrationResponseKey: '$default',
              responseTemplates: {
                $default: "status $input.path('$.statusCode'), $input.path('$.body')",
              },
            },
          ],
        }),
      },
    });
    const socket = await connect(api.wsUrl);
    socket.send('{"n":7}');
    expect(await socket.next()).toBe('status 200, {"n":7}');
  });

  test('an error message chooses the integration response', async () => {
    const api = await gateway.createApi({
      routes: {
        $default: custom('fails', {
          responses: [
            {
              integrationResponseKey: '/on .*/',
              responseTemplates: { $default: "sorry: $input.path('$.errorMessage')" },
            },
            { integrationResponseKey: '$default' },
          ],
        }),
      },
    });
    const socket = await connect(api.wsUrl);
    socket.send('{}');
    expect(await socket.next()).toBe('sorry: on purpose');
  });

  test("a mapped X-Amz-Invocation-Type 'Event' does not wait for the function", async () => {
    const api = await gateway.createApi({
      routes: {
        $default: custom('fails', {
          requestParameters: { 'integration.request.header.X-Amz-Invocation-Type': "'Event'" },
          responses: [
            { integrationResponseKey: '$default', responseTemplates: { $default: 'accepted' } },
          ],
        }),
      },
    });
    const socket = await connect(api.wsUrl);
    socket.send('{}');
    expect(await socket.next()).toBe('accepted');
  });
});
