/** What a template asks of AWS that is not had here is told when it is deployed, not found out later. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { functionProblems } from '../../src/cli/stack-functions.ts';
import { loadTemplate } from '../../src/templates/cloudformation/load-template.ts';
import { readTemplate } from '../../src/templates/read-template.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(text: string, parameters: Readonly<Record<string, string>> = {}) {
  const path = join(folder, 't.yaml');
  writeFileSync(path, text);
  const [unit] = readTemplate(path, { options: {}, env: {}, account: '123456789012' }).units;
  const environment = { stackName: 't', region: 'us-east-1', account: '123456789012' };
  return loadTemplate(unit!.template, { environment, parameters, exports: {} });
}

const api = (more = '', head = '') => `${head}
Resources:
  Chat: { Type: AWS::ApiGatewayV2::Api, Properties: { Name: chat, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action } }
${more}
`;

test('a type that is a slip of one that is made', () => {
  const { skipped } = load(
    api(`  One: { Type: AWS::ApiGatewayV2::Rout }
  Two: { Type: AWS::Serverless::Functon }
  Three: { Type: AWS::ApiGateway::Stage }
  Four: { Type: AWS::DynamoDB::Table }`),
  );
  expect(skipped).toEqual([
    {
      logicalId: 'One',
      type: 'AWS::ApiGatewayV2::Rout',
      reason: 'did you mean "AWS::ApiGatewayV2::Route"?',
    },
    {
      logicalId: 'Two',
      type: 'AWS::Serverless::Functon',
      reason: 'did you mean "AWS::Serverless::Function"?',
    },
    { logicalId: 'Three', type: 'AWS::ApiGateway::Stage' },
    { logicalId: 'Four', type: 'AWS::DynamoDB::Table' },
  ]);
});

const FUNCTION = (properties: string) =>
  `  Echo: { Type: AWS::Lambda::Function, Properties: { Handler: index.handler, Runtime: nodejs20.x, ${properties} } }`;

test.each([
  ['Echo.Am', 'AWS::Lambda::Function has no attribute Am (it has Arn)'],
  ['Echo.FunctionName', 'AWS::Lambda::Function has no attribute FunctionName (it has Arn)'],
])('an attribute that a function does not have: %s', (attribute, problem) => {
  const output = `Outputs: { Echo: { Value: !GetAtt ${attribute} } }`;
  expect(() => load(`${api(FUNCTION('Code: .'))}${output}`)).toThrow(problem);
});

test('the attributes that it has are taken', () => {
  const output =
    'Outputs: { A: { Value: !GetAtt Echo.Arn }, B: { Value: !GetAtt Echo.SnapStartResponse.ApplyOn } }';
  expect(load(`${api(FUNCTION('Code: .'))}${output}`).outputs.map(({ name }) => name)).toEqual([
    'A',
    'B',
  ]);
});

test('a macro, in a template of SAM too; what is understood is not told', () => {
  const head = 'Transform: [AWS::Serverless-2016-10-31, AWS::LanguageExtensions, Shout]';
  const note = 'Transform Shout is not run here: the template is taken as it is';
  expect(load(api('', head)).notes).toEqual([note]);
  expect(load(api('', 'Transform: Shout')).notes).toEqual([note]);
  expect(load(api('', 'Transform: AWS::LanguageExtensions')).notes).toEqual([]);
});

test('a parameter whose value is kept in SSM, unless it is given', () => {
  const head = `Parameters:
  Table: { Type: 'AWS::SSM::Parameter::Value<String>', Default: /chat/table }
  BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: /cdk-bootstrap/hnb659fds/version }`;
  expect(load(api('', head)).notes).toEqual([
    `${join(folder, 't.yaml')}:2:3: Parameters.Table: SSM is not asked, the value is "/chat/table" itself; ` +
      'give one with --parameter Table=…',
  ]);
  expect(load(api('', head), { Table: 'chat' }).notes).toEqual([]);
});

test('a dynamic reference, once for each resource', () => {
  const secret = '{{resolve:secretsmanager:chat:SecretString:key}}';
  const variables = `Environment: { Variables: { A: '${secret}', B: 'x${secret}' } }`;
  const table = `  Table: { Type: AWS::DynamoDB::Table, Properties: { TableName: '${secret}' } }`;
  expect(load(api(`${FUNCTION(`Code: ., ${variables}`)}\n${table}`)).notes).toEqual([
    `${join(folder, 't.yaml')}:4:3: Resources.Echo: ${secret} is not looked up here, and stays as it is`,
  ]);
});

test('layers, of SAM and of Serverless too', () => {
  const rest = 'runs without its layers: what is in them has to be found from its code';
  const layers = 'Layers: [arn:aws:lambda:us-east-1:123456789012:layer:one:1]';
  expect(load(api(FUNCTION(`Code: ., ${layers}`))).notes).toEqual([`t-Echo ${rest}`]);
  const sam = `  Echo: { Type: AWS::Serverless::Function, Properties: { Handler: a.b, Runtime: nodejs20.x, ${layers} } }`;
  expect(load(api(sam, 'Transform: AWS::Serverless-2016-10-31')).notes).toEqual([`t-Echo ${rest}`]);
  const path = join(folder, 'serverless.yml');
  const service = 'service: chat\nprovider: { name: aws, runtime: nodejs20.x }\n';
  const echo = 'functions: { echo: { handler: a.b, layers: [{ Ref: OneLambdaLayer }] } }\n';
  writeFileSync(path, service + echo);
  const { units } = readTemplate(path, { options: {}, env: {}, account: '123456789012' });
  expect(units[0]!.notes).toEqual([`functions.echo ${rest}`]);
});

test('functions that do not run here, or not yet, and what to do', () => {
  mkdirSync(join(folder, 'code'));
  const functions = `
  Image: { Type: AWS::Lambda::Function, Properties: { PackageType: Image, Code: { ImageUri: a } } }
  Java: { Type: AWS::Lambda::Function, Properties: { Handler: a, Runtime: java21, Code: code } }
  Lost: { Type: AWS::Lambda::Function, Properties: { Handler: a.b, Runtime: nodejs20.x, Code: cod } }
  Unbuilt: { Type: AWS::Lambda::Function, Properties: { Handler: a.b, Runtime: nodejs20.x, Code: code } }`;
  expect(functionProblems(load(api(functions)))).toEqual([
    't-Image does not run here: it is a container image',
    't-Java does not run here: the runtime java21 is not run here',
    `t-Lost does not run here: there is no ${join(folder, 'cod')}`,
    `t-Unbuilt: there is no ${join(folder, 'code', 'a')}.js or .py: is it built?`,
    'Functions that run elsewhere are called there: functions.NAME.endpoint of postern.yaml, or --lambda-endpoint.',
  ]);
});
