import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apiIdOf } from '../../src/templates/postern-file.ts';
import { type RecordingBackend, startBackend } from '../support/recording-backend.ts';
import { connect, refusal } from '../support/test-socket.ts';
import { Workplace } from './support.ts';

let place: Workplace;
let backend: RecordingBackend;
beforeEach(async () => {
  place = new Workplace();
  backend = await startBackend();
});
afterEach(async () => {
  await place.close();
  await backend.stop();
});

const fixtures = join(import.meta.dirname, '..', 'templates', 'fixtures');
const write = (name: string, text: string) => writeFileSync(join(place.folder, name), text);
const template = (path: string, more = '') => `
Parameters:
  Path: { Type: String, Default: ${path} }
Resources:
  Chat:
    Type: AWS::ApiGatewayV2::Api
    Properties: { Name: chat, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action }
  Backend:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Chat
      IntegrationType: HTTP_PROXY
      IntegrationMethod: POST
      IntegrationUri: !Sub ${backend.url}/\${Path}
  Default:
    Type: AWS::ApiGatewayV2::Route
    Properties: { ApiId: !Ref Chat, RouteKey: $default, Target: !Sub "integrations/\${Backend}" }
  Deployment: { Type: AWS::ApiGatewayV2::Deployment, Properties: { ApiId: !Ref Chat } }
  Stage:
    Type: AWS::ApiGatewayV2::Stage
    Properties: { ApiId: !Ref Chat, StageName: prod, DeploymentId: !Ref Deployment }
  Table: { Type: AWS::DynamoDB::Table }
${more}
Outputs:
  Url: { Value: !Sub "\${Chat.ApiEndpoint}/\${Stage}" }
`;

/** A command that ends by itself: its exit code and what it printed. */
async function postern(...argv: string[]) {
  const run = place.postern(...argv);
  const code = await run.code;
  return { code, stdout: run.stdout(), stderr: run.stderr() };
}

describe('postern deploy', () => {
  let url: string;
  let ws: string;
  beforeEach(async () => {
    url = await place.postern('dev', '--port', '0').ready();
    ws = url.replace('http', 'ws');
  });
  const deploy = (...argv: string[]) => postern('deploy', ...argv, '--endpoint', url);
  const apiId = apiIdOf('chat/Chat');

  test('makes what a template says, and says what it made', async () => {
    write('chat.yaml', template('one'));
    expect(await deploy('chat.yaml')).toEqual({
      code: 0,
      stderr: '',
      stdout: `Stack chat
  + Api Chat chat
  + Integration Backend ${backend.url}/one
  + Route Default $default
  + Deployment Deployment
  + Stage Stage prod
Not made here:
  AWS::DynamoDB::Table: Table
Outputs:
  Url  ${ws}/${apiId}/prod
Stages:
  ${ws}/${apiId}/prod
`,
    });
    const socket = await connect(`${ws}/${apiId}/prod`);
    socket.send('hello');
    expect((await backend.requests('/one').next()).text).toBe('hello');
  });

  test('a second deploy changes only what changed, and open connections stay open', async () => {
    write('chat.yaml', template('one'));
    await deploy('chat.yaml');
    const socket = await connect(`${ws}/${apiId}/prod`);
    expect((await deploy('chat.yaml')).stdout).toMatch(/^Stack chat\n {2}No changes\n/);
    const plan = await deploy('chat.yaml', '--parameter', 'Path=two', '--dry-run');
    const lines = `Stack chat
  ~ Integration Backend ${backend.url}/two: IntegrationUri
  ~ Deployment Deployment (replaced; what it keeps a copy of changed)
  ~ Stage Stage prod: DeploymentId
`;
    expect(plan.stdout).toContain(lines);
    socket.send('before');
    expect((await backend.requests('/one').next()).text).toBe('before');
    expect((await deploy('chat.yaml', '--parameter', 'Path=two')).stdout).toContain(lines);
    socket.send('after');
    expect((await backend.requests('/two').next()).text).toBe('after');
  });

  test('a template that is wrong is told with its place, and changes nothing', async () => {
    write(
      'chat.yaml',
      template('one', '  Odd: { Type: AWS::ApiGatewayV2::Route, Properties: {} }'),
    );
    const { code, stderr } = await deploy('chat.yaml');
    expect(code).toBe(1);
    expect(stderr).toMatch(/chat\.yaml:23:3: Resources\.Odd: ApiId is missing\n$/);
  });

  test('what the gateway refuses is told with its place, and everything is taken back', async () => {
    write(
      'chat.yaml',
      template(
        'one',
        '  Odd: { Type: AWS::ApiGatewayV2::Stage, Properties: { ApiId: !Ref Chat, StageName: a b } }',
      ),
    );
    const { code, stderr } = await deploy('chat.yaml');
    expect(code).toBe(1);
    expect(stderr).toContain(
      'chat.yaml:23:3: Resources.Odd: Stage name only allows a-zA-Z0-9_\nRolled back 5 changes.\n',
    );
    expect((await refusal(`${ws}/${apiId}/prod`)).status).toBe(403);
  });

  test('functions run where the gateway is, as soon as they are deployed', async () => {
    cpSync(join(fixtures, 'sam'), place.folder, { recursive: true });
    const { stdout, stderr } = await deploy('template.yaml', '--stack-name', 'sam');
    expect(stderr).toBe('');
    expect(stdout).toContain('AWS::Serverless::SimpleTable: Connections');
    const stage = `${ws}/${apiIdOf('sam/Chat')}/prod`;
    expect((await refusal(stage)).status).toBe(401);
    // The gateway notices the functions a moment later.
    await expect
      .poll(async () => (await connect(`${stage}?token=me`).catch(() => undefined)) !== undefined)
      .toBe(true);
    const socket = await connect(`${stage}?token=me`);
    socket.send('hello');
    expect(await socket.next()).toBe('info hello');
  });

  test('code that a template holds itself runs too', async () => {
    write(
      'inline.yaml',
      template(
        'one',
        `  Echo:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: nodejs20.x
      Environment: { Variables: { URL: !Sub "https://\${Chat}.execute-api.\${AWS::Region}.amazonaws.com/prod" } }
      Code:
        ZipFile: |
          exports.handler = async (event) => ({ statusCode: 200, body: process.env.URL });
  EchoIntegration:
    Type: AWS::ApiGatewayV2::Integration
    Properties: { ApiId: !Ref Chat, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt Echo.Arn }
  EchoRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Chat
      RouteKey: echo
      RouteResponseSelectionExpression: $default
      Target: !Sub integrations/\${EchoIntegration}
  EchoResponse:
    Type: AWS::ApiGatewayV2::RouteResponse
    Properties: { ApiId: !Ref Chat, RouteId: !Ref EchoRoute, RouteResponseKey: $default }`,
      ),
    );
    expect((await deploy('inline.yaml')).stderr).toBe('');
    const id = apiIdOf('inline/Chat');
    const file = join(place.folder, '.postern', 'functions', 'inline.json');
    expect(JSON.parse(readFileSync(file, 'utf8')).apiIds).toEqual([id]);
    const socket = await connect(`${ws}/${id}/prod`);
    const ask = async () => {
      socket.send('{"action":"echo"}');
      return socket.next();
    };
    await expect.poll(ask).toBe(`${url}/${id}/prod`);
  });

  test('postern destroy removes what a template made, and nothing else', async () => {
    write('chat.yaml', template('one'));
    write('other.yaml', template('two'));
    await deploy('chat.yaml');
    await deploy('other.yaml');
    const { code, stdout } = await postern('destroy', 'chat.yaml', '--endpoint', url);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Stack chat\n(?: {2}- .*\n){5}$/);
    expect((await refusal(`${ws}/${apiId}/prod`)).status).toBe(403);
    (await connect(`${ws}/${apiIdOf('other/Chat')}/prod`)).close();
    expect((await postern('destroy', 'other', '--endpoint', url)).code).toBe(0);
    expect((await postern('destroy', 'other', '--endpoint', url)).stderr).toBe(
      'There is no file and no stack other\n',
    );
    expect((await postern('destroy', 'chat.yaml', '--endpoint', url)).stdout).toBe(
      'Stack chat\n  There is no such stack\n',
    );
  });

  test('every kind of template is a kind of file', async () => {
    for (const [folder, file, count] of [
      ['cdk', 'cdk.out', 11],
      ['serverless', 'serverless.yml', 11],
      ['postern', 'postern.yaml', 13],
      ['asyncapi', 'chat.yaml', 16],
    ] as const) {
      const { code, stdout, stderr } = await deploy(join(fixtures, folder, file), '--dry-run');
      expect({ folder, code, stderr }).toEqual({ folder, code: 0, stderr: '' });
      expect({ folder, count: stdout.match(/^ {2}\+/gm)?.length }).toEqual({ folder, count });
    }
  });
});

describe('postern export', () => {
  let url: string;
  beforeEach(async () => {
    url = await place.postern('dev', '--port', '0', '--ephemeral').ready();
    write('chat.yaml', template('one'));
    await postern('deploy', 'chat.yaml', '--endpoint', url);
  });
  const apiId = apiIdOf('chat/Chat');
  const exported = (...argv: string[]) => postern('export', ...argv, '--endpoint', url);

  test('writes an API, by its id or its name, as a file', async () => {
    const { code, stdout, stderr } = await exported(apiId);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`apis:
  chat:
    id: ${apiId}
    headers: {}
    stage: prod
    routes:
      $default: ${backend.url}/one
`);
    expect(await exported('chat', '--output', 'out.yaml')).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(readFileSync(join(place.folder, 'out.yaml'), 'utf8')).toBe(stdout);
  });

  test.each([
    ['cloudformation', 'AWSTemplateFormatVersion'],
    ['sam', 'Transform: AWS::Serverless-2016-10-31'],
    ['terraform', '"aws_apigatewayv2_route"'],
    ['asyncapi', 'asyncapi: 3.0.0'],
  ])('--format %s', async (format, text) => {
    expect((await exported('chat', '--format', format)).stdout).toContain(text);
  });

  test.each([
    [[], 2, 'Which API? Its id or its name'],
    [['chat', '--format', 'sma'], 2, 'got sma (did you mean "sam"?)'],
    [['chta'], 1, 'There is no API chta (did you mean "chat"?)'],
  ])('%j is told what is wrong', async (argv, code, message) => {
    const result = await exported(...argv);
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(message);
  });

  test('of several APIs with one name it asks which', async () => {
    await postern('deploy', 'chat.yaml', '--stack-name', 'second', '--endpoint', url);
    const { stderr } = await exported('chat');
    expect(stderr).toContain('Several APIs are named chat: say which by its id, ');
  });
});

describe('postern deploy is told what is wrong with its call:', () => {
  test.each([
    [[], 2, 'Which FILE?\nSee postern deploy --help.\n'],
    [['a', 'b'], 2, 'One FILE, not 2: b'],
    [['a', '--dry-rum'], 2, '--dry-rum: unknown option (did you mean "--dry-run"?)'],
    [['a', '--parameter', 'x'], 2, '--parameter: expected NAME=VALUE, got "x"'],
    [['a', '--endpoint', 'localhost'], 2, '--endpoint: expected an http or https URL'],
    [
      ['a', '--account', '12', '--endpoint', 'http://127.0.0.1:9'],
      2,
      '--account: expected twelve digits',
    ],
    [['a', '--stage'], 2, '--stage: needs a value: --stage STAGE'],
    [
      ['a', '--endpoint', 'http://127.0.0.1:9'],
      1,
      'No gateway answers at http://127.0.0.1:9. Start one',
    ],
  ])('%j', async (argv, code, message) => {
    const result = await postern('deploy', ...argv);
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(message);
  });

  test('a file that is not there', async () => {
    const url = await place.postern('dev', '--port', '0', '--ephemeral').ready();
    const { code, stderr } = await postern('deploy', 'none.yaml', '--endpoint', url);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `There is no file ${join(place.folder, 'none.yaml')}\n`,
    });
  });
});

describe('postern deploy to a gateway that verifies signatures', () => {
  test('is allowed what the policies of its access key allow', async () => {
    write(
      'postern.yaml',
      `users:
  - name: deployer
    accessKeys: [{ accessKeyId: AKIADEPLOYER, secretAccessKey: secretsecret }]
    policies:
      - Version: '2012-10-17'
        Statement: [{ Effect: Allow, Action: 'apigateway:*', Resource: '*' }]
  - name: reader
    accessKeys: [{ accessKeyId: AKIAREADER, secretAccessKey: secretsecret }]
    policies:
      - Version: '2012-10-17'
        Statement: [{ Effect: Allow, Action: 'apigateway:GET', Resource: '*' }]
`,
    );
    const server = place.postern('start', '--port', '0', '--ephemeral');
    const url = await server.ready();
    write('chat.yaml', template('one'));
    const as = (accessKeyId: string) => {
      const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: 'secretsecret' };
      return place.posternWith(env, 'deploy', 'chat.yaml', '--endpoint', url);
    };
    const reader = as('AKIAREADER');
    expect(await reader.code).toBe(1);
    expect(reader.stderr()).toContain('is not authorized to perform: apigateway:PUT');
    const deployer = as('AKIADEPLOYER');
    expect({ code: await deployer.code, stderr: deployer.stderr() }).toEqual({
      code: 0,
      stderr: '',
    });
    const stranger = as('AKIASTRANGER');
    expect(await stranger.code).toBe(1);
    expect(stranger.stderr()).toContain('The security token included in the request is invalid');
    for (const command of [['deploy', 'chat.yaml'], ['connections'], ['tail']]) {
      const nobody = place.postern(...command, '--endpoint', url);
      expect(await nobody.code).toBe(1);
      expect(nobody.stderr()).toBe(
        'This gateway wants to know who asks. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to a key ' +
          'of a user in its postern.yaml, or POSTERN_TOKEN to a token.\n',
      );
    }
  });
});

describe('postern dev FILE', () => {
  const dev = (...argv: string[]) => place.postern('dev', '--port', '0', '--ephemeral', ...argv);

  test('serves a template, and follows it when it changes', async () => {
    write('chat.yaml', template('one'));
    const run = dev('chat.yaml');
    const ws = (await run.ready()).replace('http', 'ws');
    const socket = await connect(`${ws}/prod`);
    socket.send('one');
    await backend.requests('/one').next();
    write('chat.yaml', template('two'));
    await run.shows('The template is deployed');
    socket.send('two');
    await backend.requests('/two').next();
    write('chat.yaml', 'Resources: [');
    await run.shows(/chat\.yaml:1:13: /);
    write('chat.yaml', template('one').replace('StageName: prod', 'StageName: live'));
    await run.shows('~ Stage Stage live: StageName, DeploymentId (replaced)');
    expect(run.stdout()).not.toContain('is still there');
    expect((await connect(`${ws}/live`)).socket.readyState).toBe(1);
  });

  test('runs the functions of a SAM template', async () => {
    cpSync(join(fixtures, 'sam'), place.folder, { recursive: true });
    const run = dev('template.yaml', '--parameter', 'Level=loud', '--stack-name', 'sam');
    const ws = (await run.ready()).replace('http', 'ws');
    const socket = await connect(`${ws}/prod?token=me`);
    socket.send('hello');
    expect(await socket.next()).toBe('loud hello');
    expect((await refusal(`${ws}/prod`)).status).toBe(401);
  });

  test('runs the functions of a serverless.yml, with its variables and files', async () => {
    cpSync(join(fixtures, 'serverless'), place.folder, { recursive: true });
    const run = dev('serverless.yml', '--stage', 'prod');
    const ws = (await run.ready()).replace('http', 'ws');
    const socket = await connect(`${ws}/prod?token=me`);
    socket.send('{"kind":"sendMessage","text":"hi"}');
    expect(await socket.next()).toBe('sendMessage: {"kind":"sendMessage","text":"hi"}');
  });

  test('a change of a file that serverless.yml includes is a change', async () => {
    mkdirSync(join(place.folder, 'parts'));
    write('parts/custom.yml', 'stage: one');
    write(
      'serverless.yml',
      'service: chat\nprovider: { name: aws, stage: "${file(parts/custom.yml):stage}" }\nfunctions: { f: { handler: a.b, events: [{ websocket: $default }] } }\n',
    );
    const run = dev('serverless.yml');
    const ws = (await run.ready()).replace('http', 'ws');
    await connect(`${ws}/one`);
    write('parts/custom.yml', 'stage: two');
    await run.shows('The template is deployed');
    await connect(`${ws}/two`);
  });

  test('so is one of a file that was not there, or that was the mistake', async () => {
    const service = (stage: string) =>
      `service: chat\nprovider: { name: aws, stage: ${stage} }\nfunctions: { f: { handler: a.b, events: [{ websocket: $default }] } }\n`;
    write('serverless.yml', service(`"\${file(custom.yml):stage, 'one'}"`));
    const run = dev('serverless.yml');
    const ws = (await run.ready()).replace('http', 'ws');
    const serves = (stage: string) =>
      expect.poll(async () => (await connect(`${ws}/${stage}`)).socket.readyState).toBe(1);
    await serves('one');
    write('custom.yml', 'stage: two');
    await serves('two');
    write('other.yml', 'stage: [');
    write('serverless.yml', service('"${file(other.yml):stage}"'));
    await run.shows('other.yml:1:');
    write('other.yml', 'stage: three');
    await serves('three');
  });

  test('runs the functions among the assets of cdk.out', async () => {
    cpSync(join(fixtures, 'cdk', 'cdk.out'), join(place.folder, 'cdk.out'), { recursive: true });
    const run = dev('cdk.out');
    const ws = (await run.ready()).replace('http', 'ws');
    const socket = await connect(`${ws}/live?token=let-me-in`);
    socket.send('hello');
    expect(await socket.next()).toBe('$default hello chat-sockets-Connections827CEF2F');
  });

  test('a template that cannot be used is told, and nothing is started', async () => {
    write('chat.yaml', 'Resources: {}');
    const run = dev('chat.yaml');
    expect(await run.code).toBe(1);
    expect(run.stderr()).toContain('there is nothing under Resources');
    expect(run.stdout()).not.toContain('Postern ready');
  });

  test('options of templates and of the gateway stand side by side', async () => {
    write('chat.yaml', template('one'));
    const run = dev('--region', 'eu-west-1', 'chat.yaml', '--parameter=Path=two', '--no-verbose');
    await run.ready();
    expect(run.stdout()).toContain('/two');
    expect(await dev('chat.yaml', 'b.yaml').code).toBe(2);
    const wrong = dev('chat.yaml', '--prot', '1');
    expect(await wrong.code).toBe(2);
    expect(wrong.stderr()).toContain('did you mean "--port"?');
  });
});
