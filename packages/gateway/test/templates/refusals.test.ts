/** What each kind of template is refused for: the file, the line, the column, the path, the reason. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadTemplate } from '../../src/templates/cloudformation/load-template.ts';
import { readTemplate } from '../../src/templates/read-template.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Reads a file of this text as far as the first call would be made. */
function load(name: string, text: string) {
  const path = join(folder, name);
  writeFileSync(path, text);
  const { units } = readTemplate(path, { options: {}, env: {}, account: '123456789012' });
  return units.map(({ template, stackName }) =>
    loadTemplate(template, {
      environment: { stackName, region: 'us-east-1', account: '123456789012' },
      parameters: {},
      exports: {},
    }),
  );
}

describe('SAM', () => {
  const api = (lines: string) => `Transform: AWS::Serverless-2016-10-31
Resources:
  Chat:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.action
${lines}
`;
  const ROUTES = '      Routes: { $connect: { FunctionArn: arn }, talk: { FunctionArn: arn } }';
  const plain = api(ROUTES);

  test('a WebSocket API with routes is taken', () => {
    expect(load('t.yaml', plain)[0]!.resources.map(({ logicalId }) => logicalId)).toEqual([
      'Chat',
      'ChatConnectIntegration',
      'ChatTalkIntegration',
      'ChatConnectRoute',
      'ChatTalkRoute',
      'ChatDefaultStage',
    ]);
  });

  test.each([
    ['no routes', api(''), ':5:5: Resources.Chat.Properties: Routes is missing'],
    [
      'empty routes',
      api('      Routes: {}'),
      ':7:7: Resources.Chat.Properties.Routes: must have at least one route',
    ],
    [
      'a list of routes',
      api('      Routes: []'),
      ':7:7: Resources.Chat.Properties.Routes: must be a mapping of route keys',
    ],
    [
      'a route key with a blank',
      api('      Routes: { "a b": { FunctionArn: x } }'),
      'Routes["a b"]: a route key is $connect, $disconnect, $default, or letters and digits',
    ],
    [
      'a route without a function',
      api('      Routes: { $connect: {} }'),
      'Routes.$connect: FunctionArn is missing',
    ],
    [
      'an unknown property of a route',
      api('      Routes: { $connect: { FunctionArn: x, Timeout: 1 } }'),
      'Routes.$connect.Timeout: unknown property',
    ],
    [
      'request parameters elsewhere',
      api('      Routes: { talk: { FunctionArn: x, RequestParameters: {} } }'),
      'are for the route $connect alone',
    ],
    [
      'an unknown property',
      `${plain}      Rotues: {}\n`,
      'Properties.Rotues: unknown property (did you mean "Routes"?)',
    ],
    [
      'no selection expression',
      plain.replace(/ {6}RouteSelection.*\n/, ''),
      'RouteSelectionExpression is missing',
    ],
    [
      'auth without $connect',
      api('      Routes: { talk: { FunctionArn: x } }\n      Auth: { AuthType: AWS_IAM }'),
      'Auth: needs a route $connect',
    ],
    [
      'CUSTOM without a function',
      `${plain}      Auth: { AuthType: CUSTOM }\n`,
      'Auth: AuthArn is missing',
    ],
    [
      'settings beside AWS_IAM',
      `${plain}      Auth: { AuthType: AWS_IAM, Name: x }\n`,
      'Auth.Name: has no meaning with AuthType AWS_IAM',
    ],
    [
      'an unknown kind of auth',
      `${plain}      Auth: { AuthType: JWT }\n`,
      'AuthType: must be NONE, AWS_IAM or CUSTOM',
    ],
    ['auth without a kind', `${plain}      Auth: { Name: x }\n`, 'Auth: AuthType is missing'],
    [
      'the stage name $default',
      `${plain}      StageName: $default\n`,
      'a stage of a WebSocket API cannot be named $default',
    ],
    ['an odd address type', `${plain}      IpAddressType: ipv5\n`, 'must be ipv4 or dualstack'],
    ['a list of settings', `${plain}      RouteSettings: []\n`, 'RouteSettings: must be a mapping'],
    [
      'mutual TLS',
      `${plain}      Domain: { DomainName: a.example, MutualTlsAuthentication: {} }\n`,
      'is not supported for WebSocket APIs',
    ],
    [
      'an edge domain',
      `${plain}      Domain: { DomainName: a.example, EndpointConfiguration: EDGE }\n`,
      'must be REGIONAL',
    ],
    [
      'an alias that is a number',
      `${plain}  Talk: { Type: 'AWS::Serverless::Function', Properties: { AutoPublishAlias: '7' } }\n`,
      'AutoPublishAlias: must be letters, digits, hyphens and underscores, and no number',
    ],
    [
      'a value of the wrong kind in a route',
      api(
        '      Routes:\n        talk: { FunctionArn: x }\n        $connect: { FunctionArn: x, ApiKeyRequired: soon }',
      ),
      ':9:9: Resources.Chat.Properties.Routes.$connect.ApiKeyRequired: must be true or false',
    ],
    [
      'a domain configured with a text',
      `${plain}      Domain: { DomainName: { a: b } }\n`,
      ':8:7: Resources.Chat.Properties.Domain.DomainName: must be text',
    ],
    [
      'unknown globals',
      `${plain}Globals: { Functions: {} }\n`,
      'Globals.Functions: unknown kind (did you mean "Function"?)',
    ],
  ])('%s', (_, text, message) => {
    expect(() => load('t.yaml', text)).toThrow(message);
  });

  test('an alias may be a parameter', () => {
    const text = `${plain}  Talk: { Type: 'AWS::Serverless::Function', Properties: { AutoPublishAlias: !Ref Alias } }
Parameters: { Alias: { Type: String, Default: live } }
Outputs: { Alias: { Value: !Ref Talk.Alias } }
`;
    expect(load('t.yaml', text)[0]!.outputs).toMatchObject([
      { value: 'arn:aws:lambda:us-east-1:123456789012:function:t-Talk:live' },
    ]);
  });

  test('a domain becomes a domain name and its mappings', () => {
    const text = `${plain}      Domain: { DomainName: a.example, BasePath: [v1, /v2/] }\n`;
    const ids = load('t.yaml', text)[0]!.resources.map(({ logicalId }) => logicalId);
    expect(ids).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^ApiGatewayDomainNameV2[0-9a-f]{10}$/),
        'Chatv1ApiMapping',
        'Chatv2ApiMapping',
      ]),
    );
  });
});

describe('Serverless Framework', () => {
  const service = (events: string, more = '') => `service: chat
provider: { name: aws }
functions:
  talk:
    handler: index.talk
    events:
${events}
${more}`;
  const EVENT = '      - websocket: $default';

  test('a service with a websocket event is taken', () => {
    expect(
      load('serverless.yml', service(EVENT))[0]!.resources.map(({ kind }) => kind.noun),
    ).toEqual(['Api', 'Integration', 'Route', 'Deployment', 'Stage']);
  });

  test.each([
    [
      'an authorizer elsewhere',
      service('      - websocket: { route: talk, authorizer: talk }'),
      ':7:35: functions.talk.events[0].websocket.authorizer: only the route $connect can have an authorizer',
    ],
    [
      'an unknown authorizer',
      service('      - websocket: { route: $connect, authorizer: tlak }'),
      'there is no function tlak (did you mean "talk"?)',
    ],
    [
      'an event without a route',
      service('      - websocket: {}'),
      'functions.talk.events[0].websocket: route is missing',
    ],
    [
      'an unknown key of an event',
      service('      - websocket: { route: a, rout: b }'),
      'websocket.rout: unknown key',
    ],
    [
      'another response',
      service('      - websocket: { route: a, routeResponseSelectionExpression: b }'),
      'must be $default',
    ],
    [
      'one route twice',
      service(`${EVENT}\n${EVENT}`),
      ':8:9: functions.talk.events[1].websocket: functions.talk has the route $default too',
    ],
    [
      'a function without a handler',
      service(EVENT).replace(/ {4}handler.*\n/, ''),
      ':4:3: functions.talk: handler is missing',
    ],
    [
      'no name',
      service(EVENT).replace('service: chat', 'service: {}'),
      ':1:1: service: missing: expected the name of the service',
    ],
    [
      'another cloud',
      service(EVENT).replace('aws', 'azure'),
      'provider.name: azure is not supported: only aws is',
    ],
    [
      'an odd log level',
      service(EVENT).replace('aws }', 'aws, logs: { websocket: { level: LOUD } } }'),
      'must be INFO or ERROR',
    ],
    [
      'an extension of nothing',
      service(EVENT, 'resources: { extensions: { Nothing: {} } }'),
      'resources.extensions.Nothing: there is no resource Nothing',
    ],
    [
      'functions that are no mapping',
      service(EVENT).replace(/functions:[\s\S]*/, 'functions: 5'),
      'functions: must be a mapping of functions',
    ],
  ])('%s', (_, text, message) => {
    expect(() => load('serverless.yml', text)).toThrow(message);
  });

  test('resources of the file extend what the events made', () => {
    const more = `resources:
  - Resources: { WebsocketsApi: { Properties: { Description: mine } } }
  - extensions: { WebsocketsDeploymentStage: { Properties: { Tags: { a: b } } } }
`;
    const { resources } = load('serverless.yml', service(EVENT, more))[0]!;
    const properties = (id: string) =>
      resources.find(({ logicalId }) => logicalId === id)!.properties;
    expect(properties('WebsocketsApi')).toMatchObject({
      Description: 'mine',
      ProtocolType: 'WEBSOCKET',
    });
    expect(properties('WebsocketsDeploymentStage')).toMatchObject({ Tags: { a: 'b' } });
  });

  test('an API of another stack is given routes and a deployment', () => {
    const text = service(EVENT).replace('aws }', 'aws, apiGateway: { websocketApiId: abc123 } }');
    const { resources } = load('serverless.yml', text)[0]!;
    expect(resources.map(({ kind }) => kind.noun)).toEqual(['Integration', 'Route', 'Deployment']);
    expect(resources.at(-1)!.properties).toMatchObject({ ApiId: 'abc123', StageName: 'dev' });
  });
});

describe('AsyncAPI', () => {
  const document = (channel: string, more = '') => `asyncapi: 3.0.0
info: { title: chat, version: '1' }
channels:
  talk:
    address: talk
${channel}
${more}`;

  test.each([
    [
      'an older version',
      document('').replace('3.0.0', '2.6.0'),
      ':1:1: asyncapi: version 2.6.0 is not supported: only 3.0 is',
    ],
    [
      'a wrong form',
      document('    x-postern: { ulr: http://localhost }'),
      ':6:18: channels.talk.x-postern.ulr: unknown key (did you mean "url"?)',
    ],
    [
      'a form that is none',
      document('    x-postern: 5'),
      ':6:5: channels.talk.x-postern: must be a URL, or as in postern.yaml',
    ],
    ['a URL that is none', document('    x-postern: localhost'), 'channels.talk: expected a URL'],
    [
      'two channels of one address',
      document('    x-postern: http://h/', '  also:\n    address: talk\n    x-postern: http://h/'),
      'channels.also.address: channels.talk has talk too',
    ],
    [
      'a reference to nothing',
      document(
        '    x-postern: http://h/',
        'operations:\n  o:\n    $ref: "#/components/operations/o"',
      ),
      'operations.o.$ref: there is no #/components/operations/o',
    ],
    [
      'an operation on a channel that is not there',
      document(
        '    x-postern: http://h/',
        'operations:\n  o:\n    action: receive\n    channel: { $ref: "#/channels/tlak" }',
      ),
      ':10:16: operations.o.channel.$ref: there is no channel tlak (did you mean "talk"?)',
    ],
    [
      'an operation without a channel, and one that does neither',
      document(
        '    x-postern: http://h/',
        'operations:\n  o: { action: send }\n  p: { action: recieve, channel: { $ref: "#/channels/talk" } }',
      ),
      /operations\.o\.channel: must be \{ \$ref: .*\n.*:9:8: operations\.p\.action: must be send or receive \(did you mean "receive"\?\)/,
    ],
    [
      'a reference elsewhere',
      document('    x-postern: http://h/', 'operations:\n  o: { $ref: "other.yaml" }'),
      'other.yaml is outside of this document',
    ],
    [
      'unknown settings',
      document('    x-postern: http://h/', 'x-postern: { rouets: {} }'),
      'x-postern.rouets: unknown key',
    ],
  ])('%s', (_, text, message) => {
    expect(() => load('a.yaml', text)).toThrow(message);
  });
});

describe('postern.yaml', () => {
  const file = (api: string) => `apis:\n  chat:\n${api}`;

  test.each([
    [
      'an unknown key',
      file('    rotues: {}\n    routes: { $default: http://h/ }\n'),
      ':3:5: apis.chat.rotues: unknown key (did you mean "routes"?)',
    ],
    [
      'an integration that is not there',
      file(
        '    routes: { a: { integration: bakcend } }\n    integrations: { backend: { integrationType: MOCK } }\n',
      ),
      'apis.chat.routes.a.integration: there is no integration bakcend (did you mean "backend"?)',
    ],
    [
      'an authorizer that is not there',
      file('    routes: { $connect: { url: http://h/, authorizer: x } }\n'),
      'there is no authorizer x',
    ],
    [
      'a stage beside stages',
      file('    stage: a\n    stages: { b: {} }\n    routes: { $default: http://h/ }\n'),
      'apis.chat.stage: has no meaning beside stages',
    ],
    [
      'a method beside an integration',
      file('    routes: { a: { method: PUT, integration: { integrationType: MOCK } } }\n'),
      'has no meaning beside integration: it says everything itself',
    ],
    [
      'a wrong kind of value',
      file('    routes: { a: { integration: { integrationType: FTP } } }\n'),
      'expected one of AWS, HTTP, MOCK, HTTP_PROXY, AWS_PROXY',
    ],
  ])('%s', (_, text, message) => {
    expect(() => load('postern.yaml', text)).toThrow(message);
  });
});

describe('any file', () => {
  test.each([
    ['nothing a template would say', 'a: 1', 't.yaml is no template: expected Resources'],
    ['a list', '[1]', 'must be a mapping'],
    ['no YAML', 'a: [', 't.yaml:1:5: '],
  ])('%s', (_, text, message) => {
    expect(() => load('t.yaml', text)).toThrow(message);
  });

  test('that is not there, or a folder', () => {
    const options = { options: {}, env: {}, account: '1' };
    expect(() => readTemplate(join(folder, 'none.yaml'), options)).toThrow('There is no file');
    expect(() => readTemplate(folder, options)).toThrow('is a folder, and no cdk.out');
  });
});
