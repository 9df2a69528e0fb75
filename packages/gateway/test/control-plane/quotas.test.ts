import { describe, expect, test } from 'vitest';
import type { ApiDocument } from '../../src/resources/api-document.ts';
import { makeApi, makeAuthorizer, makeIntegration, makeRoute } from './support/make.ts';
import { badRequest, quotaReached, refusal } from './support/refusal.ts';
import { startControlPlane, useControlPlane } from './support/start-control-plane.ts';

const plane = useControlPlane();

type Collection = 'routes' | 'integrations' | 'integrationResponses' | 'models';

/** Copies an API's only child of a kind until there are `count`; 300 requests would say no more. */
async function fill(apiId: string, collection: Collection, count: number) {
  const { key, value, version } = (await plane.store.get(`api/${apiId}`))!;
  const document = value as ApiDocument;
  const [child] = Object.values(document[collection]);
  const copies = Object.fromEntries(
    Array.from({ length: count - 1 }, (_, at) => [
      `copy${at}`,
      { ...child, routeId: `copy${at}`, routeKey: `copy${at}`, name: `copy${at}` },
    ]),
  );
  const filled = { ...document, [collection]: { ...document[collection], ...copies } };
  await plane.store.commit([{ key, value: filled, expectedVersion: version }]);
}

const copies = (count: number, make: (at: number) => object) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`copy${at}`, make(at)]));

describe('Quotas', () => {
  test('an API has at most 300 routes', async () => {
    const ApiId = await makeApi(plane);
    await makeRoute(plane, ApiId, 'first');
    await fill(ApiId, 'routes', 299);
    const RouteId = await makeRoute(plane, ApiId, 'the 300th');
    expect(await refusal(makeRoute(plane, ApiId, 'the 301st'))).toEqual(
      quotaReached('Routes', 'API'),
    );
    await plane.aws.updateRoute({ ApiId, RouteId, RouteKey: 'changed' });
  });

  test('an API has at most 300 integrations', async () => {
    const ApiId = await makeApi(plane);
    await makeIntegration(plane, ApiId);
    await fill(ApiId, 'integrations', 299);
    await makeIntegration(plane, ApiId);
    expect(await refusal(makeIntegration(plane, ApiId))).toEqual({
      name: 'TooManyRequestsException',
      status: 429,
      message:
        'Maximum number of Integrations for this API has been reached. ' +
        'Please contact AWS if you need additional Integrations.',
      limitType: 'Integrations',
    });
  });

  test('an API has at most 1500 integration responses', async () => {
    const ApiId = await makeApi(plane);
    const integration = { ApiId, IntegrationId: await makeIntegration(plane, ApiId) };
    const create = (key: string) =>
      plane.aws.createIntegrationResponse({ ...integration, IntegrationResponseKey: `/${key}/` });
    await create('first');
    await fill(ApiId, 'integrationResponses', 1499);
    await create('last');
    expect(await refusal(create('more'))).toEqual(quotaReached('IntegrationResponses', 'API'));
  });

  test('an API has at most 300 models', async () => {
    const ApiId = await makeApi(plane);
    const create = (Name: string) => plane.aws.createModel({ ApiId, Name, Schema: '{}' });
    await create('first');
    await fill(ApiId, 'models', 299);
    await create('last');
    expect(await refusal(create('more'))).toEqual(quotaReached('Models', 'API'));
  });

  test('an API has at most 10 authorizers', async () => {
    const ApiId = await makeApi(plane);
    for (let at = 1; at <= 10; at += 1) await makeAuthorizer(plane, ApiId);
    expect(await refusal(makeAuthorizer(plane, ApiId))).toEqual(quotaReached('Authorizers', 'API'));
  });

  test('an account has at most 600 APIs', async () => {
    const { aws, store, close } = await startControlPlane();
    const ApiId = await makeApi({ ...plane, aws });
    const { value } = (await store.get(`api/${ApiId}`))!;
    for (let at = 0; at < 598; at += 1) {
      await store.commit([{ key: `api/copy${at}`, value, expectedVersion: 0 }]);
    }
    await makeApi({ ...plane, aws });
    expect(await refusal(makeApi({ ...plane, aws }))).toEqual(quotaReached('APIs', 'account'));
    await close();
  });

  test('an account has at most 600 domain names and 300 VPC links', async () => {
    const put = (key: string) => plane.store.commit([{ key, value: {}, expectedVersion: 0 }]);
    for (let at = 0; at < 599; at += 1) await put(`domain/copy${at}`);
    const domain = (DomainName: string) =>
      plane.aws.createDomainName({ DomainName, DomainNameConfigurations: [{}] });
    await domain('last.example.com');
    expect(await refusal(domain('more.example.com'))).toEqual(
      quotaReached('Domain Names', 'account'),
    );
    for (let at = 0; at < 299; at += 1) await put(`vpclink/copy${at}`);
    const link = () => plane.aws.createVpcLink({ Name: 'link', SubnetIds: ['s'] });
    await link();
    expect(await refusal(link())).toEqual(quotaReached('VPC Links', 'account'));
    for (const { key, version } of await plane.store.list('')) {
      if (/^(?:domain|vpclink)\/copy/.test(key)) {
        await plane.store.commit([{ key, value: undefined, expectedVersion: version }]);
      }
    }
  });

  test('a domain has at most 200 API mappings and 50 routing rules', async () => {
    const DomainName = 'full.example.com';
    await plane.aws.createDomainName({ DomainName, DomainNameConfigurations: [{}] });
    const stage = { ApiId: await makeApi(plane), StageName: 'prod' };
    await plane.aws.createStage(stage);
    const map = (ApiMappingKey: string) =>
      plane.aws.createApiMapping({ DomainName, ...stage, Stage: 'prod', ApiMappingKey });
    const rule = (Priority: number) => {
      const Actions = [{ InvokeApi: { ApiId: stage.ApiId, Stage: 'prod' } }];
      return plane.aws.createRoutingRule({ DomainName, Priority, Conditions: [], Actions });
    };
    const { key, value, version } = (await plane.store.get(`domain/${DomainName}`))!;
    const filled = {
      ...(value as object),
      apiMappings: copies(199, (at) => ({ apiId: 'other', apiMappingKey: `key${at}` })),
      routingRules: copies(49, (at) => ({ priority: at + 1 })),
    };
    await plane.store.commit([{ key, value: filled, expectedVersion: version }]);
    await map('last');
    expect(await refusal(map('more'))).toEqual(quotaReached('ApiMappings', 'Domain Name'));
    await rule(100);
    expect(await refusal(rule(101))).toEqual(quotaReached('RoutingRules', 'Domain Name'));
  });

  test('an API has at most 10 stages', async () => {
    const ApiId = await makeApi(plane);
    const create = (at: number) => plane.aws.createStage({ ApiId, StageName: `stage${at}` });
    for (let at = 1; at <= 10; at += 1) await create(at);
    expect(await refusal(create(11))).toEqual(quotaReached('Stages', 'API'));
  });

  test('a stage has at most 100 stage variables, with names of 64 and values of 512', async () => {
    const ApiId = await makeApi(plane);
    const stage = { ApiId, StageName: 'prod' };
    const variables = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, at) => [`${at}_`.padEnd(64, 'n'), 'v'.repeat(512)]),
      );
    await plane.aws.createStage({ ...stage, StageVariables: variables(100) });
    expect(
      await refusal(plane.aws.updateStage({ ...stage, StageVariables: { more: '1' } })),
    ).toEqual(quotaReached('Stage Variables', 'Stage'));
    expect(
      await refusal(
        plane.aws.updateStage({
          ...stage,
          StageVariables: { ['0_'.padEnd(64, 'n')]: 'v'.repeat(513) },
        }),
      ),
    ).toMatchObject({ status: 400 });
  });

  test('a map without a quota of its own has at most 300 entries', async () => {
    const ApiId = await makeApi(plane);
    const IntegrationId = await makeIntegration(plane, ApiId);
    const templates = (from: number, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`key${from + at}`, '{}']));
    const update = (RequestTemplates: Record<string, string>) =>
      plane.aws.updateIntegration({ ApiId, IntegrationId, RequestTemplates });
    await update(templates(0, 300));
    expect(await refusal(update(templates(300, 1)))).toMatchObject({
      status: 400,
      message: 'Invalid requestTemplates specified. Must have at most 300 entries',
    });
  });

  test('text, map keys and lists without a limit of AWS have one of ours', async () => {
    const ApiId = await makeApi(plane);
    const IntegrationId = await makeIntegration(plane, ApiId);
    const update = (change: object) =>
      plane.aws.updateIntegration({ ApiId, IntegrationId, ...change });
    await update({ TemplateSelectionExpression: 't'.repeat(2048) });
    expect(await refusal(update({ TemplateSelectionExpression: 't'.repeat(2049) }))).toEqual(
      badRequest(
        'Invalid templateSelectionExpression specified. Must be 0 to 2048 characters long',
      ),
    );
    await update({ RequestTemplates: { ['k'.repeat(2048)]: '' } });
    expect(await refusal(update({ RequestTemplates: { ['k'.repeat(2049)]: '' } }))).toEqual(
      badRequest('Invalid requestTemplates key specified. Must be 0 to 2048 characters long'),
    );
    const scopes = (count: number) => Array.from({ length: count }, (_, at) => `scope${at}`);
    const AuthorizationScopes = scopes(301);
    expect(
      await refusal(plane.aws.createRoute({ ApiId, RouteKey: 'a', AuthorizationScopes })),
    ).toEqual(badRequest('Invalid authorizationScopes specified. Must have at most 300 entries'));
  });

  test('descriptions and names are taken at their longest', async () => {
    const ApiId = await makeApi(plane);
    const Description = 'd'.repeat(1024);
    await plane.aws.createRoute({ ApiId, RouteKey: 'a', OperationName: 'o'.repeat(64) });
    const stage = { ApiId, StageName: 'prod' };
    expect(await plane.aws.createStage({ ...stage, Description })).toMatchObject({ Description });
    expect(await plane.aws.createDeployment({ ApiId, Description })).toMatchObject({ Description });
    const tooLong = badRequest('Invalid description specified. Must be 0 to 1024 characters long');
    const longer = `${Description}d`;
    expect(await refusal(plane.aws.updateStage({ ...stage, Description: longer }))).toEqual(
      tooLong,
    );
    expect(await refusal(plane.aws.createDeployment({ ApiId, Description: longer }))).toEqual(
      tooLong,
    );
  });
});
