import { beforeAll, describe, expect, test } from 'vitest';
import { withTypeDefaults } from '../../src/resources/integration-rules.ts';
import { lambdaUri as lambda, makeApi, makeIntegration } from './support/make.ts';
import { badRequest, conflict, notFound, refusal } from './support/refusal.ts';
import { useControlPlane } from './support/start-control-plane.ts';

const plane = useControlPlane();
let ApiId: string;
beforeAll(async () => {
  ApiId = await makeApi(plane);
});

const httpProxy = {
  IntegrationType: 'HTTP_PROXY',
  IntegrationMethod: 'POST',
  IntegrationUri: 'http://127.0.0.1:3000/ws',
} as const;
const mappingErrors = (...errors: string[]) =>
  'Invalid mapping expression specified: Validation Result: warnings : [], ' +
  `errors : [${errors.join(', ')}]`;

describe('CreateIntegration', () => {
  test('answers exactly the fields AWS answers for a minimal HTTP_PROXY', async () => {
    const { $metadata, ...made } = await plane.aws.createIntegration({ ApiId, ...httpProxy });
    expect($metadata.httpStatusCode).toBe(201);
    expect(made).toEqual({
      ...httpProxy,
      ConnectionType: 'INTERNET',
      IntegrationId: expect.stringMatching(/^[a-z0-9]{7}$/),
      PassthroughBehavior: 'WHEN_NO_MATCH',
      PayloadFormatVersion: '1.0',
      TimeoutInMillis: 29000,
    });
  });

  test('keeps every field that is given', async () => {
    const given = {
      ...httpProxy,
      ConnectionType: 'VPC_LINK',
      ConnectionId: 'abc123',
      ContentHandlingStrategy: 'CONVERT_TO_TEXT',
      CredentialsArn: 'arn:aws:iam::123456789012:role/invoke',
      Description: 'messages',
      PassthroughBehavior: 'NEVER',
      RequestParameters: { 'integration.request.header.connectionId': 'context.connectionId' },
      RequestTemplates: { $default: '{}', '200': '' },
      TemplateSelectionExpression: '\\$default',
      TimeoutInMillis: 50,
    } as const;
    const { IntegrationId } = await plane.aws.createIntegration({ ApiId, ...given });
    expect(await plane.aws.getIntegration({ ApiId, IntegrationId })).toMatchObject(given);
  });

  test.each([
    'https://api.example.com/ws?x=1',
    'http://[::1]:8080/',
    'http://${stageVariables.host}/ws/{proxy}',
    '${stageVariables.backend}/ws',
    'http://api.${stageVariables.zone}:${stageVariables.port}/ws',
  ])('takes the URI %s', async (IntegrationUri) => {
    const made = await plane.aws.createIntegration({ ApiId, ...httpProxy, IntegrationUri });
    expect(made.IntegrationUri).toBe(IntegrationUri);
  });

  test.each([
    [
      'no type',
      { IntegrationType: undefined },
      'Invalid integrationType specified. Must be one of [AWS, HTTP, MOCK, HTTP_PROXY, AWS_PROXY]',
    ],
    [
      'an unknown type',
      { IntegrationType: 'LAMBDA' },
      'Invalid integrationType specified. Must be one of [AWS, HTTP, MOCK, HTTP_PROXY, AWS_PROXY]',
    ],
    ['no URI', { IntegrationUri: undefined }, 'Invalid integration URI specified'],
    ['an empty URI', { IntegrationUri: '' }, 'Invalid integration URI specified'],
    ['no URL', { IntegrationUri: 'backend:3000' }, 'Invalid integration URI specified'],
    ['a URL without host', { IntegrationUri: 'http:///ws' }, 'Invalid integration URI specified'],
    ['another scheme', { IntegrationUri: 'ftp://host/x' }, 'Invalid integration URI specified'],
    ['a blank in it', { IntegrationUri: 'http://host/a b' }, 'Invalid integration URI specified'],
    ['a line end', { IntegrationUri: 'http://host/\r\nx' }, 'Invalid integration URI specified'],
    ['an open brace', { IntegrationUri: 'http://host/{a' }, 'Invalid integration URI specified'],
    [
      'a URI of 2049 characters',
      { IntegrationUri: `http://host/${'u'.repeat(2037)}` },
      'Invalid integration URI specified',
    ],
    [
      'no method',
      { IntegrationMethod: undefined },
      'HttpMethod parameter method must be specified for integrationType HTTPPROXY',
    ],
    [
      'no method, type HTTP',
      { IntegrationMethod: undefined, IntegrationType: 'HTTP' },
      'HttpMethod parameter method must be specified for integrationType HTTP',
    ],
    ['a bad method', { IntegrationMethod: 'PO ST' }, 'Invalid HTTP method specified: PO ST'],
    [
      'a VPC link without id',
      { ConnectionType: 'VPC_LINK' },
      'ConnectionId must be set to vpcLinkId for ConnectionType VPC_LINK',
    ],
    ['a timeout of 49 ms', { TimeoutInMillis: 49 }, 'Timeout should be between 50 ms and 29000 ms'],
    [
      'a timeout of 29001 ms',
      { TimeoutInMillis: 29001 },
      'Timeout should be between 50 ms and 29000 ms',
    ],
    [
      'payload format 2.0',
      { IntegrationType: 'AWS_PROXY', IntegrationUri: lambda, PayloadFormatVersion: '2.0' },
      'Unsupported PayloadFormatVersion: 2.0',
    ],
    [
      'an ARN that names no action',
      { IntegrationType: 'AWS', IntegrationUri: 'arn:aws:sqs:us-east-1:123456789012:queue' },
      'AWS ARN for integration must contain path or action',
    ],
    [
      'a URL where an ARN belongs',
      { IntegrationType: 'AWS_PROXY' },
      'Invalid integration URI specified',
    ],
    [
      'credentials that are no role',
      { CredentialsArn: 'me' },
      'Invalid ARN specified in the request',
    ],
    [
      'a template of 32769 characters',
      { RequestTemplates: { $default: 't'.repeat(32_769) } },
      'Invalid requestTemplates.$default specified. Must be 0 to 32768 characters long',
    ],
    [
      'a field of HTTP APIs',
      { IntegrationSubtype: 'SQS-SendMessage' },
      'IntegrationSubtype is not supported for WEBSOCKET protocolType',
    ],
    [
      'a mapping from nowhere',
      { RequestParameters: { 'integration.request.header.a': 'request.header.a' } },
      mappingErrors('Invalid mapping expression specified: request.header.a'),
    ],
    [
      'mappings to nowhere and from nowhere',
      { RequestParameters: { 'append:header.a': "'x'", 'integration.request.path.b': 'x' } },
      mappingErrors(
        'Invalid mapping expression parameter specified: append:header.a',
        'Invalid mapping expression specified: x',
      ),
    ],
    [
      'a mapping of 513 characters',
      { RequestParameters: { 'integration.request.header.a': `'${'v'.repeat(511)}'` } },
      'Invalid requestParameters.integration.request.header.a specified. ' +
        'Must be 1 to 512 characters long',
    ],
  ])('with %s answers 400', async (_, change, message) => {
    const call = plane.aws.createIntegration({ ApiId, ...httpProxy, ...change } as never);
    expect(await refusal(call)).toEqual(badRequest(message));
  });

  test.each([
    ['AWS', lambda],
    ['AWS', 'arn:aws:apigateway:us-east-1:sqs:action/SendMessage'],
    ['AWS_PROXY', lambda],
    ['AWS_PROXY', 'arn:aws:lambda:us-east-1:123456789012:function:f'],
    ['AWS_PROXY', lambda.replace(':f/', ':${stageVariables.function}/')],
    ['HTTP', 'http://host/'],
    ['HTTP_PROXY', 'http://host/'],
    ['MOCK', undefined],
  ] as const)('takes the type %s with %s', async (IntegrationType, IntegrationUri) => {
    const given = {
      IntegrationType,
      ...(IntegrationUri !== undefined && { IntegrationUri }),
      ...(IntegrationType.startsWith('HTTP') && { IntegrationMethod: 'POST' }),
    };
    const made = await plane.aws.createIntegration({ ApiId, ...given });
    expect(made).toMatchObject(given);
    const { IntegrationId } = made;
    const changed = { ApiId, IntegrationId, IntegrationType: 'MOCK' } as const;
    expect(await plane.aws.updateIntegration(changed)).toMatchObject({
      IntegrationType: 'MOCK',
      IntegrationResponseSelectionExpression: '${integration.response.statuscode}',
    });
  });

  test('takes timeout, template and mapping at their limits', async () => {
    const given = {
      TimeoutInMillis: 29000,
      RequestTemplates: { $default: 't'.repeat(32_768) },
      RequestParameters: { 'integration.request.header.a': `'${'v'.repeat(510)}'` },
      IntegrationUri: `http://host/${'u'.repeat(2036)}`,
    };
    expect(await plane.aws.createIntegration({ ApiId, ...httpProxy, ...given })).toMatchObject(
      given,
    );
  });
});

describe('What AWS fills in, by type', () => {
  const minimal = {
    integrationId: 'abc1234',
    connectionType: 'INTERNET',
    passthroughBehavior: 'WHEN_NO_MATCH',
    payloadFormatVersion: '1.0',
    timeoutInMillis: 29000,
  } as const;
  const sqs = 'arn:aws:apigateway:us-east-1:sqs:action/SendMessage';

  test.each([
    ['MOCK', undefined, undefined, '${integration.response.statuscode}'],
    ['HTTP', 'http://host/', 'PUT', '${integration.response.statuscode}'],
    ['HTTP_PROXY', 'http://host/', 'PUT', undefined],
    ['AWS', lambda, 'POST', '${integration.response.body.errorMessage}'],
    ['AWS', sqs, 'POST', '${integration.response.statuscode}'],
    ['AWS_PROXY', lambda, 'POST', undefined],
  ] as const)('%s %s: method %s, response selection %s', (type, uri, method, selection) => {
    const given = {
      ...minimal,
      integrationType: type,
      ...(uri !== undefined && { integrationUri: uri }),
      ...(method === 'PUT' && { integrationMethod: method }),
    };
    const { integrationMethod, integrationResponseSelectionExpression } = withTypeDefaults(given);
    expect(integrationMethod).toBe(method);
    expect(integrationResponseSelectionExpression).toBe(selection);
  });
});

describe('UpdateIntegration', () => {
  test('merges request parameters and removes those set to an empty string', async () => {
    const IntegrationId = await makeIntegration(plane, ApiId);
    const update = async (RequestParameters: Record<string, string>) =>
      (await plane.aws.updateIntegration({ ApiId, IntegrationId, RequestParameters }))
        .RequestParameters;
    const connectionId = 'integration.request.header.connectionId';
    const token = 'integration.request.querystring.token';
    await update({ [connectionId]: 'context.connectionId' });
    expect(await update({ [token]: 'route.request.querystring.token' })).toEqual({
      [connectionId]: 'context.connectionId',
      [token]: 'route.request.querystring.token',
    });
    expect(await update({ [connectionId]: '' })).toEqual({
      [token]: 'route.request.querystring.token',
    });
    expect(await update({ [token]: '' })).toBeUndefined();
  });

  test('keeps an empty request template, as an empty template', async () => {
    const IntegrationId = await makeIntegration(plane, ApiId);
    const update = async (RequestTemplates: Record<string, string>) =>
      (await plane.aws.updateIntegration({ ApiId, IntegrationId, RequestTemplates }))
        .RequestTemplates;
    await update({ $default: '{}', join: '{"a":1}' });
    expect(await update({ join: '' })).toEqual({ $default: '{}', join: '' });
  });

  test('clears what an empty string clears', async () => {
    const { IntegrationId } = await plane.aws.createIntegration({
      ApiId,
      ...httpProxy,
      CredentialsArn: 'arn:aws:iam::*:user/*',
      Description: 'd',
      TemplateSelectionExpression: '\\$default',
    });
    const cleared = { CredentialsArn: '', Description: '', TemplateSelectionExpression: '' };
    await plane.aws.updateIntegration({ ApiId, IntegrationId, ...cleared });
    const after = await plane.aws.getIntegration({ ApiId, IntegrationId });
    expect(Object.keys(after)).not.toEqual(
      expect.arrayContaining(['CredentialsArn', 'Description', 'TemplateSelectionExpression']),
    );
  });

  test('accepts the type it already has, as Terraform always sends it', async () => {
    const IntegrationId = await makeIntegration(plane, ApiId);
    const update = { ApiId, IntegrationId, IntegrationType: 'HTTP_PROXY', TimeoutInMillis: 100 };
    expect(await plane.aws.updateIntegration(update as never)).toMatchObject({
      TimeoutInMillis: 100,
      IntegrationUri: httpProxy.IntegrationUri,
    });
  });

  test('checks the integration as it would be', async () => {
    const IntegrationId = await makeIntegration(plane, ApiId);
    const call = plane.aws.updateIntegration({ ApiId, IntegrationId, ConnectionType: 'VPC_LINK' });
    expect(await refusal(call)).toEqual(
      badRequest('ConnectionId must be set to vpcLinkId for ConnectionType VPC_LINK'),
    );
  });
});

describe('DeleteIntegration', () => {
  test('answers 409 while routes point to it, naming them', async () => {
    const IntegrationId = await makeIntegration(plane, ApiId);
    const Target = `integrations/${IntegrationId}`;
    const first = await plane.aws.createRoute({ ApiId, RouteKey: 'first', Target });
    const second = await plane.aws.createRoute({ ApiId, RouteKey: 'second', Target });
    const remove = () => plane.aws.deleteIntegration({ ApiId, IntegrationId });
    expect(await refusal(remove())).toEqual(
      conflict(
        'Cannot delete Integration because it is referenced by the following Routes with Ids: ' +
          `[${first.RouteId}, ${second.RouteId}]`,
      ),
    );
    await plane.aws.updateRoute({ ApiId, RouteId: first.RouteId, Target: '' });
    await plane.aws.deleteRoute({ ApiId, RouteId: second.RouteId });
    expect((await remove()).$metadata.httpStatusCode).toBe(204);
    expect(await refusal(remove())).toEqual(
      notFound('Integration', `Invalid Integration identifier specified ${IntegrationId}`),
    );
  });
});
