import { beforeAll, describe, expect, test } from 'vitest';
import { createControlPlane } from '../../src/control-plane/control-plane.ts';
import { makeApi, makeIntegration } from './support/make.ts';
import { useControlPlane } from './support/start-control-plane.ts';

const plane = useControlPlane();
let ApiId: string;
beforeAll(async () => {
  ApiId = await makeApi(plane);
});

describe('An answer', () => {
  test('is JSON in camelCase, alphabetical, without what is not set', async () => {
    const body = {
      protocolType: 'WEBSOCKET',
      name: 'chat',
      routeSelectionExpression: '$request.body.action',
      description: null,
    };
    const { status, text, json, headers } = await plane.send('POST', '/v2/apis', body);
    expect(status).toBe(201);
    expect(text).toBe(
      `{"apiEndpoint":"ws://127.0.0.1:4080/${json.apiId}","apiId":"${json.apiId}",` +
        '"apiKeySelectionExpression":"$request.header.x-api-key",' +
        '"createdDate":"2026-01-02T03:04:05Z","disableExecuteApiEndpoint":false,' +
        '"ipAddressType":"ipv4","name":"chat","protocolType":"WEBSOCKET",' +
        '"routeSelectionExpression":"$request.body.action","tags":{}}',
    );
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('x-amzn-requestid')).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(headers.get('x-amz-apigw-id')).toMatch(/^[\w-]{15}=$/);
  });

  test('to a delete and to TagResource is empty', async () => {
    const arn = encodeURIComponent(`arn:aws:apigateway:us-east-1::/apis/${ApiId}`);
    const tagged = await plane.send('POST', `/v2/tags/${arn}`, { tags: { a: 'b' } });
    expect([tagged.status, tagged.text]).toEqual([201, '']);
    const integrationId = await makeIntegration(plane, ApiId);
    const gone = await plane.send('DELETE', `/v2/apis/${ApiId}/integrations/${integrationId}`);
    expect([gone.status, gone.text]).toEqual([204, '']);
  });

  test('of an exception names it in a header and explains it in the body', async () => {
    const { status, headers, text } = await plane.send('GET', '/v2/apis/nosuchapi0');
    expect(status).toBe(404);
    expect(headers.get('x-amzn-errortype')).toBe('NotFoundException');
    expect(text).toBe(
      '{"message":"Invalid API identifier specified 123456789012:nosuchapi0","resourceType":"Api"}',
    );
  });
});

describe('A path', () => {
  test('may end in one slash', async () => {
    expect((await plane.send('GET', `/v2/apis/${ApiId}/`)).json.apiId).toBe(ApiId);
    expect((await plane.send('GET', `/v2/apis/${ApiId}/routes/`)).json).toEqual({ items: [] });
    const body = { name: 'a', protocolType: 'WEBSOCKET', routeSelectionExpression: '\\$default' };
    expect((await plane.send('POST', '/v2/apis/', body)).status).toBe(201);
  });

  test('with an empty API id answers an empty object', async () => {
    const { status, text } = await plane.send('GET', '/v2/apis/');
    expect([status, text]).toEqual([200, '{}']);
  });

  test.each([
    ['GET', '/v2/nothing'],
    ['GET', '/v2'],
    ['GET', '/'],
    ['GET', '/v2/apis//routes'],
    ['PUT', '/v2/apis/abc/routes'],
    ['DELETE', '/v2/apis'],
    ['GET', '/v2/apis/%zz'],
    ['GET', '/v1/apis'],
    ['GET', '/v2/apis/a/b%2Fc'],
    ['GET', '/v2/__proto__'],
  ])('%s %s is not of this API: 403', async (method, path) => {
    const { status, headers, text } = await plane.send(method, path);
    expect(status).toBe(403);
    expect(headers.get('x-amzn-errortype')).toBe('MissingAuthenticationTokenException');
    expect(text).toBe('{"message":"Missing Authentication Token"}');
  });
});

describe('A body', () => {
  test.each([
    ['no JSON', '{"name":'],
    ['text', 'name=chat'],
    ['a list', '[]'],
    ['a string', '"chat"'],
    ['a number', '1'],
    ['null', 'null'],
    ['invalid UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['lists in lists', '['.repeat(200_000)],
  ])('that is %s answers 400', async (_, body) => {
    const { status, headers, text } = await plane.send('POST', '/v2/apis', body);
    expect(status).toBe(400);
    expect(headers.get('x-amzn-errortype')).toBe('BadRequestException');
    expect(text).toBe('{"message":"Invalid request body. Must be a JSON object"}');
  });

  test('that is empty is an empty object', async () => {
    const { status, json } = await plane.send('PATCH', `/v2/apis/${ApiId}`);
    expect(status).toBe(200);
    expect(json.apiId).toBe(ApiId);
  });

  test.each([
    ['a name that is a number', { name: 1 }, 'Invalid name specified. Must be a string'],
    [
      'a flag that is a string',
      { disableExecuteApiEndpoint: 'true' },
      'Invalid disableExecuteApiEndpoint specified. Must be true or false',
    ],
    ['tags that are a list', { tags: [] }, 'Invalid tags specified. Must be a map'],
    ['a tag that is a number', { tags: { a: 1 } }, 'Invalid tags.a specified. Must be a string'],
  ])('with %s answers 400', async (_, change, message) => {
    const body = {
      name: 'chat',
      protocolType: 'WEBSOCKET',
      routeSelectionExpression: '$request.body.action',
      ...change,
    };
    const { status, json } = await plane.send('POST', '/v2/apis', body);
    expect(status).toBe(400);
    expect(json).toEqual({ message });
  });

  test.each([
    ['routes', { routeKey: 'x', authorizationScopes: 'email' }, 'authorizationScopes', 'a list'],
    [
      'routes',
      { routeKey: 'x', requestParameters: { 'route.request.header.a': true } },
      'requestParameters.route.request.header.a',
      'an object',
    ],
    [
      'integrations',
      { integrationType: 'HTTP_PROXY', timeoutInMillis: 100.5 },
      'timeoutInMillis',
      'a whole number',
    ],
    [
      'stages',
      { stageName: 'x', defaultRouteSettings: { throttlingRateLimit: '1' } },
      'defaultRouteSettings.throttlingRateLimit',
      'a number',
    ],
  ])('of %s %j answers 400', async (children, body, field, kind) => {
    const { status, json } = await plane.send('POST', `/v2/apis/${ApiId}/${children}`, body);
    expect(status).toBe(400);
    expect(json.message).toBe(`Invalid ${field} specified. Must be ${kind}`);
  });

  test('may have members and keys named like parts of a prototype; they are data', async () => {
    const tags = '{"__proto__":"p","constructor":"c","toString":"t"}';
    const body =
      '{"__proto__":{"name":"inherited"},"constructor":1,"name":"chat","protocolType":"WEBSOCKET",' +
      `"routeSelectionExpression":"$request.body.action","tags":${tags}}`;
    const made = await plane.send('POST', '/v2/apis', body);
    expect(made.status).toBe(201);
    const { apiId } = made.json;
    expect((await plane.send('GET', `/v2/apis/${apiId}`)).text).toContain(`"tags":${tags}`);
    expect(({} as { name?: string }).name).toBeUndefined();

    const withoutName = body.replace('"name":"chat",', '');
    expect((await plane.send('POST', '/v2/apis', withoutName)).json.message).toBe(
      'Invalid API name specified',
    );

    const integrations = `/v2/apis/${apiId}/integrations`;
    const integration = await plane.send(
      'POST',
      integrations,
      '{"integrationType":"HTTP_PROXY","integrationMethod":"POST","integrationUri":"http://h/",' +
        '"requestTemplates":{"__proto__":"a","constructor":"b"}}',
    );
    const one = `${integrations}/${integration.json.integrationId}`;
    await plane.send('PATCH', one, '{"requestTemplates":{"__proto__":"c"}}');
    expect((await plane.send('GET', one)).text).toContain(
      '"requestTemplates":{"__proto__":"c","constructor":"b"}',
    );

    const routes = `/v2/apis/${apiId}/routes`;
    await plane.send('POST', routes, { routeKey: '__proto__' });
    const settings = '{"__proto__":{"dataTraceEnabled":true}}';
    const stages = `/v2/apis/${apiId}/stages`;
    await plane.send('POST', stages, `{"stageName":"__proto__","routeSettings":${settings}}`);
    const stage = `${stages}/__proto__`;
    expect((await plane.send('GET', stage)).text).toContain(`"routeSettings":${settings}`);
    expect((await plane.send('DELETE', `${stage}/routesettings/__proto__`)).status).toBe(204);
    expect((await plane.send('GET', stage)).json.routeSettings).toEqual({});
    expect((await plane.send('GET', `${stages}/constructor`)).status).toBe(404);
  });
});

describe('resolve', () => {
  const { resolve } = createControlPlane({
    store: plane.store,
    counters: plane.counters,
    clock: plane.clock,
    random: { bytes: (length) => new Uint8Array(length) },
    accountId: '123456789012',
    region: 'eu-west-1',
    endpointOf: () => '',
  });
  const arn = (path: string) => `arn:aws:apigateway:eu-west-1::${path}`;

  test.each([
    ['GET', '/v2/apis', 'GetApis', '/apis'],
    ['POST', '/v2/apis/', 'CreateApi', '/apis'],
    ['GET', '/v2/apis/', 'GetApi', '/apis/'],
    ['GET', '/v2/apis/abc/', 'GetApi', '/apis/abc'],
    ['PATCH', '/v2/apis/%61bc/routes/r1', 'UpdateRoute', '/apis/abc/routes/r1'],
    [
      'POST',
      '/v2/tags/arn%3aaws%3aapigateway:us-east-1::%2Fapis%2Fabc',
      'TagResource',
      '/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Fapis%2Fabc',
    ],
    ['GET', '/v2/domainnames', 'GetDomainNames', '/domainnames'],
    ['GET', '/v2/%zz', 'Unknown', '/%zz'],
    ['GET', '/other', 'Unknown', '/other'],
    ['GET', '/apikeys/abc', 'GetApiKey', '/apikeys/abc'],
    ['POST', '/usageplans/', 'CreateUsagePlan', '/usageplans'],
    ['PUT', '/tags/a%2Fb', 'TagResource', '/tags/a%2Fb'],
    ['GET', '/account', 'GetAccount', '/account'],
  ])('%s %s is %s on %s', (method, path, operation, resource) => {
    expect(resolve(method, path)).toEqual({
      operation,
      action: `apigateway:${method}`,
      resource: arn(resource),
    });
  });
});
