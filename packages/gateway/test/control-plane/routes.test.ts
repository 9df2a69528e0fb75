import { beforeAll, describe, expect, test } from 'vitest';
import { makeApi, makeAuthorizer, makeIntegration, makeRoute } from './support/make.ts';
import { badRequest, conflict, notFound, refusal } from './support/refusal.ts';
import { useControlPlane } from './support/start-control-plane.ts';

const plane = useControlPlane();
let ApiId: string;
beforeAll(async () => {
  ApiId = await makeApi(plane);
});

const mappingError = (key: string) =>
  'Invalid mapping expression specified: Validation Result: warnings : [], errors : ' +
  `[Invalid mapping expression parameter specified: ${key}]`;

describe('CreateRoute', () => {
  test('answers exactly the fields AWS answers for a minimal route', async () => {
    const { $metadata, ...route } = await plane.aws.createRoute({ ApiId, RouteKey: 'minimal' });
    expect($metadata.httpStatusCode).toBe(201);
    expect(route).toEqual({
      ApiKeyRequired: false,
      AuthorizationType: 'NONE',
      RouteId: expect.stringMatching(/^[a-z0-9]{7}$/),
      RouteKey: 'minimal',
    });
  });

  test('keeps every field that is given', async () => {
    const integrationId = await makeIntegration(plane, ApiId);
    const given = {
      RouteKey: 'full',
      ApiKeyRequired: true,
      ModelSelectionExpression: 'action',
      OperationName: 'send',
      RequestParameters: {
        'route.request.querystring.token': { Required: true },
        'route.request.header.X-Room': { Required: false },
      },
      RouteResponseSelectionExpression: '$default',
      Target: `integrations/${integrationId}`,
    };
    const { RouteId } = await plane.aws.createRoute({ ApiId, ...given });
    expect(await plane.aws.getRoute({ ApiId, RouteId })).toMatchObject(given);
  });

  test('an empty string is a field that was not given', async () => {
    const empty = { OperationName: '', Target: '', ModelSelectionExpression: '' };
    const { json } = await plane.send('POST', `/v2/apis/${ApiId}/routes`, {
      routeKey: 'empties',
      operationName: empty.OperationName,
      target: empty.Target,
      modelSelectionExpression: empty.ModelSelectionExpression,
    });
    expect(Object.keys(json).sort()).toEqual([
      'apiKeyRequired',
      'authorizationType',
      'routeId',
      'routeKey',
    ]);
  });

  test.each(['$connect', '$disconnect', '$default', 'sendMessage', '42', 'a/b c', 'k'.repeat(128)])(
    'takes the route key %s',
    async (RouteKey) => {
      expect(await plane.aws.createRoute({ ApiId, RouteKey })).toMatchObject({ RouteKey });
    },
  );

  test.each([
    ['no key', { RouteKey: undefined }, 'Route key is required'],
    ['an empty key', { RouteKey: '' }, 'Route key is required'],
    [
      'a key of 129 characters',
      { RouteKey: 'k'.repeat(129) },
      'Invalid routeKey specified. Must be 1 to 128 characters long',
    ],
    [
      'a reserved key',
      { RouteKey: '$other' },
      'Invalid route key: $other. Keys that start with $ are [$connect, $disconnect, $default]',
    ],
    [
      'a target of another shape',
      { Target: 'integration/abc' },
      'Unexpected or malformed target in route. ' +
        'Correct format should be integrations/<integration_id>.',
    ],
    [
      'a target that does not exist',
      { Target: 'integrations/nosuch0' },
      'Invalid Integration identifier specified nosuch0',
    ],
    [
      'authorization on another route than $connect',
      { AuthorizationType: 'AWS_IAM' },
      'Currently, authorization is restricted to the $connect route only',
    ],
    [
      'authorization scopes',
      { AuthorizationScopes: ['email'] },
      'Authorization Scopes are only valid for COGNITO_USER_POOLS and JWT authorization type',
    ],
    [
      'an unknown authorization type',
      { AuthorizationType: 'BASIC' },
      'Invalid authorizationType specified. Must be one of [NONE, AWS_IAM, CUSTOM, JWT]',
    ],
    [
      'a model that does not exist',
      { RequestModels: { $default: 'Message' } },
      'Invalid Model name specified Message',
    ],
    [
      'an operation name of 65 characters',
      { OperationName: 'o'.repeat(65) },
      'Invalid operationName specified. Must be 0 to 64 characters long',
    ],
    [
      'another route response selection expression',
      { RouteResponseSelectionExpression: '$request.body.x' },
      'Currently, only $default is supported as a RouteResponseSelectionExpression.',
    ],
    [
      'a request parameter that is none',
      { RequestParameters: { 'route.request.body.x': { Required: true } } },
      mappingError('route.request.body.x'),
    ],
  ])('with %s answers 400', async (_, change, message) => {
    const call = plane.aws.createRoute({ ApiId, RouteKey: 'refused', ...change } as never);
    expect(await refusal(call)).toEqual(badRequest(message));
  });

  test('refuses on $connect the locks the data plane of this version does not have', async () => {
    const connect = (change: object) =>
      refusal(plane.aws.createRoute({ ApiId: other, RouteKey: '$connect', ...change }));
    const other = await makeApi(plane);
    const AuthorizerId = await makeAuthorizer(plane, other);
    expect(await connect({ AuthorizationType: 'JWT', AuthorizerId })).toEqual(
      badRequest(
        'Authorization type JWT is not supported by this version. ' +
          'Must be one of [NONE, AWS_IAM, CUSTOM]',
      ),
    );
  });

  test.each([
    ['none', undefined],
    ['one that is not there', 'nosuch'],
  ])('with a Lambda authorizer, but %s, answers 400', async (_, AuthorizerId) => {
    const other = await makeApi(plane);
    const route = { ApiId: other, RouteKey: '$connect', AuthorizationType: 'CUSTOM' } as const;
    expect(await refusal(plane.aws.createRoute({ ...route, AuthorizerId }))).toEqual(
      badRequest(
        'Invalid authorizer ID specified. ' +
          'Setting the authorization type to CUSTOM requires a valid authorizer.',
      ),
    );
  });

  test('takes the locks of $connect, and lets the authorizer go with the type', async () => {
    const api = { ApiId: await makeApi(plane) };
    const AuthorizerId = await makeAuthorizer(plane, api.ApiId);
    const locked = { AuthorizationType: 'CUSTOM', AuthorizerId } as const;
    const created = await plane.aws.createRoute({ ...api, RouteKey: '$connect', ...locked });
    expect(created).toMatchObject(locked);
    const update = { ...api, RouteId: created.RouteId, AuthorizationType: 'AWS_IAM' } as const;
    const updated = await plane.aws.updateRoute(update);
    expect(updated.AuthorizationType).toBe('AWS_IAM');
    expect(updated).not.toHaveProperty('AuthorizerId');
  });

  test('with a key that exists answers 409', async () => {
    await makeRoute(plane, ApiId, 'twice');
    expect(await refusal(plane.aws.createRoute({ ApiId, RouteKey: 'twice' }))).toEqual(
      conflict('Route with key twice already exists for this API'),
    );
  });
});

describe('UpdateRoute', () => {
  test('clears text with an empty string, also in later reads', async () => {
    const integrationId = await makeIntegration(plane, ApiId);
    const { RouteId } = await plane.aws.createRoute({
      ApiId,
      RouteKey: 'cleared',
      OperationName: 'send',
      ModelSelectionExpression: '$request.body.type',
      RouteResponseSelectionExpression: '$default',
      Target: `integrations/${integrationId}`,
    });
    const cleared = {
      OperationName: '',
      ModelSelectionExpression: '',
      RouteResponseSelectionExpression: '',
      Target: '',
    };
    expect(await plane.aws.updateRoute({ ApiId, RouteId, ...cleared })).toMatchObject(cleared);
    const { $metadata: _, ...route } = await plane.aws.getRoute({ ApiId, RouteId });
    expect(route).toEqual({
      ApiKeyRequired: false,
      AuthorizationType: 'NONE',
      RouteId,
      RouteKey: 'cleared',
    });
  });

  test('sets the request parameters it names and keeps the others', async () => {
    const { RouteId } = await plane.aws.createRoute({
      ApiId,
      RouteKey: 'parameters',
      RequestParameters: {
        'route.request.querystring.a': { Required: true },
        'route.request.querystring.b': { Required: true },
      },
    });
    const { RequestParameters } = await plane.aws.updateRoute({
      ApiId,
      RouteId,
      RequestParameters: {
        'route.request.querystring.b': { Required: false },
        'route.request.querystring.c': {},
      },
    });
    expect(RequestParameters).toEqual({
      'route.request.querystring.a': { Required: true },
      'route.request.querystring.b': { Required: false },
      'route.request.querystring.c': { Required: false },
    });
  });

  test('to the key of another route answers 409, to its own key 200', async () => {
    await makeRoute(plane, ApiId, 'taken');
    const RouteId = await makeRoute(plane, ApiId, 'free');
    expect(await refusal(plane.aws.updateRoute({ ApiId, RouteId, RouteKey: 'taken' }))).toEqual(
      conflict('Route with key taken already exists for this API'),
    );
    expect(await plane.aws.updateRoute({ ApiId, RouteId, RouteKey: 'free' })).toMatchObject({
      RouteKey: 'free',
    });
  });

  test('of an unknown route answers 404 before it looks at the body', async () => {
    const call = plane.aws.updateRoute({ ApiId, RouteId: 'nosuch0', RouteKey: '' });
    expect(await refusal(call)).toEqual(
      notFound('Route', 'Invalid Route identifier specified nosuch0'),
    );
  });
});

describe('DeleteRouteRequestParameter', () => {
  test('drops one parameter; dropping it again answers 404', async () => {
    const key = 'route.request.querystring.token';
    const { RouteId } = await plane.aws.createRoute({
      ApiId,
      RouteKey: 'dropping',
      RequestParameters: {
        [key]: { Required: true },
        'route.request.header.X-Room': { Required: true },
      },
    });
    const drop = (RequestParameterKey: string) =>
      plane.aws.deleteRouteRequestParameter({ ApiId, RouteId, RequestParameterKey });
    expect((await drop(key)).$metadata.httpStatusCode).toBe(204);
    expect((await plane.aws.getRoute({ ApiId, RouteId })).RequestParameters).toEqual({
      'route.request.header.X-Room': { Required: true },
    });
    expect(await refusal(drop(key))).toEqual(
      notFound('RequestParameter', `Invalid RequestParameter key specified ${key}`),
    );
    await drop('route.request.header.X-Room');
    expect((await plane.aws.getRoute({ ApiId, RouteId })).RequestParameters).toBeUndefined();
  });
});

describe('DeleteRoute', () => {
  test('takes the route responses with it; deleting again answers 404', async () => {
    const RouteId = await makeRoute(plane, ApiId, 'parent');
    const RouteResponseKey = '$default';
    const { RouteResponseId } = await plane.aws.createRouteResponse({
      ApiId,
      RouteId,
      RouteResponseKey,
    });
    const { $metadata } = await plane.aws.deleteRoute({ ApiId, RouteId });
    expect($metadata.httpStatusCode).toBe(204);
    const unknown = notFound('Route', `Invalid Route identifier specified ${RouteId}`);
    expect(await refusal(plane.aws.deleteRoute({ ApiId, RouteId }))).toEqual(unknown);
    expect(await refusal(plane.aws.getRouteResponse({ ApiId, RouteId, RouteResponseId }))).toEqual(
      unknown,
    );
    const stored = await plane.store.get(`api/${ApiId}`);
    expect(JSON.stringify(stored)).not.toContain(RouteResponseId);
  });
});
