import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { settle } from '../../src/templates/cloudformation/deferred.ts';
import { apiIdOf } from '../../src/templates/postern-file.ts';
import { readTemplate } from '../../src/templates/read-template.ts';
import { destroyStack } from '../../src/templates/stack/deploy-stack.ts';
import {
  type DeploymentTarget,
  deployFile,
  planFile,
  stackContext,
} from '../../src/templates/template-deployment.ts';
import { environment, shown, useWorkbench } from './support/stacks.ts';

const bench = useWorkbench();
const fixture = (...path: string[]) => join(import.meta.dirname, 'fixtures', ...path);
const { region, account } = environment;

const read = (path: string, options: Record<string, string> = {}) =>
  readTemplate(path, { options, env: { CHAT_LEVEL: undefined }, account });
const target = (more: Partial<DeploymentTarget> = {}): DeploymentTarget => ({
  call: bench.direct,
  store: bench.context.store,
  region,
  account,
  parameters: {},
  ...more,
});

/** The API as the control plane shows it, its ids left out and its references by what they name. */
async function picture(apiId: string) {
  const base = `/v2/apis/${apiId}`;
  const [routes, integrations, authorizers, stages] = await Promise.all(
    ['routes', 'integrations', 'authorizers', 'stages'].map((each) =>
      bench.list(`${base}/${each}`),
    ),
  );
  const byTarget = new Map(
    integrations!.map((each) => [
      `integrations/${each.integrationId}`,
      each.integrationUri ?? 'MOCK',
    ]),
  );
  const byAuthorizer = new Map(authorizers!.map((each) => [each.authorizerId, each.name]));
  return {
    routes: Object.fromEntries(
      routes!.map(({ routeKey, routeId: _, target, authorizerId, ...route }) => [
        routeKey,
        {
          ...route,
          calls: byTarget.get(target),
          ...(authorizerId && { authorizer: byAuthorizer.get(authorizerId) }),
        },
      ]),
    ),
    integrations: integrations!
      .map(({ integrationId: _, ...integration }) => integration)
      .sort((a, b) => (String(a.integrationUri) < String(b.integrationUri) ? -1 : 1)),
    authorizers: authorizers!.map(({ authorizerId: _, ...authorizer }) => authorizer),
    stages: stages!.map(({ createdDate: _, lastUpdatedDate: __, deploymentId, ...stage }) => ({
      ...stage,
      isDeployed: deploymentId !== undefined,
    })),
  };
}

const uriOf = (name: string, where = region) =>
  `arn:aws:apigateway:${where}:lambda:path/2015-03-31/functions/` +
  `arn:aws:lambda:${where}:${account}:function:${name}/invocations`;

describe('a template synthesized by the CDK', () => {
  test('becomes an API, its functions found among the assets', async () => {
    const file = read(fixture('cdk', 'cdk.out'));
    expect(file.format).toBe('cdk');
    const [stack] = await deployFile(file, target());
    const apiId = apiIdOf('chat-sockets/ApiF70053CD');
    expect(stack!.stackName).toBe('chat-sockets');
    const { routes, integrations, stages, authorizers } = await picture(apiId);
    expect(routes).toMatchObject({
      $connect: { authorizationType: 'CUSTOM', calls: uriOf('chat-sockets-Connect5B7625CA') },
      $default: {
        routeResponseSelectionExpression: '$default',
        calls: uriOf('chat-sockets-Message251322C6'),
      },
      ping: { calls: 'MOCK' },
    });
    expect(integrations).toHaveLength(3);
    expect(integrations.find(({ integrationType }) => integrationType === 'MOCK')).toMatchObject({
      requestTemplates: { 'application/json': '{"statusCode":200}' },
    });
    expect(authorizers).toMatchObject([
      {
        authorizerUri: uriOf('chat-sockets-AuthorizeD8507075'),
        identitySource: ['route.request.querystring.token'],
      },
    ]);
    expect(stages).toMatchObject([
      {
        stageName: 'live',
        autoDeploy: true,
        defaultRouteSettings: {
          detailedMetricsEnabled: true,
          throttlingBurstLimit: 50,
          throttlingRateLimit: 100,
        },
      },
    ]);
    const { functions } = stack!.template;
    expect(functions.map(({ name, handler, code }) => [name, handler, code.kind])).toEqual([
      ['chat-sockets-Message251322C6', 'index.message', 'folder'],
      ['chat-sockets-AuthorizeD8507075', 'index.authorize', 'folder'],
      ['chat-sockets-Connect5B7625CA', 'index.connect', 'folder'],
    ]);
    expect(settle(functions[0]!.environment, stack!.lookup)).toMatchObject({
      CALLBACK_URL: `https://${apiId}.execute-api.us-east-1.amazonaws.com/live`,
      TABLE: 'chat-sockets-Connections827CEF2F',
    });
    expect(stack!.outputs).toEqual({
      Url: `wss://${apiId}.execute-api.us-east-1.amazonaws.com/live`,
    });
    expect(stack!.skipped.map(({ type }) => type)).toContain('AWS::DynamoDB::Table');
    expect((await planFile(file, target())).flatMap(({ steps }) => steps)).toEqual([]);
  });

  test('exports what its outputs say, for other stacks to import', async () => {
    await deployFile(read(fixture('cdk', 'cdk.out')), target());
    const { exports } = (await bench.context.store.read('chat-sockets'))!.stack;
    expect(exports['chat-url']).toMatch(/^wss:/);
  });

  test('two stacks: one of functions alone, the other with everything an API can have', async () => {
    const file = read(fixture('cdk', 'everything.out'));
    const planned = await planFile(file, target());
    expect(planned.map(({ stackName, steps }) => [stackName, steps.length])).toEqual([
      ['Handlers', 0],
      ['Sockets', 26],
    ]);
    const told: string[] = [];
    const [handlers, sockets] = await deployFile(file, target(), {
      onStack: (name) => told.push(`begin ${name}`),
      onFinished: ({ stackName }) => told.push(`end ${stackName}`),
    });
    expect(told).toEqual(['begin Handlers', 'end Handlers', 'begin Sockets', 'end Sockets']);
    const [talk, python] = handlers!.template.functions.map(({ name }) => name);
    expect(handlers!.template.functions.map(({ code }) => code.kind)).toEqual(['folder', 'inline']);
    expect([...handlers!.skipped, ...sockets!.skipped].map(({ type }) => type)).toEqual([
      'AWS::IAM::Role',
      'AWS::IAM::Role',
      'AWS::Logs::LogGroup',
    ]);
    const apiId = apiIdOf('Sockets/ApiF70053CD');
    expect(await bench.get(`/v2/apis/${apiId}`)).toMatchObject({ ipAddressType: 'dualstack' });
    const { routes, integrations, stages } = await picture(apiId);
    expect(routes).toMatchObject({
      $connect: { authorizationType: 'AWS_IAM', calls: uriOf(`${talk}:live`) },
      $disconnect: { calls: uriOf(python!) },
      $default: { calls: uriOf(talk!) },
      queue: { calls: `arn:aws:apigateway:us-east-1:sqs:path/${account}/jobs` },
      ping: { calls: 'MOCK', apiKeyRequired: true, routeResponseSelectionExpression: '$default' },
      say: { requestModels: { say: 'Message' }, modelSelectionExpression: '$request.body.kind' },
    });
    expect(integrations.find(({ integrationType }) => integrationType === 'AWS')).toMatchObject({
      passthroughBehavior: 'NEVER',
      templateSelectionExpression: '\\$default',
    });
    expect(stages).toMatchObject([
      {
        stageName: 'byhand',
        isDeployed: true,
        routeSettings: { say: { throttlingRateLimit: 5 } },
        tags: { team: 'blue' },
      },
      {
        stageName: 'prod',
        autoDeploy: true,
        isDeployed: true,
        accessLogSettings: {
          destinationArn: `arn:aws:logs:us-east-1:${account}:log-group:Sockets-Access9901B1FF:*`,
        },
      },
    ]);
    const mappings = await bench.list('/v2/domainnames/ws.example.com/apimappings');
    expect(mappings).toMatchObject([{ apiId, apiMappingKey: 'chat', stage: 'prod' }]);
    const { item: plans } = await bench.get('/usageplans');
    expect(plans).toMatchObject([{ name: 'partners', apiStages: [{ apiId, stage: 'prod' }] }]);
    expect((await planFile(file, target())).flatMap(({ steps }) => steps)).toEqual([]);
    // A stack that made nothing is there all the same, until it is destroyed.
    expect(await bench.context.store.read('Handlers')).toBeDefined();
    expect(await destroyStack(stackContext('Handlers', target()))).toEqual([]);
    expect(await bench.context.store.read('Handlers')).toBeUndefined();
  });

  test('a template of the assembly, or its manifest, is the assembly', () => {
    const names = [{ stackName: 'chat-sockets' }];
    expect(read(fixture('cdk', 'cdk.out')).units).toMatchObject(names);
    expect(read(fixture('cdk', 'cdk.out', 'manifest.json')).units).toMatchObject(names);
    expect(read(fixture('cdk', 'cdk.out', 'ChatStack.template.json')).units).toMatchObject([
      { stackName: 'chat-sockets' },
    ]);
  });
});

describe('a SAM template', () => {
  const apiId = apiIdOf('sam/Chat');

  test('becomes an API whose stage deploys itself', async () => {
    const file = read(fixture('sam', 'template.yaml'));
    expect(file.format).toBe('sam');
    const [stack] = await deployFile(file, target());
    expect((await bench.get(`/v2/apis/${apiId}`)).tags).toMatchObject({
      team: 'blue',
      'websocketapi:createdBy': 'SAM',
    });
    const { routes, integrations, stages, authorizers } = await picture(apiId);
    expect(routes).toMatchObject({
      $connect: {
        authorizationType: 'CUSTOM',
        authorizer: 'ChatConnectAuthorizer',
        calls: uriOf('sam-Connect'),
        requestParameters: { 'route.request.querystring.token': { required: true } },
      },
      $default: { routeResponseSelectionExpression: '$default', calls: uriOf('sam-Message') },
    });
    expect(integrations.map(({ timeoutInMillis }) => timeoutInMillis)).toEqual([29_000, 10_000]);
    expect(authorizers).toMatchObject([{ authorizerUri: uriOf('sam-Authorizer') }]);
    expect(stages).toMatchObject([
      {
        stageName: 'prod',
        autoDeploy: true,
        isDeployed: true,
        stageVariables: { size: 'large' },
        defaultRouteSettings: { throttlingBurstLimit: 100, throttlingRateLimit: 50 },
        tags: { 'websocketapi:createdBy': 'SAM' },
      },
    ]);
    expect(stack!.outputs).toEqual({
      Url: `wss://${apiId}.execute-api.us-east-1.amazonaws.com/prod`,
      StageName: 'prod',
    });
    expect((await planFile(file, target())).flatMap(({ steps }) => steps)).toEqual([]);
  });

  test('globals are merged into functions, whose code is where CodeUri says', async () => {
    const [stack] = await deployFile(read(fixture('sam', 'template.yaml')), target());
    const { lookup, template } = stack!;
    const functions = template.functions.map(({ environment: variables, ...rest }) => ({
      ...rest,
      environment: settle(variables, lookup),
    }));
    const folder = fixture('sam', 'src');
    const common = { runtime: 'nodejs20.x', code: { kind: 'folder', folder } };
    expect(functions).toEqual([
      {
        logicalId: 'Authorizer',
        name: 'sam-Authorizer',
        handler: 'index.authorize',
        timeoutSeconds: 5,
        environment: { LEVEL: 'info' },
        ...common,
      },
      {
        logicalId: 'Connect',
        name: 'sam-Connect',
        handler: 'index.connect',
        timeoutSeconds: 5,
        environment: { LEVEL: 'info', TABLE: 'sam-Connections' },
        ...common,
      },
      {
        logicalId: 'Message',
        name: 'sam-Message',
        handler: 'index.message',
        timeoutSeconds: 9,
        environment: {
          LEVEL: 'info',
          ENDPOINT: `https://${apiId}.execute-api.us-east-1.amazonaws.com/prod`,
        },
        ...common,
      },
    ]);
  });
});

describe('Serverless Framework', () => {
  const yml = fixture('serverless', 'serverless.yml');
  const packaged = fixture(
    'serverless',
    '.serverless',
    'cloudformation-template-update-stack.json',
  );
  const apiId = (stack: string) => apiIdOf(`${stack}/WebsocketsApi`);

  test('serverless.yml becomes what osls itself packages of it', async () => {
    const [ours] = await deployFile(read(yml), target());
    expect(ours!.stackName).toBe('chat-dev');
    const theirs = await deployFile(
      read(packaged),
      target({ region: 'eu-west-1', stackName: 'theirs' }),
    );
    expect(await picture(apiId('chat-dev'))).toEqual(await picture(apiId('theirs')));
    const shape = ({
      functions,
    }: {
      functions: readonly { logicalId: string; environment: unknown }[];
    }) =>
      functions
        .filter(({ logicalId }) => !logicalId.startsWith('CustomDash'))
        .map(({ environment: variables, ...rest }) => ({
          ...rest,
          environment: JSON.parse(
            JSON.stringify(settle(variables, ({ logicalId }) => `<${logicalId}>`)),
          ),
        }));
    expect(shape(ours!.template)).toEqual(shape(theirs[0]!.template));
    expect(ours!.outputs).toEqual({
      ServiceEndpointWebsocket: `wss://${apiId('chat-dev')}.execute-api.eu-west-1.amazonaws.com/dev`,
      Sockets: apiId('chat-dev'),
    });
    expect((await planFile(read(yml), target())).flatMap(({ steps }) => steps)).toEqual([]);
  });

  test('says what it came to', async () => {
    await deployFile(read(yml), target());
    const { routes, stages } = await picture(apiId('chat-dev'));
    expect(await bench.get(`/v2/apis/${apiId('chat-dev')}`)).toMatchObject({
      name: 'chat-dev-sockets',
      description: 'Chat over web sockets',
      routeSelectionExpression: '$request.body.kind',
    });
    expect(routes).toMatchObject({
      $connect: { calls: uriOf('chat-dev-connect', 'eu-west-1'), authorizer: 'authorizer' },
      $disconnect: { calls: uriOf('chat-dev-connect', 'eu-west-1'), authorizationType: 'NONE' },
      sendMessage: { routeResponseSelectionExpression: '$default' },
      $default: { calls: uriOf('chat-dev-messages', 'eu-west-1') },
    });
    expect(stages).toMatchObject([
      {
        stageName: 'dev',
        isDeployed: true,
        defaultRouteSettings: { dataTraceEnabled: true, loggingLevel: 'INFO' },
        accessLogSettings: {
          destinationArn: 'arn:aws:logs:eu-west-1:123456789012:log-group:/aws/websocket/chat-dev',
          format: '$context.requestId $context.routeKey',
        },
      },
    ]);
  });

  test('--stage decides the stage, and everything that follows from it', async () => {
    const [stack] = await deployFile(read(yml, { stage: 'prod' }), target());
    expect(stack!.stackName).toBe('chat-prod');
    const { functions } = stack!.template;
    expect(functions.find(({ logicalId }) => logicalId === 'ConnectLambdaFunction')).toMatchObject({
      name: 'chat-prod-connect',
      timeoutSeconds: 12,
      environment: { TABLE: 'live-chat-connections', LEVEL: 'info' },
    });
  });

  test('a change of a function is no change of the API, and one of a route is deployed', async () => {
    await deployFile(read(yml), target());
    const [plan] = await planFile(read(yml, { 'param.tablePrefix': 'other' }), target());
    expect(plan!.steps.map(shown)).toEqual([]);
  });
});

describe('AsyncAPI', () => {
  test('a document that names no backend says how to name one', () => {
    expect(() => read(fixture('asyncapi', 'aws.yaml'))).toThrow(
      /aws\.yaml:81:1: channels: no channel names a backend: give a channel x-postern/,
    );
  });

  test('channels become routes, x-postern says what calls them', async () => {
    await deployFile(read(fixture('asyncapi', 'chat.yaml')), target());
    const id = 'chatchatch';
    expect(await bench.get(`/v2/apis/${id}`)).toMatchObject({
      name: 'Chat',
      routeSelectionExpression: '$request.body.type',
    });
    const { routes, stages, integrations } = await picture(id);
    expect(routes).toMatchObject({
      $connect: { calls: 'http://localhost:3000/ws/connect' },
      $disconnect: { calls: 'http://localhost:3000/ws/disconnect' },
      $default: { calls: 'http://localhost:3000/ws/message' },
      sendMessage: {
        calls: 'http://localhost:4000/send',
        routeResponseSelectionExpression: '$default',
      },
      history: { calls: 'http://localhost:5000/history' },
      ask: { calls: expect.stringContaining('function:ask') },
    });
    expect(Object.keys(routes)).toHaveLength(6);
    expect(
      integrations.find(({ integrationUri }) => integrationUri.endsWith('/send')),
    ).toMatchObject({
      integrationMethod: 'PUT',
      timeoutInMillis: 5000,
    });
    expect(stages).toMatchObject([{ stageName: 'beta', stageVariables: { size: 'large' } }]);
  });

  test('the published description of AWS serves a backend as soon as one is named', async () => {
    const file = read(fixture('asyncapi', 'with-backend.yaml'));
    await deployFile(file, target());
    const { items } = await bench.get('/v2/apis');
    const { routes, stages } = await picture(items[0].apiId);
    expect(
      Object.fromEntries(
        // biome-ignore lint/suspicious/noExplicitAny: as in the picture
        Object.entries<any>(routes).map(([key, { calls }]) => [key, calls]),
      ),
    ).toEqual({
      $connect: 'http://localhost:3000/ws/connect',
      $disconnect: 'http://localhost:3000/ws/disconnect',
      $default: 'http://localhost:3000/ws/message',
    });
    expect(stages).toMatchObject([{ stageName: 'production' }]);
    expect(file.units[0]!.notes).toEqual([
      'channels.customRoute: {routeKey} stands for any route key, and makes no route',
    ]);
  });
});

describe('postern.yaml', () => {
  test('its APIs become a stack, under the ids the gateway itself would give them', async () => {
    const [stack] = await deployFile(read(fixture('postern', 'postern.yaml')), target());
    expect(stack!.stackName).toBe('postern');
    const { routes, stages, integrations, authorizers } = await picture(apiIdOf('chat'));
    expect(routes).toMatchObject({
      $connect: {
        calls: 'http://localhost:3000/connect',
        authorizer: 'gate',
        authorizationType: 'CUSTOM',
        apiKeyRequired: true,
      },
      echo: {
        calls: 'MOCK',
        routeResponseSelectionExpression: '$default',
        modelSelectionExpression: '$request.body.kind',
        requestModels: { long: 'Message' },
      },
      silent: { operationName: 'Nothing' },
    });
    expect(routes.silent!.calls).toBeUndefined();
    expect(integrations).toHaveLength(2);
    expect(authorizers).toMatchObject([{ identitySource: ['route.request.header.Auth'] }]);
    expect(stages.map(({ stageName }) => stageName)).toEqual(['beta', 'live']);
    expect(await bench.list(`/v2/apis/${apiIdOf('chat')}/models`)).toMatchObject([
      { name: 'Message', schema: '{"type":"object"}' },
    ]);
  });
});
