import { describe, expect, test } from 'vitest';
import { apiIdOf } from '../../src/templates/postern-file.ts';
import { destroyStack } from '../../src/templates/stack/deploy-stack.ts';
import { useWorkbench } from './support/stacks.ts';

const bench = useWorkbench();
const apiId = apiIdOf('chat/Chat');

const API = `
Resources:
  Chat:
    Type: AWS::ApiGatewayV2::Api
    Properties: { Name: chat, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action }
  Connect:
    Type: AWS::ApiGatewayV2::Route
    Properties: { ApiId: !Ref Chat, RouteKey: $connect, ApiKeyRequired: true }
  Stage:
    Type: AWS::ApiGatewayV2::Stage
    Properties: { ApiId: !Ref Chat, StageName: prod, AutoDeploy: true }
  Beta:
    Type: AWS::ApiGatewayV2::Stage
    Properties: { ApiId: !Ref Chat, StageName: beta, AutoDeploy: true }
`;
const KEYS = `${API}
  Key:
    Type: AWS::ApiGateway::ApiKey
    Properties:
      Name: partner
      Description: first
      Enabled: true
      Value: aaaaaaaaaaaaaaaaaaaaaaaa
      Tags: [{ Key: team, Value: blue }]
  Plan:
    Type: AWS::ApiGateway::UsagePlan
    Properties:
      UsagePlanName: basic
      ApiStages: [{ ApiId: !Ref Chat, Stage: !Ref Stage }]
      Quota: { Limit: 1000, Period: MONTH }
      Throttle: { BurstLimit: "5", RateLimit: 2.5 }
  PlanKey:
    Type: AWS::ApiGateway::UsagePlanKey
    Properties: { KeyId: !Ref Key, KeyType: API_KEY, UsagePlanId: !Ref Plan }
  Account:
    Type: AWS::ApiGateway::Account
    Properties: { CloudWatchRoleArn: arn:aws:iam::123456789012:role/logs }
`;
const changed = (from: string | RegExp, to: string) => {
  const yaml = KEYS.replace(from, to);
  if (yaml === KEYS) throw new Error(`${from} is not in the template`);
  return yaml;
};
const keys = async () => (await bench.get('/apikeys?includeValues=true')).item;
const plans = async () => (await bench.get('/usageplans')).item;

describe('API keys and usage plans', () => {
  test('are made with the stages they are for, and the same again changes nothing', async () => {
    const { skipped } = await bench.deploy(KEYS);
    expect(skipped).toEqual([]);
    expect(await keys()).toMatchObject([
      {
        name: 'partner',
        enabled: true,
        value: 'aaaaaaaaaaaaaaaaaaaaaaaa',
        tags: { team: 'blue' },
      },
    ]);
    const [plan] = await plans();
    expect(plan).toMatchObject({
      name: 'basic',
      apiStages: [{ apiId, stage: 'prod' }],
      quota: { limit: 1000, period: 'MONTH' },
      throttle: { burstLimit: 5, rateLimit: 2.5 },
    });
    const [key] = await keys();
    expect((await bench.get(`/usageplans/${plan.id}/keys`)).item).toMatchObject([{ id: key.id }]);
    expect(await bench.get('/account')).toMatchObject({
      cloudwatchRoleArn: 'arn:aws:iam::123456789012:role/logs',
    });
    bench.writes = [];
    expect(await bench.plan(KEYS)).toEqual([]);
    expect((await bench.deploy(KEYS)).steps).toEqual([]);
    expect(bench.writes).toEqual([]);
  });

  test('change in place: names, limits, stages, tags', async () => {
    await bench.deploy(KEYS);
    const [before] = await plans();
    const yaml = changed('UsagePlanName: basic', 'UsagePlanName: better')
      .replace('Limit: 1000, Period: MONTH', 'Limit: 10, Period: DAY')
      .replace('Throttle: { BurstLimit: "5", RateLimit: 2.5 }', 'Description: mine')
      .replace('Stage: !Ref Stage }', 'Stage: !Ref Beta }')
      .replace('Description: first', 'Description: second')
      .replace('Value: blue', 'Value: red');
    expect(await bench.plan(yaml)).toEqual([
      '~ ApiKey Key partner: Description, Tags',
      '~ UsagePlan Plan better: UsagePlanName, Description, ApiStages, Throttle, Quota',
    ]);
    await bench.deploy(yaml);
    expect(await bench.plan(yaml)).toEqual([]);
    const [plan] = await plans();
    expect(plan).toMatchObject({
      id: before.id,
      name: 'better',
      description: 'mine',
      apiStages: [{ apiId, stage: 'beta' }],
      quota: { limit: 10, period: 'DAY' },
    });
    expect(plan.throttle).toBeUndefined();
    expect(await keys()).toMatchObject([{ description: 'second', tags: { team: 'red' } }]);
  });

  test('another value is another key, and the plan follows', async () => {
    await bench.deploy(KEYS);
    const yaml = changed('Value: aaaaaaaaaaaaaaaaaaaaaaaa', 'Value: bbbbbbbbbbbbbbbbbbbbbbbb');
    await bench.deploy(yaml);
    const [key, ...others] = await keys();
    expect(others).toEqual([]);
    expect(key.value).toBe('bbbbbbbbbbbbbbbbbbbbbbbb');
    const [plan] = await plans();
    expect((await bench.get(`/usageplans/${plan.id}/keys`)).item).toMatchObject([{ id: key.id }]);
  });

  test('what fails is taken back', async () => {
    await bench.deploy(KEYS);
    const before = { keys: await keys(), plans: await plans() };
    const yaml = changed('Limit: 1000', 'Limit: 10').replace(
      'Description: first',
      'Description: x',
    );
    const bad =
      '\n  Bad:\n    Type: AWS::ApiGateway::UsagePlanKey\n    Properties: { KeyId: none, KeyType: API_KEY, UsagePlanId: !Ref Plan }\n';
    await expect(bench.deploy(yaml + bad)).rejects.toThrow('Rolled back 2 changes.');
    const dated = (all: Record<string, unknown>[]) =>
      all.map(({ lastUpdatedDate: _, ...rest }) => rest);
    expect(dated(await keys())).toEqual(dated(before.keys));
    expect(await plans()).toEqual(before.plans);
  });

  test('go with the stack; the account stays', async () => {
    await bench.deploy(KEYS);
    expect(await destroyStack(bench.context)).toEqual([]);
    expect(await keys()).toEqual([]);
    expect(await plans()).toEqual([]);
    expect((await bench.get('/v2/apis')).items).toEqual([]);
    expect((await bench.get('/account')).cloudwatchRoleArn).toBeDefined();
  });
});

describe('domain names', () => {
  const DOMAIN = `${API}
  Domain:
    Type: AWS::ApiGatewayV2::DomainName
    Properties:
      DomainName: chat.example
      DomainNameConfigurations: [{ CertificateArn: arn:c, EndpointType: REGIONAL }]
      Tags: { team: blue }
  Root:
    Type: AWS::ApiGatewayV2::ApiMapping
    Properties: { ApiId: !Ref Chat, DomainName: !Ref Domain, Stage: !Ref Stage }
Outputs:
  Target: { Value: !GetAtt Domain.RegionalDomainName }
`;

  test('are made with their mappings, changed and removed', async () => {
    await bench.deploy(DOMAIN);
    expect(await bench.list('/v2/domainnames/chat.example/apimappings')).toMatchObject([
      { apiId, stage: 'prod', apiMappingKey: '' },
    ]);
    expect(await bench.plan(DOMAIN)).toEqual([]);
    const yaml = DOMAIN.replace(
      'Stage: !Ref Stage }\nOut',
      'Stage: !Ref Beta, ApiMappingKey: v2 }\nOut',
    )
      .replace('arn:c', 'arn:d')
      .replace('team: blue', 'team: red');
    await bench.deploy(yaml);
    expect(await bench.plan(yaml)).toEqual([]);
    expect(await bench.list('/v2/domainnames/chat.example/apimappings')).toMatchObject([
      { stage: 'beta', apiMappingKey: 'v2' },
    ]);
    expect(await bench.get('/v2/domainnames/chat.example')).toMatchObject({
      domainNameConfigurations: [{ certificateArn: 'arn:d' }],
      tags: { team: 'red' },
    });
    expect(await destroyStack(bench.context)).toEqual([]);
    expect(await bench.list('/v2/domainnames')).toEqual([]);
  });
});
