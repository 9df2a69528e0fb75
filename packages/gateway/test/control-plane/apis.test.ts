import { describe, expect, test } from 'vitest';
import { makeApi, makeRoute } from './support/make.ts';
import { badRequest, conflict, notFound, refusal } from './support/refusal.ts';
import { useControlPlane } from './support/start-control-plane.ts';

const plane = useControlPlane();
const webSocket = {
  Name: 'chat',
  ProtocolType: 'WEBSOCKET',
  RouteSelectionExpression: '$request.body.action',
} as const;

describe('CreateApi', () => {
  test('answers exactly the fields AWS answers for a minimal API', async () => {
    const { $metadata, ...api } = await plane.aws.createApi(webSocket);
    expect($metadata.httpStatusCode).toBe(201);
    expect(api).toEqual({
      ...webSocket,
      ApiId: expect.stringMatching(/^[a-z0-9]{10}$/),
      ApiEndpoint: `ws://127.0.0.1:4080/${api.ApiId}`,
      ApiKeySelectionExpression: '$request.header.x-api-key',
      CreatedDate: new Date('2026-01-02T03:04:05Z'),
      DisableExecuteApiEndpoint: false,
      IpAddressType: 'ipv4',
      Tags: {},
    });
  });

  test('keeps every field that is given', async () => {
    const given = {
      ...webSocket,
      Description: 'rooms',
      Version: '1.2',
      ApiKeySelectionExpression: '$context.authorizer.usageIdentifierKey',
      DisableExecuteApiEndpoint: true,
      DisableSchemaValidation: true,
      IpAddressType: 'dualstack',
      Tags: { team: 'realtime' },
    } as const;
    const { ApiId } = await plane.aws.createApi(given);
    expect(await plane.aws.getApi({ ApiId })).toMatchObject(given);
  });

  test.each([
    ['no name', { Name: undefined }, 'Invalid API name specified'],
    ['an empty name', { Name: '' }, 'Invalid API name specified'],
    ['a name of 129 characters', { Name: 'n'.repeat(129) }, 'Invalid API name specified'],
    [
      'no protocol',
      { ProtocolType: undefined },
      'Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]',
    ],
    [
      'another protocol',
      { ProtocolType: 'MQTT' },
      'Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]',
    ],
    [
      'HTTP, which this version does not serve',
      { ProtocolType: 'HTTP' },
      'HTTP APIs are not supported by this version. protocolType must be WEBSOCKET',
    ],
    [
      'no route selection expression',
      { RouteSelectionExpression: undefined },
      'Invalid routeSelectionExpression',
    ],
    [
      'a route selection expression that selects nothing',
      { RouteSelectionExpression: 'action' },
      'Invalid routeSelectionExpression',
    ],
    [
      'a route selection expression nobody can parse',
      { RouteSelectionExpression: '${request.body.action' },
      'Invalid routeSelectionExpression',
    ],
    [
      'CORS',
      { CorsConfiguration: { AllowOrigins: ['*'] } },
      'Cors is not supported for WEBSOCKET protocolType',
    ],
    [
      'quick create',
      { Target: 'http://127.0.0.1' },
      'Quick create is not supported for WEBSOCKET protocolType',
    ],
    [
      'another API key selection expression',
      { ApiKeySelectionExpression: '$request.header.key' },
      'Invalid apiKeySelectionExpression specified. Must be one of ' +
        '[$request.header.x-api-key, $context.authorizer.usageIdentifierKey]',
    ],
    [
      'a description of 1025 characters',
      { Description: 'd'.repeat(1025) },
      'Invalid description specified. Must be 0 to 1024 characters long',
    ],
    [
      'a version of 65 characters',
      { Version: 'v'.repeat(65) },
      'Invalid version specified. Must be 1 to 64 characters long',
    ],
    [
      'another kind of address',
      { IpAddressType: 'ipv6' },
      'Invalid ipAddressType specified. Must be one of [ipv4, dualstack]',
    ],
  ])('with %s answers 400', async (_, change, message) => {
    const call = plane.aws.createApi({ ...webSocket, ...change } as never);
    expect(await refusal(call)).toEqual(badRequest(message));
  });

  test('takes name, description and version at their longest', async () => {
    const longest = {
      Name: 'n'.repeat(128),
      Description: 'd'.repeat(1024),
      Version: 'v'.repeat(64),
    };
    expect(await plane.aws.createApi({ ...webSocket, ...longest })).toMatchObject(longest);
  });

  test.each([
    '$request.body.action',
    '${request.body.action}',
    '${request.body.service}/${request.body.action}',
    "$request.body['type'][0].name",
    '\\$default',
  ])('takes the route selection expression %s', async (expression) => {
    const api = await plane.aws.createApi({ ...webSocket, RouteSelectionExpression: expression });
    expect(api.RouteSelectionExpression).toBe(expression);
  });

  test('pins the id with the tag _custom_id_', async () => {
    const Tags = { _custom_id_: 'mychat' };
    expect(await plane.aws.createApi({ ...webSocket, Tags })).toMatchObject({
      ApiId: 'mychat',
      Tags,
    });
    expect(await refusal(plane.aws.createApi({ ...webSocket, Tags }))).toEqual(
      conflict('API with identifier mychat already exists'),
    );
  });

  test.each(['ab', 'a'.repeat(33), 'My-Chat', 'a/b'])('refuses the pinned id %s', async (id) => {
    const call = plane.aws.createApi({ ...webSocket, Tags: { _custom_id_: id } });
    expect(await refusal(call)).toEqual(
      badRequest('Invalid _custom_id_ specified. Must be 3 to 32 of a-z and 0-9'),
    );
  });
});

describe('UpdateApi', () => {
  test('keeps what is absent and replaces what is present', async () => {
    const { ApiId } = await plane.aws.createApi({ ...webSocket, Description: 'first' });
    const updated = await plane.aws.updateApi({ ApiId, Name: 'talk' });
    expect(updated).toMatchObject({ Name: 'talk', Description: 'first' });
    expect(await plane.aws.getApi({ ApiId })).toMatchObject({ Name: 'talk', Description: 'first' });
  });

  test('an empty description and version are gone from later reads', async () => {
    const { ApiId } = await plane.aws.createApi({ ...webSocket, Description: 'd', Version: 'v' });
    const updated = await plane.aws.updateApi({ ApiId, Description: '', Version: '' });
    expect(updated).toMatchObject({ Description: '', Version: '' });
    const { json } = await plane.send('GET', `/v2/apis/${ApiId}`);
    expect(json).not.toHaveProperty('description');
    expect(json).not.toHaveProperty('version');
  });

  test('with an empty body answers the API as it is', async () => {
    const ApiId = await makeApi(plane);
    const { $metadata: _, ...before } = await plane.aws.getApi({ ApiId });
    expect(await plane.aws.updateApi({ ApiId })).toMatchObject(before);
  });

  test('leaves tags, protocol and id alone, as they are not its fields', async () => {
    const ApiId = await makeApi(plane);
    const body = { tags: { a: 'b' }, protocolType: 'HTTP', apiId: 'other', createdDate: 'now' };
    const { status, json } = await plane.send('PATCH', `/v2/apis/${ApiId}`, body);
    expect(status).toBe(200);
    expect(json).toMatchObject({ tags: {}, protocolType: 'WEBSOCKET', apiId: ApiId });
  });

  test('refuses what CreateApi refuses', async () => {
    const ApiId = await makeApi(plane);
    expect(await refusal(plane.aws.updateApi({ ApiId, Name: '' }))).toEqual(
      badRequest('Invalid API name specified'),
    );
    expect(await refusal(plane.aws.updateApi({ ApiId, RouteSelectionExpression: '' }))).toEqual(
      badRequest('Invalid routeSelectionExpression'),
    );
  });
});

describe('DeleteApi', () => {
  test('takes children, stages and deployments with it', async () => {
    const ApiId = await makeApi(plane);
    const RouteId = await makeRoute(plane, ApiId);
    await plane.aws.createStage({ ApiId, StageName: 'prod' });
    await plane.aws.createDeployment({ ApiId, StageName: 'prod' });
    await plane.aws.createDeployment({ ApiId });
    const { $metadata } = await plane.aws.deleteApi({ ApiId });
    expect($metadata.httpStatusCode).toBe(204);
    const unknown = notFound('Api', `Invalid API identifier specified 123456789012:${ApiId}`);
    expect(await refusal(plane.aws.getRoute({ ApiId, RouteId }))).toEqual(unknown);
    expect(await refusal(plane.aws.getStage({ ApiId, StageName: 'prod' }))).toEqual(unknown);
    expect(await refusal(plane.aws.getDeployments({ ApiId }))).toEqual(unknown);
    expect(await plane.store.list(`deployment/${ApiId}/`)).toEqual([]);
    expect(await refusal(plane.aws.deleteApi({ ApiId }))).toEqual(unknown);
  });
});

describe('An unknown API', () => {
  const unknown = notFound('Api', 'Invalid API identifier specified 123456789012:nosuchapi0');
  const ApiId = 'nosuchapi0';

  test('is a 404 for the API and every kind of child, before the body is looked at', async () => {
    expect(await refusal(plane.aws.getApi({ ApiId }))).toEqual(unknown);
    expect(await refusal(plane.aws.updateApi({ ApiId, Name: '' }))).toEqual(unknown);
    expect(await refusal(plane.aws.createRoute({ ApiId, RouteKey: '' }))).toEqual(unknown);
    expect(await refusal(plane.aws.getIntegrations({ ApiId }))).toEqual(unknown);
    expect(await refusal(plane.aws.createStage({ ApiId, StageName: '' }))).toEqual(unknown);
    expect(await refusal(plane.aws.createDeployment({ ApiId }))).toEqual(unknown);
  });

  test.each([['__proto__'], ['constructor'], ['a/b'], ['é'], ['x'.repeat(3000)]])(
    'is a 404 for the id %.20s too',
    async (id) => {
      const { status, json } = await plane.send('GET', `/v2/apis/${encodeURIComponent(id)}`);
      expect(status).toBe(404);
      expect(json.message).toBe(`Invalid API identifier specified 123456789012:${id}`);
    },
  );
});
