import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Validator } from '@cfworker/json-schema';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { ApiDocument } from '../../src/resources/api-document.ts';
import { controlClient } from '../../src/templates/control-client.ts';
import { type ExportFormat, exportApi } from '../../src/templates/export/export-api.ts';
import { readApi } from '../../src/templates/export/read-api.ts';
import { readTemplate } from '../../src/templates/read-template.ts';
import { deployFile, planFile } from '../../src/templates/template-deployment.ts';
import { apiPicture as picture } from './support/api-picture.ts';
import { environment, useWorkbench } from './support/stacks.ts';
import { applyTerraform } from './support/terraform.ts';

const bench = useWorkbench();
const other = useWorkbench();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const lambda = (name: string) =>
  'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/' +
  `arn:aws:lambda:us-east-1:123456789012:function:${name}/invocations`;

/** Everything an API can have, with the names that are hardest to carry. */
async function makeRich(): Promise<string> {
  const call = async (method: 'POST', path: string, body: unknown) => {
    const answer = await bench.direct(method, path, body);
    if (answer.status !== 201) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    // biome-ignore lint/suspicious/noExplicitAny: answers of the wire, looked at field by field
    return answer.body as any;
  };
  const { apiId } = await call('POST', '/v2/apis', {
    name: 'Chat: "all" of it',
    protocolType: 'WEBSOCKET',
    routeSelectionExpression: '${request.body.service}.${request.body.action}',
    apiKeySelectionExpression: '$context.authorizer.usageIdentifierKey',
    description: 'First line\nsecond line, with ${braces}',
    version: '1.10',
    disableSchemaValidation: true,
    tags: { team: 'blue', 'a: b': '#c' },
  });
  const base = `/v2/apis/${apiId}`;
  const schema =
    '{ "$schema": "http://json-schema.org/draft-04/schema#", "type": "object",\n "properties": {"n": {"maximum": 5, "exclusiveMaximum": true}} }';
  await call('POST', `${base}/models`, { name: 'Message', schema, description: 'a message' });
  await call('POST', `${base}/models`, { name: 'Empty', schema: '', contentType: 'text/plain' });
  const { authorizerId } = await call('POST', `${base}/authorizers`, {
    name: 'gate',
    authorizerType: 'REQUEST',
    authorizerUri: lambda('gate'),
    identitySource: ['route.request.querystring.token', 'route.request.header.Auth'],
  });
  await call('POST', `${base}/authorizers`, {
    name: 'gate',
    authorizerType: 'REQUEST',
    authorizerUri: lambda('spare'),
  });
  const integration = async (body: object) =>
    (await call('POST', `${base}/integrations`, body)).integrationId;
  const http = await integration({
    integrationType: 'HTTP_PROXY',
    integrationMethod: 'POST',
    integrationUri: 'http://${stageVariables.host}:3000/ws?a=%7Bb%7D',
    requestParameters: {
      'integration.request.header.connectionId': 'context.connectionId',
      'integration.request.header.x-text': "'it is: {text}'",
      'integration.request.querystring.q': 'route.request.querystring.q',
    },
    timeoutInMillis: 5000,
  });
  const plain = await integration({
    integrationType: 'HTTP_PROXY',
    integrationMethod: 'POST',
    integrationUri: 'http://localhost/plain',
    requestParameters: { 'integration.request.header.connectionId': 'context.connectionId' },
  });
  const shared = await integration({ integrationType: 'AWS_PROXY', integrationUri: lambda('f') });
  const mock = await integration({
    integrationType: 'MOCK',
    requestTemplates: { $default: '#set($a = 1)\n{"statusCode": 200, "x": "${a}"}', 'a/b': '' },
    templateSelectionExpression: '$request.body.kind',
    passthroughBehavior: 'NEVER',
    contentHandlingStrategy: 'CONVERT_TO_TEXT',
  });
  await call('POST', `${base}/integrations/${mock}/integrationresponses`, {
    integrationResponseKey: '/4\\d\\d/',
    responseTemplates: { $default: 'no: $input.path("$.x")' },
    templateSelectionExpression: '\\$default',
    responseParameters: { 'route.response.header.a': "'b'" },
  });
  await call('POST', `${base}/integrations/${mock}/integrationresponses`, {
    integrationResponseKey: '$default',
  });
  await integration({ integrationType: 'MOCK', description: 'of no route' });
  const route = async (body: object, response?: object) => {
    const { routeId } = await call('POST', `${base}/routes`, body);
    if (response)
      await call('POST', `${base}/routes/${routeId}/routeresponses`, {
        routeResponseKey: '$default',
        ...response,
      });
  };
  await route({
    routeKey: '$connect',
    target: `integrations/${http}`,
    authorizationType: 'CUSTOM',
    authorizerId,
    apiKeyRequired: true,
    requestParameters: { 'route.request.querystring.token': { required: true } },
    operationName: 'Connect',
  });
  await route(
    {
      routeKey: '$default',
      target: `integrations/${plain}`,
      routeResponseSelectionExpression: '$default',
    },
    {},
  );
  await route({
    routeKey: 'chat.send',
    target: `integrations/${shared}`,
    routeResponseSelectionExpression: '$default',
  });
  await route(
    { routeKey: 'chat/send', target: `integrations/${shared}` },
    { responseModels: { $default: 'Message' } },
  );
  await route(
    {
      routeKey: 'with {braces} & "quotes"',
      target: `integrations/${mock}`,
      modelSelectionExpression: '$request.body.kind',
      requestModels: { long: 'Message', short: 'Empty' },
      routeResponseSelectionExpression: '$default',
    },
    {},
  );
  await route({ routeKey: '42' });
  await call('POST', `${base}/stages`, {
    stageName: 'prod',
    stageVariables: { host: 'localhost' },
    description: 'live: yes',
    defaultRouteSettings: { throttlingRateLimit: 2.5, throttlingBurstLimit: 5 },
    routeSettings: { 'chat.send': { throttlingBurstLimit: 1 } },
    accessLogSettings: {
      destinationArn: 'arn:aws:logs:us-east-1:123456789012:log-group:a',
      format: '{"id": "$context.requestId"}',
    },
    tags: { 'postern:idleTimeoutSeconds': '30', team: 'blue' },
  });
  await call('POST', `${base}/deployments`, { stageName: 'prod' });
  await call('POST', `${base}/stages`, { stageName: 'auto-1', autoDeploy: true });
  return apiId;
}

const exported = async (apiId: string, format: ExportFormat) =>
  exportApi(await readApi(controlClient(bench.direct), apiId), format);

/** Puts a file into an empty gateway; the API that came of it. */
async function importInto(text: string, name: string): Promise<ApiDocument> {
  const path = join(folder, name);
  writeFileSync(path, text);
  const file = readTemplate(path, { options: {}, env: {}, account: environment.account });
  const { region, account } = environment;
  const target = {
    call: other.direct,
    store: other.context.store,
    region,
    account,
    parameters: {},
  };
  const [stack] = await deployFile(file, target);
  expect(stack!.skipped).toEqual([]);
  expect((await planFile(file, target)).flatMap(({ steps }) => steps)).toEqual([]);
  const [api, ...others] = (await other.get('/v2/apis')).items;
  expect(others).toEqual([]);
  return readApi(controlClient(other.direct), api.apiId);
}

describe('an API with everything in it', () => {
  test.each(['cloudformation', 'sam', 'postern', 'asyncapi'] as const)(
    'comes out as %s and goes in again unchanged',
    async (format) => {
      const apiId = await makeRich();
      const { text, notes } = await exported(apiId, format);
      expect(notes).toEqual([]);
      const before = picture(await readApi(controlClient(bench.direct), apiId));
      const after = await importInto(text, 'template.yaml');
      expect(picture(after)).toEqual(before);
      // What names ids keeps them: addresses stay what they were.
      if (format === 'postern' || format === 'asyncapi') expect(after.api.apiId).toBe(apiId);
      // And out again: the same text.
      expect(exportApi(after, format).text).toBe(text);
    },
  );

  test('comes out as Terraform, and its provider makes the same API of it', async () => {
    const apiId = await makeRich();
    const { text, notes } = await exported(apiId, 'terraform');
    expect(notes).toEqual([
      'Terraform has no argument for disableSchemaValidation of api',
      'Terraform has no argument for responseParameters of integration response',
    ]);
    const without = (document: ApiDocument): ApiDocument => {
      const { disableSchemaValidation: _, ...api } = document.api;
      const responses = Object.entries(document.integrationResponses).map(
        ([id, { responseParameters: __, ...rest }]) => [id, rest] as const,
      );
      return { ...document, api, integrationResponses: Object.fromEntries(responses) };
    };
    const before = picture(without(await readApi(controlClient(bench.direct), apiId)));
    const id = await applyTerraform(JSON.parse(text), other.direct);
    expect(picture(await readApi(controlClient(other.direct), id))).toEqual(before);
  });
});

describe('an API made from a file', () => {
  const YAML = `apis:
  chat:
    id: chatchatch
    stage: prod
    routes:
      $connect: http://localhost:3000/connect
      $default: { url: 'http://localhost:3000/message', timeout: 5000, twoWay: true }
`;

  test('comes out as the file it was', async () => {
    writeFileSync(join(folder, 'postern.yaml'), YAML);
    const file = readTemplate(join(folder, 'postern.yaml'), { options: {}, env: {}, account: '1' });
    const { region, account } = environment;
    const store = bench.context.store;
    await deployFile(file, { call: bench.direct, store, region, account, parameters: {} });
    expect(parse((await exported('chatchatch', 'postern')).text)).toEqual(parse(YAML));
  });

  /** What SAM says of an API made from a template of SAM. */
  async function outOfSam(fixture: string, name: string) {
    const path = join(import.meta.dirname, 'fixtures', 'sam', fixture);
    const file = readTemplate(path, { options: {}, env: {}, account: '1' });
    const { region, account } = environment;
    const store = bench.context.store;
    await deployFile(file, { call: bench.direct, store, region, account, parameters: {} });
    const api = (await bench.get('/v2/apis')).items.find(
      (each: { name: string }) => each.name === name,
    );
    const { text } = await exported(api.apiId, 'sam');
    const before = picture(await readApi(controlClient(bench.direct), api.apiId));
    expect(picture(await importInto(text, 'out.yaml'))).toEqual(before);
    return parse(text, { logLevel: 'silent' }).Resources;
  }
  const functionArn = expect.stringMatching(/^arn:aws:lambda:.*:function:\w/);

  test('comes out of SAM as the WebSocketApi it was, with its authorizer', async () => {
    expect(await outOfSam('template.yaml', 'chat')).toEqual({
      Api: {
        Type: 'AWS::Serverless::WebSocketApi',
        Properties: {
          Name: 'chat',
          RouteSelectionExpression: '$request.body.action',
          StageName: 'prod',
          StageVariables: { size: 'large' },
          DefaultRouteSettings: expect.objectContaining({ ThrottlingBurstLimit: 100 }),
          Tags: { team: 'blue' },
          Auth: {
            AuthType: 'CUSTOM',
            AuthArn: functionArn,
            Name: 'ChatConnectAuthorizer',
            IdentitySource: ['route.request.querystring.token'],
          },
          Routes: {
            $connect: {
              FunctionArn: functionArn,
              RequestParameters: { 'route.request.querystring.token': { Required: true } },
            },
            $default: {
              FunctionArn: functionArn,
              IntegrationTimeout: 10_000,
              RouteResponseSelectionExpression: '$default',
            },
          },
        },
      },
    });
  });

  test('comes out of SAM with all else that SAM can say', async () => {
    const { Api, ...others } = await outOfSam('everything.yaml', 'Signed');
    expect(others).toEqual({});
    expect(Api.Properties).toMatchObject({
      Auth: { AuthType: 'AWS_IAM' },
      PropagateTags: true,
      Tags: { team: 'blue', app: 'chat' },
      DisableSchemaValidation: true,
      RouteSettings: { talk: { ThrottlingRateLimit: 5 } },
      Routes: {
        $connect: { ApiKeyRequired: true, OperationName: 'Connect' },
        talk: { ModelSelectionExpression: '$request.body.kind' },
      },
    });
  });
});

describe('an exported AsyncAPI document', () => {
  const schema = JSON.parse(
    readFileSync(
      join(import.meta.dirname, 'fixtures', 'asyncapi', 'asyncapi-3.0.0.schema.json'),
      'utf8',
    ),
  );
  const problemsOf = (document: unknown) =>
    new Validator(schema, '7', false)
      .validate(document)
      .errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`);

  test('is valid by the AsyncAPI 3.0 schema, which knows what is not', async () => {
    const document = parse((await exported(await makeRich(), 'asyncapi')).text);
    expect(problemsOf(document)).toEqual([]);
    expect(problemsOf({ ...document, channels: 5 })).not.toEqual([]);
    document.operations.onConnect.action = 'listen';
    expect(problemsOf(document)).not.toEqual([]);
  });

  test('describes servers, routes, models, security and @connections', async () => {
    const apiId = await makeRich();
    const document = parse((await exported(apiId, 'asyncapi')).text);
    expect(document.info).toMatchObject({ title: 'Chat: "all" of it', version: '1.10' });
    expect(document.servers).toMatchObject({
      prod: {
        host: '127.0.0.1:4080',
        pathname: `/${apiId}/prod`,
        protocol: 'ws',
        security: [
          { $ref: '#/components/securitySchemes/lambdaAuthorizer' },
          { $ref: '#/components/securitySchemes/apiKey' },
        ],
      },
      'prod-management': {
        protocol: 'http',
        security: [{ $ref: '#/components/securitySchemes/iamAuth' }],
      },
      'auto-1': { pathname: `/${apiId}/auto-1` },
    });
    expect(
      Object.values<{ address: string }>(document.channels).map(({ address }) => address),
    ).toEqual([
      // JavaScript puts keys that look like numbers first.
      '42',
      '$connect',
      '$default',
      'chat.send',
      'chat/send',
      'with {braces} & "quotes"',
      '@connections/{connectionId}',
    ]);
    expect(document.components.messages.Message.payload).toMatchObject({
      schemaFormat: 'application/schema+json;version=draft-04',
      schema: { type: 'object' },
    });
    expect(document.components.securitySchemes.lambdaAuthorizer).toMatchObject({
      in: 'query',
      name: 'token',
    });
    expect(document.operations.onDefault.reply).toBeDefined();
    expect(document.operations.postToConnection.action).toBe('send');
  });
});
