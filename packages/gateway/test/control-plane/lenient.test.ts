import { beforeAll, describe, expect, test } from 'vitest';
import { makeApi } from './support/make.ts';
import { badRequest, refusal } from './support/refusal.ts';
import { useControlPlane } from './support/start-control-plane.ts';

const plane = useControlPlane({ lenient: true });
let ApiId: string;
beforeAll(async () => {
  ApiId = await makeApi(plane);
});

describe('Lenient mode', () => {
  test('takes resources AWS would find incomplete', async () => {
    const integration = await plane.aws.createIntegration({
      ApiId,
      IntegrationType: 'HTTP_PROXY',
      RequestParameters: { 'append:header.a': 'anything' },
    });
    expect(integration.RequestParameters).toEqual({ 'append:header.a': 'anything' });
    const route = await plane.aws.createRoute({
      ApiId,
      RouteKey: '$custom',
      Target: 'integrations/nosuch0',
      RequestModels: { $default: 'Missing' },
    });
    expect(route).toMatchObject({ RouteKey: '$custom', RequestModels: { $default: 'Missing' } });
    const { IntegrationId } = integration;
    const key = { IntegrationResponseKey: '200' };
    expect(
      await plane.aws.createIntegrationResponse({ ApiId, IntegrationId, ...key }),
    ).toMatchObject(key);
    const model = { Name: 'a-b', Schema: 'none' };
    expect(await plane.aws.createModel({ ApiId, ...model })).toMatchObject(model);
  });

  test('takes an API without route selection expression, and one that is a plain word', async () => {
    const api = { Name: 'chat', ProtocolType: 'WEBSOCKET' } as const;
    expect(await plane.aws.createApi(api)).toMatchObject({
      RouteSelectionExpression: '$request.body.action',
    });
    expect(await plane.aws.createApi({ ...api, RouteSelectionExpression: 'action' })).toMatchObject(
      { RouteSelectionExpression: 'action' },
    );
  });

  test('deploys without routes', async () => {
    const empty = await makeApi(plane);
    expect(await plane.aws.createDeployment({ ApiId: empty })).toMatchObject({
      DeploymentStatus: 'DEPLOYED',
    });
  });

  test('keeps HTTP APIs and their fields as records', async () => {
    const CorsConfiguration = { AllowOrigins: ['*'] };
    const { ApiId: http, ...api } = await plane.aws.createApi({
      Name: 'http',
      ProtocolType: 'HTTP',
      CorsConfiguration,
      Target: 'http://127.0.0.1/',
    });
    expect(api).toMatchObject({
      CorsConfiguration,
      RouteSelectionExpression: '${request.method} ${request.path}',
    });
    expect(api).not.toHaveProperty('Target');
    expect(await plane.aws.updateApi({ ApiId: http, Name: 'other' })).toMatchObject({
      CorsConfiguration,
    });
    await plane.aws.createStage({ ApiId: http, StageName: '$default' });
  });

  test('still checks types, sets of words, sizes and what addresses a stage', async () => {
    const { json } = await plane.send('POST', `/v2/apis/${ApiId}/routes`, { routeKey: 1 });
    expect(json.message).toBe('Invalid routeKey specified. Must be a string');
    expect(await refusal(plane.aws.createRoute({ ApiId, RouteKey: 'k'.repeat(129) }))).toEqual(
      badRequest('Invalid routeKey specified. Must be 1 to 128 characters long'),
    );
    expect(await refusal(plane.aws.createStage({ ApiId, StageName: 'a/b' }))).toEqual(
      badRequest('Stage name only allows a-zA-Z0-9_'),
    );
    const broken = {
      Name: 'x',
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: '${x',
    } as const;
    expect(await refusal(plane.aws.createApi(broken))).toEqual(
      badRequest('Invalid routeSelectionExpression'),
    );
    const deep = JSON.parse(`${'{"a":'.repeat(17)}1${'}'.repeat(17)}`);
    const cors = { name: 'x', protocolType: 'HTTP', corsConfiguration: deep };
    expect((await plane.send('POST', '/v2/apis', cors)).json.message).toBe(
      'Invalid corsConfiguration specified. Must be at most 16 levels deep',
    );
    expect(
      (await plane.send('POST', '/v2/apis', { ...cors, corsConfiguration: deep.a })).status,
    ).toBe(201);
  });

  test('still refuses what this version cannot do', async () => {
    expect(
      await refusal(
        plane.aws.createRoute({ ApiId, RouteKey: '$connect', AuthorizationType: 'JWT' }),
      ),
    ).toMatchObject({ status: 400 });
  });
});
