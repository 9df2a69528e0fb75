import { beforeAll, describe, expect, test } from 'vitest';
import { lambdaUri, makeApi, makeAuthorizer } from './support/make.ts';
import { badRequest, conflict, notFound, refusal } from './support/refusal.ts';
import { startControlPlane, useControlPlane } from './support/start-control-plane.ts';

const plane = useControlPlane();
let ApiId: string;
beforeAll(async () => {
  ApiId = await makeApi(plane);
});

const create = (change: object = {}) =>
  plane.aws.createAuthorizer({
    ApiId,
    Name: 'gate',
    AuthorizerType: 'REQUEST',
    AuthorizerUri: lambdaUri,
    IdentitySource: ['route.request.querystring.token'],
    ...change,
  });
const onlyRequest = 'Only REQUEST authorizer type is supported on WEBSOCKET protocol Apis.';
const invalidTtl =
  'Authorizer result TTL outside allowable range. TTL must be between 0 and 3600 seconds.';
const uriProblem = (uri: string) =>
  `Invalid Authorizer URI: ${uri}. Authorizer URI should be a valid API Gateway ARN that ` +
  'represents a Lambda function invocation.';
const sourceProblem = (source: string) => `Invalid request identity source expression: ${source}`;

describe('Authorizers', () => {
  test('are created, read, changed and deleted', async () => {
    const given = {
      Name: 'n'.repeat(128),
      AuthorizerType: 'REQUEST',
      AuthorizerUri: lambdaUri,
      AuthorizerCredentialsArn: 'arn:aws:iam::123456789012:role/invoke',
      AuthorizerResultTtlInSeconds: 3600,
      IdentitySource: [
        'route.request.header.Authorization',
        'route.request.querystring.token',
        'stageVariables.zone',
        'context.identity.sourceIp',
      ],
      IdentityValidationExpression: '.*',
    } as const;
    const { $metadata, ...created } = await create(given);
    expect($metadata.httpStatusCode).toBe(201);
    expect(created).toEqual({ ...given, AuthorizerId: expect.stringMatching(/^[a-z0-9]{6}$/) });
    const one = { ApiId, AuthorizerId: created.AuthorizerId };
    expect(await plane.aws.getAuthorizer(one)).toMatchObject(created);
    expect((await plane.aws.getAuthorizers({ ApiId })).Items).toEqual([created]);
    await plane.aws.updateAuthorizer({
      ...one,
      Name: 'changed',
      AuthorizerCredentialsArn: '',
      AuthorizerResultTtlInSeconds: 0,
      IdentitySource: [],
      IdentityValidationExpression: '',
    });
    const { $metadata: _, ...after } = await plane.aws.getAuthorizer(one);
    expect(after).toEqual({
      AuthorizerId: one.AuthorizerId,
      AuthorizerResultTtlInSeconds: 0,
      AuthorizerType: 'REQUEST',
      AuthorizerUri: lambdaUri,
      Name: 'changed',
    });
    expect((await plane.aws.deleteAuthorizer(one)).$metadata.httpStatusCode).toBe(204);
    expect(await refusal(plane.aws.deleteAuthorizer(one))).toEqual(
      notFound('Authorizer', `Invalid Authorizer identifier specified ${one.AuthorizerId}`),
    );
  });

  test('answer exactly what was given, and no default of their own', async () => {
    const { AuthorizerId, $metadata, ...created } = await create();
    expect(created).toEqual({
      Name: 'gate',
      AuthorizerType: 'REQUEST',
      AuthorizerUri: lambdaUri,
      IdentitySource: ['route.request.querystring.token'],
    });
  });

  test('may share a name', async () => {
    const [first, second] = [await create({ Name: 'same' }), await create({ Name: 'same' })];
    expect(first.AuthorizerId).not.toBe(second.AuthorizerId);
  });

  test.each([
    'arn:aws:lambda:us-east-1:123456789012:function:f:live',
    lambdaUri.replace(':f/', ':${stageVariables.function}/'),
    '${stageVariables.authorizer}',
  ])('take the URI %s', async (AuthorizerUri) => {
    expect(await create({ AuthorizerUri })).toMatchObject({ AuthorizerUri });
  });

  test.each([
    ['no type', { AuthorizerType: undefined }, onlyRequest],
    ['the type JWT', { AuthorizerType: 'JWT' }, onlyRequest],
    ['an unknown type', { AuthorizerType: 'TOKEN' }, onlyRequest],
    ['no name', { Name: undefined }, 'Authorizer name is required'],
    ['an empty name', { Name: '' }, 'Invalid name specified. Must be 1 to 128 characters long'],
    [
      'a name of 129 characters',
      { Name: 'n'.repeat(129) },
      'Invalid name specified. Must be 1 to 128 characters long',
    ],
    ['no URI', { AuthorizerUri: undefined }, 'AuthorizerUri is a required field in an Authorizer'],
    ['an empty URI', { AuthorizerUri: '' }, 'AuthorizerUri is a required field in an Authorizer'],
    ['a URL for a URI', { AuthorizerUri: 'http://127.0.0.1/' }, uriProblem('http://127.0.0.1/')],
    ['an ARN of no function', { AuthorizerUri: 'arn:aws:s3:::b' }, uriProblem('arn:aws:s3:::b')],
    [
      'credentials that are no role',
      { AuthorizerCredentialsArn: 'me' },
      'Invalid ARN specified in the request',
    ],
    ['a TTL of -1', { AuthorizerResultTtlInSeconds: -1 }, invalidTtl],
    ['a TTL of 3601', { AuthorizerResultTtlInSeconds: 3601 }, invalidTtl],
    [
      'a TTL and no identity source',
      { AuthorizerResultTtlInSeconds: 1, IdentitySource: [] },
      'Identity source must be set if authorizer caching is enabled (TTL is greater than 0)',
    ],
    [
      'an identity source of HTTP APIs',
      { IdentitySource: ['$request.header.Authorization'] },
      sourceProblem('$request.header.Authorization'),
    ],
    [
      'the body for an identity source',
      { IdentitySource: ['context.stage', 'route.request.body.token'] },
      sourceProblem('route.request.body.token'),
    ],
    [
      'a payload format',
      { AuthorizerPayloadFormatVersion: '2.0' },
      'AuthorizerPayloadFormatVersion is not supported for WEBSOCKET protocolType',
    ],
    [
      'simple responses',
      { EnableSimpleResponses: true },
      'EnableSimpleResponses is not supported for WEBSOCKET protocolType',
    ],
    [
      'a JWT configuration',
      { JwtConfiguration: { Issuer: 'https://a' } },
      'JwtConfiguration is not supported for WEBSOCKET protocolType',
    ],
  ])('with %s answer 400', async (_, change, message) => {
    expect(await refusal(create(change))).toEqual(badRequest(message));
  });

  test('are checked as they would be after a change', async () => {
    const { AuthorizerId } = await create({ AuthorizerResultTtlInSeconds: 300 });
    const update = plane.aws.updateAuthorizer({ ApiId, AuthorizerId, IdentitySource: [] });
    expect(await refusal(update)).toMatchObject({ status: 400 });
  });

  test('cannot be deleted while a route asks them', async () => {
    const AuthorizerId = await makeAuthorizer(plane, ApiId);
    const route = { RouteKey: '$connect', AuthorizationType: 'CUSTOM', AuthorizerId } as const;
    const { RouteId } = await plane.aws.createRoute({ ApiId, ...route });
    const remove = () => plane.aws.deleteAuthorizer({ ApiId, AuthorizerId });
    expect(await refusal(remove())).toEqual(
      conflict("Cannot delete authorizer 'gate', is referenced in route: $connect"),
    );
    await plane.aws.updateRoute({ ApiId, RouteId, AuthorizationType: 'NONE' });
    await remove();
  });

  test('of HTTP APIs are kept as records in lenient mode', async () => {
    const lenient = await startControlPlane({ lenient: true });
    const api = await lenient.aws.createApi({ Name: 'http', ProtocolType: 'HTTP' });
    const given = {
      Name: 'jwt',
      AuthorizerType: 'JWT' as const,
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Issuer: 'https://issuer', Audience: ['a'] },
    };
    expect(await lenient.aws.createAuthorizer({ ApiId: api.ApiId, ...given })).toMatchObject(given);
    await lenient.close();
  });
});

describe('ResetAuthorizersCache', () => {
  test('answers 204, as there is no cache, for a stage that is there', async () => {
    await plane.aws.createStage({ ApiId, StageName: 'prod' });
    const reset = (StageName: string) => plane.aws.resetAuthorizersCache({ ApiId, StageName });
    expect((await reset('prod')).$metadata.httpStatusCode).toBe(204);
    expect(await refusal(reset('other'))).toEqual(
      notFound('Stage', 'Invalid stage identifier specified'),
    );
  });
});
