import { describe, expect, test } from 'vitest';
import type { ControlClient } from '../../src/templates/control-client.ts';
import { apiIdOf } from '../../src/templates/postern-file.ts';
import { destroyStack } from '../../src/templates/stack/deploy-stack.ts';
import { useWorkbench } from './support/stacks.ts';

const bench = useWorkbench();

const CHAT = `
Resources:
  Chat:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      Name: chat
      ProtocolType: WEBSOCKET
      RouteSelectionExpression: $request.body.action
  Backend:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Chat
      IntegrationType: HTTP_PROXY
      IntegrationMethod: POST
      IntegrationUri: http://localhost:3000/ws?key=hush
      TimeoutInMillis: "5000"
      RequestParameters:
        integration.request.header.connectionId: context.connectionId
  Connect:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Chat
      RouteKey: $connect
      RequestParameters: { route.request.querystring.token: { Required: true } }
      Target: !Sub integrations/\${Backend}
  Deployment:
    Type: AWS::ApiGatewayV2::Deployment
    Properties:
      ApiId: !Ref Chat
  Stage:
    Type: AWS::ApiGatewayV2::Stage
    Properties:
      ApiId: !Ref Chat
      StageName: prod
      DeploymentId: !Ref Deployment
      StageVariables: { size: 5 }
      Tags: { team: blue }
      RouteSettings: { $connect: { ThrottlingBurstLimit: 5, ThrottlingRateLimit: "2.5" } }
`;
const apiId = apiIdOf('chat/Chat');
const base = `/v2/apis/${apiId}`;

const changed = (from: string | RegExp, to: string) => {
  const yaml = CHAT.replace(from, to);
  if (yaml === CHAT) throw new Error(`${from} is not in the template`);
  return yaml;
};
const inOne = async (path: string) => (await bench.list(path))[0];

describe('a new stack', () => {
  test('is planned without a write, and made in the order of its references', async () => {
    const plan = [
      '+ Api Chat chat',
      '+ Integration Backend http://localhost:3000/ws',
      '+ Route Connect $connect',
      '+ Deployment Deployment ',
      '+ Stage Stage prod',
    ];
    expect(await bench.plan(CHAT)).toEqual(plan);
    expect(bench.writes).toEqual([]);
    const { steps } = await bench.deploy(CHAT);
    expect(steps.map(({ logicalId }) => logicalId)).toEqual([
      'Chat',
      'Backend',
      'Connect',
      'Deployment',
      'Stage',
    ]);
    expect(await bench.get(base)).toMatchObject({
      name: 'chat',
      tags: { 'postern:source': 'stack/chat', _custom_id_: apiId },
    });
    const integration = await inOne(`${base}/integrations`);
    expect(integration).toMatchObject({ timeoutInMillis: 5000, integrationType: 'HTTP_PROXY' });
    expect(await bench.list(`${base}/routes`)).toMatchObject([
      {
        routeKey: '$connect',
        target: `integrations/${integration.integrationId}`,
        requestParameters: { 'route.request.querystring.token': { required: true } },
      },
    ]);
    const { deploymentId } = await inOne(`${base}/deployments`);
    expect(await bench.list(`${base}/stages`)).toMatchObject([
      {
        stageName: 'prod',
        deploymentId,
        stageVariables: { size: '5' },
        tags: { team: 'blue' },
        routeSettings: { $connect: { throttlingBurstLimit: 5, throttlingRateLimit: 2.5 } },
      },
    ]);
  });

  test('applied again changes nothing, and nothing is written', async () => {
    await bench.deploy(CHAT);
    bench.writes = [];
    expect(await bench.plan(CHAT)).toEqual([]);
    expect((await bench.deploy(CHAT)).steps).toEqual([]);
    expect(bench.writes).toEqual([]);
  });

  test('a deployment comes after everything it keeps a copy of, without DependsOn', async () => {
    const backwards = CHAT.replace(/ {2}Connect:[\s\S]*?(?= {2}Deployment:)/, '');
    const route = /( {2}Connect:[\s\S]*?)(?= {2}Deployment:)/.exec(CHAT)![1];
    const { steps } = await bench.deploy(`${backwards}${route}`);
    const ids = steps.map(({ logicalId }) => logicalId);
    expect(ids.indexOf('Connect')).toBeLessThan(ids.indexOf('Deployment'));
  });
});

describe('a changed template', () => {
  const planAndDeploy = async (yaml: string) => {
    await bench.deploy(CHAT);
    const before = await bench.get(`${base}/stages/prod`);
    bench.writes = [];
    const plan = await bench.plan(yaml);
    const { steps } = await bench.deploy(yaml);
    expect(steps).toHaveLength(plan.length);
    const after = await bench.get(`${base}/stages/prod`);
    expect((await bench.deploy(yaml)).steps).toEqual([]);
    return { plan, writes: bench.writes, isRedeployed: before.deploymentId !== after.deploymentId };
  };

  test('changes an integration in place, and deploys it', async () => {
    const { plan, isRedeployed } = await planAndDeploy(changed(':3000/ws', ':4000/ws'));
    expect(plan).toEqual([
      '~ Integration Backend http://localhost:4000/ws: IntegrationUri',
      '-+ Deployment Deployment  (what it keeps a copy of changed)',
      '~ Stage Stage prod: DeploymentId',
    ]);
    expect(isRedeployed).toBe(true);
    expect((await inOne(`${base}/integrations`)).integrationUri).toContain(':4000/ws?key=hush');
    expect(await bench.list(`${base}/deployments`)).toHaveLength(1);
  });

  test('settings of the stage need no deployment', async () => {
    const { plan, isRedeployed } = await planAndDeploy(
      changed('{ size: 5 }', '{ other: x }').replace('team: blue', 'crew: red'),
    );
    expect(plan).toEqual(['~ Stage Stage prod: StageVariables, Tags']);
    expect(isRedeployed).toBe(false);
    const { stageVariables, tags } = await bench.get(`${base}/stages/prod`);
    expect({ stageVariables, tags }).toEqual({
      stageVariables: { other: 'x' },
      tags: { crew: 'red' },
    });
  });

  test('what a template no longer says goes back to what holds without it', async () => {
    await planAndDeploy(
      changed('      TimeoutInMillis: "5000"\n', '')
        .replace(/ {6}RequestParameters:\n.*connectionId\n/, '')
        .replace(/ {6}RequestParameters: .*\n/, '')
        .replace(/ {6}RouteSettings: .*\n/, ''),
    );
    const integration = await inOne(`${base}/integrations`);
    expect(integration.timeoutInMillis).toBe(29_000);
    expect(integration.requestParameters ?? {}).toEqual({});
    expect((await inOne(`${base}/routes`)).requestParameters ?? {}).toEqual({});
    expect((await bench.get(`${base}/stages/prod`)).routeSettings).toEqual({});
  });

  test('a member taken from a route setting goes, the others stay', async () => {
    await planAndDeploy(changed('ThrottlingBurstLimit: 5, ', ''));
    const { routeSettings } = await bench.get(`${base}/stages/prod`);
    expect(routeSettings).toEqual({ $connect: { throttlingRateLimit: 2.5 } });
  });

  test('limits taken from the default settings become those of an account', async () => {
    const limited = `${CHAT}      DefaultRouteSettings: { ThrottlingBurstLimit: 7, LoggingLevel: INFO }\n`;
    await bench.deploy(limited);
    await bench.deploy(CHAT);
    expect((await bench.get(`${base}/stages/prod`)).defaultRouteSettings).toMatchObject({
      throttlingBurstLimit: 5000,
      loggingLevel: 'OFF',
    });
  });

  test('another stage name is another stage: the new one first, then the old one goes', async () => {
    await bench.deploy(CHAT);
    const yaml = changed('StageName: prod', 'StageName: live');
    expect(await bench.plan(yaml)).toEqual(['-+ Stage Stage live: StageName']);
    bench.writes = [];
    await bench.deploy(yaml);
    expect(bench.writes).toEqual([`POST ${base}/stages`, `DELETE ${base}/stages/prod`]);
  });

  test('a request template that left cannot be taken from an integration: it is replaced', async () => {
    const mock = (templates: string) =>
      changed('IntegrationType: HTTP_PROXY', `IntegrationType: MOCK\n      ${templates}`)
        .replace(/ {6}IntegrationMethod: .*\n/, '')
        .replace(/ {6}IntegrationUri: .*\n/, '');
    await bench.deploy(mock('RequestTemplates: { a: "{}", b: "{}" }'));
    const { integrationId } = await inOne(`${base}/integrations`);
    await bench.deploy(mock('RequestTemplates: { a: "{}" }'));
    const all = await bench.list(`${base}/integrations`);
    expect(all).toMatchObject([{ requestTemplates: { a: '{}' } }]);
    expect(all[0].integrationId).not.toBe(integrationId);
    const route = await inOne(`${base}/routes`);
    expect(route.target).toBe(`integrations/${all[0].integrationId}`);
  });

  test('an empty request template is a template: it comes like any other', async () => {
    await bench.deploy(CHAT);
    const line = 'IntegrationType: HTTP_PROXY';
    await bench.deploy(changed(line, `${line}\n      RequestTemplates: { $default: "" }`));
    expect((await inOne(`${base}/integrations`)).requestTemplates).toEqual({ $default: '' });
  });

  test('a response template that left is taken away with its response, which is made anew', async () => {
    const withResponse = (templates: string) => `${CHAT}
  Answer:
    Type: AWS::ApiGatewayV2::IntegrationResponse
    Properties:
      ApiId: !Ref Chat
      IntegrationId: !Ref Backend
      IntegrationResponseKey: $default
      ResponseTemplates: ${templates}
`;
    await bench.deploy(withResponse('{ a: x, b: y }'));
    await bench.deploy(withResponse('{ b: y }'));
    const { integrationId } = await inOne(`${base}/integrations`);
    const path = `${base}/integrations/${integrationId}/integrationresponses`;
    expect(await bench.list(path)).toMatchObject([{ responseTemplates: { b: 'y' } }]);
  });

  test('resources that left are removed, the last made first', async () => {
    await bench.deploy(CHAT);
    const yaml = CHAT.replace(/ {2}Deployment:[\s\S]*/, '');
    expect(await bench.plan(yaml)).toEqual([
      '- Stage Stage prod',
      expect.stringMatching(/^- Deployment Deployment \w+$/),
    ]);
    bench.writes = [];
    await bench.deploy(yaml);
    expect(bench.writes[0]).toBe(`DELETE ${base}/stages/prod`);
    expect(bench.writes[1]).toMatch(/DELETE .*\/deployments\//);
    expect(await bench.list(`${base}/stages`)).toEqual([]);
  });

  test('a deployment that was replaced is removed after the stage that kept it', async () => {
    await bench.deploy(CHAT);
    await bench.deploy(changed(':3000/ws', ':4000/ws'));
    const { leftovers } = await bench.deploy(changed('StageName: prod', 'StageName: live'));
    expect(leftovers).toEqual([]);
    expect(await bench.list(`${base}/deployments`)).toHaveLength(1);
    const { context } = bench;
    expect(await destroyStack(context)).toEqual([]);
    expect((await bench.get('/v2/apis')).items).toEqual([]);
    expect(await context.store.read('chat')).toBeUndefined();
  });

  test('another logical id for a route with the same key is the same route', async () => {
    await bench.deploy(CHAT);
    const { routeId } = await inOne(`${base}/routes`);
    const yaml = changed('  Connect:', '  Entrance:');
    bench.writes = [];
    await bench.deploy(yaml);
    expect((await inOne(`${base}/routes`)).routeId).toBe(routeId);
    expect(bench.writes.filter((write) => write.includes('/routes'))).toEqual([]);
    expect(await bench.plan(yaml)).toEqual([]);
  });

  test('a retained resource leaves the stack and stays', async () => {
    await bench.deploy(changed('  Stage:\n', '  Stage:\n    DeletionPolicy: Retain\n'));
    await bench.deploy(CHAT.replace(/ {2}Stage:[\s\S]*/, ''));
    expect(await bench.list(`${base}/stages`)).toMatchObject([{ stageName: 'prod' }]);
  });
});

describe('drift', () => {
  test('what was changed elsewhere is changed back, and what the template does not say is left', async () => {
    await bench.deploy(CHAT);
    const { routeId } = await inOne(`${base}/routes`);
    const { client } = bench.context;
    await client.update(`${base}/routes/${routeId}`, { operationName: 'mine', target: '' });
    await client.update(`${base}/stages/prod`, { stageVariables: { size: '6' } });
    expect(await bench.plan(CHAT)).toEqual([
      '~ Route Connect $connect: Target',
      '~ Stage Stage prod: StageVariables',
    ]);
    await bench.deploy(CHAT);
    const route = await inOne(`${base}/routes`);
    expect(route).toMatchObject({ routeId, operationName: 'mine' });
    expect(route.target).toMatch(/^integrations\//);
    expect((await bench.get(`${base}/stages/prod`)).stageVariables).toEqual({ size: '5' });
  });

  test('what was removed elsewhere is made again', async () => {
    await bench.deploy(CHAT);
    const { routeId } = await inOne(`${base}/routes`);
    await bench.context.client.remove(`${base}/routes/${routeId}`);
    expect(await bench.plan(CHAT)).toEqual(['+ Route Connect $connect (it was removed elsewhere)']);
    await bench.deploy(CHAT);
    expect(await bench.list(`${base}/routes`)).toHaveLength(1);
  });

  test('an API that was removed takes the whole stack with it, and all is made again', async () => {
    await bench.deploy(CHAT);
    await bench.context.client.remove(base);
    const { steps } = await bench.deploy(CHAT);
    expect(steps.map(({ action }) => action)).toEqual(Array(5).fill('create'));
    expect(await bench.list(`${base}/stages`)).toHaveLength(1);
  });
});

describe('a run that fails', () => {
  const BROKEN = `
  Bad:
    Type: AWS::ApiGatewayV2::Stage
    Properties: { ApiId: !Ref Chat, StageName: "no good", DeploymentId: !Ref Deployment }
`;

  test('takes back what it made, and says so', async () => {
    await expect(bench.deploy(CHAT + BROKEN)).rejects.toThrow(
      'Bad: Stage name only allows a-zA-Z0-9_\nRolled back 5 changes.',
    );
    expect((await bench.get('/v2/apis')).items).toEqual([]);
    expect(await bench.context.store.read('chat')).toBeUndefined();
  });

  test('takes back what it changed', async () => {
    await bench.deploy(CHAT);
    const look = async () => ({
      api: await bench.get(base),
      routes: await bench.list(`${base}/routes`),
      integrations: await bench.list(`${base}/integrations`),
      deployments: await bench.list(`${base}/deployments`),
      stages: (await bench.list(`${base}/stages`)).map(({ lastUpdatedDate: _, ...stage }) => stage),
    });
    const before = await look();
    const yaml = changed(':3000/ws', ':4000/ws')
      .replace('Name: chat', 'Name: chit')
      .replace('{ size: 5 }', '{ other: x }')
      .replace('team: blue', 'crew: red')
      .replace(/ {6}RouteSettings: .*\n/, '')
      .replace('querystring.token', 'header.token');
    await expect(bench.deploy(yaml + BROKEN)).rejects.toThrow('Rolled back 5 changes.');
    expect(await look()).toEqual(before);
    expect(await bench.plan(CHAT)).toEqual([]);
  });

  test('takes back what it changed of the very resource that is refused', async () => {
    await bench.deploy(CHAT);
    const look = async () => ({ ...(await inOne(`${base}/stages`)), lastUpdatedDate: undefined });
    const before = await look();
    const yaml = changed(/ {6}RouteSettings: .*\n/, '').replace('{ size: 5 }', '{ size: "{}" }');
    await expect(bench.deploy(yaml)).rejects.toThrow(/stage variable value.*\nNothing was changed/);
    expect(await look()).toEqual(before);
  });

  test('takes back a replacement', async () => {
    await bench.deploy(CHAT);
    const yaml = changed('StageName: prod', 'StageName: live');
    const other = BROKEN.replace('Stage\n', 'ApiMapping\n').replace(
      /Properties: .*/,
      'Properties: { ApiId: !Ref Chat, DomainName: nowhere.example, Stage: !Ref Stage }',
    );
    await expect(bench.deploy(yaml + other)).rejects.toThrow('Rolled back');
    expect(await bench.list(`${base}/stages`)).toMatchObject([{ stageName: 'prod' }]);
    expect(await bench.plan(CHAT)).toEqual([]);
  });

  test('an interrupted run takes back what it did', async () => {
    const interruption = new AbortController();
    const options = {
      signal: interruption.signal,
      onStep: ({ logicalId }: { logicalId: string }) => {
        if (logicalId === 'Connect') interruption.abort();
      },
    };
    await expect(bench.deploy(CHAT, options)).rejects.toThrow(
      'Interrupted\nRolled back 3 changes.',
    );
    expect((await bench.get('/v2/apis')).items).toEqual([]);
  });
});

describe('a run that died', () => {
  /** Ends as `kill -9` would: after this many writes nothing of the run happens any more. */
  const dieAfter = async (count: number) => {
    const { context } = bench;
    let left = count;
    const dead = () => new Promise<never>(() => {});
    const direct = context.store;
    bench.intercept = undefined;
    const spend = () => left-- <= 0;
    const client = wrap(context.client, spend, dead);
    const store = {
      ...direct,
      write: (...args: Parameters<typeof direct.write>) =>
        spend() ? dead() : direct.write(...args),
    };
    const run = bench.deployWith({ ...context, client, store }, CHAT);
    await Promise.race([run, settled(() => left < 0)]);
  };

  test.each(Array.from({ length: 22 }, (_, count) => count))(
    'after %i writes is carried on by the next, which leaves nothing behind',
    async (count) => {
      await dieAfter(count);
      await bench.deploy(CHAT);
      expect((await bench.get('/v2/apis')).items).toHaveLength(1);
      for (const collection of ['routes', 'integrations', 'stages']) {
        expect(await bench.list(`${base}/${collection}`)).toHaveLength(1);
      }
      expect(await bench.plan(CHAT)).toEqual([]);
    },
  );
});

/** A client whose writes may never come back. */
function wrap(
  client: ControlClient,
  spend: () => boolean,
  dead: () => Promise<never>,
): ControlClient {
  return {
    ...client,
    create: (path, body) => (spend() ? dead() : client.create(path, body)),
    update: (path, body) => (spend() ? dead() : client.update(path, body)),
    remove: (path) => (spend() ? dead() : client.remove(path)),
    at: (place) => wrap(client.at(place), spend, dead),
  };
}

function settled(isDone: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => (isDone() ? resolve() : setImmediate(look));
    look();
  });
}

describe('two runs over one stack', () => {
  test('the one that began first stops, and leaves nothing of its own behind', async () => {
    let other: Promise<unknown> | undefined;
    const first = bench.deploy(CHAT, {
      onStep: ({ logicalId }) => {
        if (logicalId === 'Backend') other = bench.deploy(CHAT);
      },
    });
    await expect(first).rejects.toThrow('Another run over the stack chat began');
    await other;
    expect(await bench.list(`${base}/integrations`)).toHaveLength(1);
    expect(await bench.list(`${base}/routes`)).toHaveLength(1);
    expect(await bench.plan(CHAT)).toEqual([]);
  });
});

describe('what this gateway does not make', () => {
  const mixed = `${CHAT}
  Table: { Type: AWS::DynamoDB::Table }
  Http:
    Type: AWS::ApiGatewayV2::Api
    Properties: { Name: http, ProtocolType: HTTP }
  HttpRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties: { ApiId: !Ref Http, RouteKey: "GET /" }
  Meta: { Type: AWS::CDK::Metadata }
`;

  test('is listed, and nothing fails', async () => {
    const { skipped } = await bench.deploy(mixed);
    expect(skipped).toEqual([
      { logicalId: 'Table', type: 'AWS::DynamoDB::Table' },
      { logicalId: 'Http', type: 'AWS::ApiGatewayV2::Api', reason: 'it is an HTTP API' },
      { logicalId: 'HttpRoute', type: 'AWS::ApiGatewayV2::Route', reason: 'Http is not made here' },
    ]);
    expect((await bench.get('/v2/apis')).items).toHaveLength(1);
  });

  test('an API that is imported from a definition is an HTTP API', async () => {
    const imported = `${CHAT}
  Imported: { Type: AWS::ApiGatewayV2::Api, Properties: { Body: { openapi: 3.0.1 } } }
  ImportedStage:
    Type: AWS::ApiGatewayV2::Stage
    Properties: { ApiId: !Ref Imported, StageName: $default, AutoDeploy: true }
`;
    const { skipped } = await bench.deploy(imported);
    expect(skipped.map(({ logicalId }) => logicalId)).toEqual(['Imported', 'ImportedStage']);
  });

  test('an operation the control plane has not is no failure, nor what depends on it', async () => {
    const linked = `${CHAT}
  Link: { Type: AWS::ApiGatewayV2::VpcLink, Properties: { Name: l, SubnetIds: [s] } }
  Uses:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Chat
      IntegrationType: MOCK
      Description: !Ref Link
`;
    const sentence = 'The operation CreateVpcLink is not supported by this version';
    const direct = bench.direct;
    bench.intercept = async (method, path, body) =>
      path === '/v2/vpclinks'
        ? { status: 400, body: { message: sentence } }
        : direct(method, path, body);
    const { skipped } = await bench.deploy(linked);
    expect(skipped).toEqual([
      { logicalId: 'Link', type: 'AWS::ApiGatewayV2::VpcLink', reason: sentence },
      { logicalId: 'Uses', type: 'AWS::ApiGatewayV2::Integration', reason: 'it needs Link' },
    ]);
  });
});

describe('a template that makes no sense is refused before the first call', () => {
  test.each([
    [
      'a cycle',
      CHAT.replace('Name: chat', 'Name: !Ref Stage'),
      '3:3: Resources.Chat: depends on itself: Chat → Stage → Chat',
    ],
    [
      'an unknown property',
      changed('RouteKey:', 'Routekey:'),
      '23:7: Resources.Connect.Properties.Routekey: unknown property (did you mean "RouteKey"?)',
    ],
    [
      'a missing property',
      changed('      RouteKey: $connect\n', ''),
      '19:3: Resources.Connect: RouteKey is missing',
    ],
    [
      'a value of the wrong kind',
      changed('"5000"', 'soon'),
      '16:7: Resources.Backend.Properties.TimeoutInMillis: must be a number',
    ],
    [
      'a resource without a type',
      `${CHAT}  Odd: { Properties: {} }\n`,
      'Resources.Odd: Type is missing',
    ],
    [
      'an unknown DependsOn',
      changed('  Stage:\n', '  Stage:\n    DependsOn: Conect\n'),
      'Resources.Stage.DependsOn: there is no resource Conect (did you mean "Connect"?)',
    ],
    [
      'two routes with one key',
      `${CHAT}  Again:\n    Type: AWS::ApiGatewayV2::Route\n    Properties: { ApiId: !Ref Chat, RouteKey: $connect }\n`,
      ':41:37: Resources.Again.Properties.RouteKey: Connect has "$connect" too: only one Route can',
    ],
    [
      'a misspelt function in its long form',
      changed('RouteKey: $connect', 'RouteKey: { Reff: Key }'),
      /:23:7: Resources\.Connect\.Properties\.RouteKey: must be text/,
    ],
    [
      'an unknown function',
      changed('RouteKey: $connect', 'RouteKey: { "Fn::Subb": key }'),
      /:23:19: Resources\.Connect\.Properties\.RouteKey.*Fn::Subb/,
    ],
    ['no resources', 'Description: nothing', 'there is nothing under Resources'],
    [
      'a reference to what its condition leaves out',
      `Conditions: { Never: !Equals [a, b] }${changed('  Chat:\n', '  Chat:\n    Condition: Never\n')}`,
      'is referred to, and left out by its condition',
    ],
    [
      'a condition that depends on itself',
      `Conditions: { A: !Not [!Condition A] }${changed('  Chat:\n', '  Chat:\n    Condition: A\n')}`,
      'Conditions.A: depends on itself',
    ],
  ])('%s', async (_, yaml, message) => {
    const attempt = (async () => bench.plan(yaml))();
    await expect(attempt).rejects.toThrow(message);
    await expect((async () => bench.deploy(yaml))()).rejects.toThrow(message);
    expect(bench.writes).toEqual([]);
  });

  test('all problems are told together', () => {
    const yaml = changed('"5000"', 'soon').replace('Name: chat', 'Nmae: chat');
    expect(() => bench.load(yaml)).toThrow(/Chat[\s\S]*\n.*Backend/);
  });
});
