import { expect } from 'vitest';
import { lambdaUri } from './make.ts';
import { base, integrationOf, type TerraformResource } from './terraform.ts';

/**
 * Every resource of Terraform's AWS provider for WebSocket APIs: the bodies it sends, with its own
 * defaults in them, and the updates its users make. It sends changed fields only, clears text with
 * `""`, and has calls of its own for what a PATCH cannot remove.
 */
const arn = (name: string) => `arn:aws:iam::123456789012:role/${name}`;

const apis: TerraformResource = {
  type: 'aws_apigatewayv2_api',
  path: () => '/v2/apis',
  id: 'apiId',
  created: () => ({
    name: 'test',
    protocolType: 'WEBSOCKET',
    apiKeySelectionExpression: '$request.header.x-api-key',
    routeSelectionExpression: '$request.body.action',
  }),
  shown: () => ({
    apiEndpoint: expect.stringMatching(/^wss?:\/\/[^/]+/),
    apiKeySelectionExpression: '$request.header.x-api-key',
    disableExecuteApiEndpoint: false,
    ipAddressType: 'ipv4',
    name: 'test',
    protocolType: 'WEBSOCKET',
    routeSelectionExpression: '$request.body.action',
    tags: {},
  }),
  updates: [
    {
      does: 'every attribute',
      sent: () => ({
        apiKeySelectionExpression: '$context.authorizer.usageIdentifierKey',
        description: 'test description',
        disableExecuteApiEndpoint: true,
        ipAddressType: 'dualstack',
        name: 'renamed',
        routeSelectionExpression: '$request.body.service',
        version: 'v1',
      }),
      shown: () => ({
        apiKeySelectionExpression: '$context.authorizer.usageIdentifierKey',
        description: 'test description',
        disableExecuteApiEndpoint: true,
        ipAddressType: 'dualstack',
        name: 'renamed',
        routeSelectionExpression: '$request.body.service',
        version: 'v1',
      }),
    },
    {
      does: 'attributes taken out of the configuration',
      sent: () => ({ description: '', disableExecuteApiEndpoint: false, version: '' }),
      shown: () => ({
        description: undefined,
        disableExecuteApiEndpoint: false,
        version: undefined,
      }),
    },
  ],
};

const mock = {
  connectionType: 'INTERNET',
  integrationType: 'MOCK',
  passthroughBehavior: 'WHEN_NO_MATCH',
  payloadFormatVersion: '1.0',
};

const integrations: TerraformResource = {
  type: 'aws_apigatewayv2_integration',
  path: (ids) => `${base(ids)}/integrations`,
  id: 'integrationId',
  created: () => mock,
  shown: () => ({
    ...mock,
    integrationResponseSelectionExpression: `\${integration.response.statuscode}`,
    timeoutInMillis: 29000,
  }),
  updates: [
    {
      does: 'templates and how they are chosen',
      sent: () => ({
        integrationType: 'MOCK',
        description: 'Test',
        passthroughBehavior: 'WHEN_NO_TEMPLATES',
        requestTemplates: { 'application/json': '' },
        templateSelectionExpression: '$request.body.name',
        timeoutInMillis: 28999,
      }),
      shown: () => ({
        description: 'Test',
        passthroughBehavior: 'WHEN_NO_TEMPLATES',
        requestTemplates: { 'application/json': '' },
        templateSelectionExpression: '$request.body.name',
        timeoutInMillis: 28999,
      }),
    },
    {
      does: 'attributes taken out of the configuration',
      sent: () => ({
        integrationType: 'MOCK',
        description: '',
        passthroughBehavior: 'WHEN_NO_MATCH',
        templateSelectionExpression: '',
      }),
      shown: () => ({
        description: undefined,
        passthroughBehavior: 'WHEN_NO_MATCH',
        templateSelectionExpression: undefined,
      }),
    },
  ],
};

const http = { ...mock, integrationType: 'HTTP' };

const httpIntegrations: TerraformResource = {
  ...integrations,
  type: 'aws_apigatewayv2_integration of type HTTP',
  created: () => ({
    ...http,
    credentialsArn: arn('one'),
    integrationMethod: 'GET',
    integrationUri: 'https://www.example.com/',
    requestParameters: {
      'integration.request.header.x-userid': "'value1'",
      'integration.request.path.op': 'route.request.body.op',
    },
  }),
  shown: () => ({
    ...http,
    credentialsArn: arn('one'),
    integrationMethod: 'GET',
    integrationResponseSelectionExpression: `\${integration.response.statuscode}`,
    integrationUri: 'https://www.example.com/',
    requestParameters: {
      'integration.request.header.x-userid': "'value1'",
      'integration.request.path.op': 'route.request.body.op',
    },
    timeoutInMillis: 29000,
  }),
  updates: [
    {
      does: 'one parameter changed, one removed by "", one kept',
      sent: () => ({
        integrationType: 'HTTP',
        contentHandlingStrategy: 'CONVERT_TO_TEXT',
        integrationMethod: 'POST',
        integrationUri: 'https://www.example.com/next',
        requestParameters: {
          'integration.request.header.x-userid': "'value2'",
          'integration.request.path.op': '',
          'integration.request.querystring.sender': 'context.connectionId',
        },
      }),
      shown: () => ({
        contentHandlingStrategy: 'CONVERT_TO_TEXT',
        integrationMethod: 'POST',
        integrationUri: 'https://www.example.com/next',
        requestParameters: {
          'integration.request.header.x-userid': "'value2'",
          'integration.request.querystring.sender': 'context.connectionId',
        },
      }),
    },
    {
      does: 'the role and the conversion taken out, and every parameter',
      sent: () => ({
        integrationType: 'HTTP',
        contentHandlingStrategy: '',
        credentialsArn: '',
        requestParameters: {
          'integration.request.header.x-userid': '',
          'integration.request.querystring.sender': '',
        },
      }),
      shown: () => ({
        contentHandlingStrategy: undefined,
        credentialsArn: undefined,
        requestParameters: undefined,
      }),
    },
  ],
};

const lambdaIntegrations: TerraformResource = {
  ...integrations,
  type: 'aws_apigatewayv2_integration of a Lambda function',
  created: () => ({
    ...mock,
    contentHandlingStrategy: 'CONVERT_TO_TEXT',
    description: 'Test Lambda',
    integrationType: 'AWS',
    integrationUri: lambdaUri,
  }),
  shown: () => ({
    ...mock,
    contentHandlingStrategy: 'CONVERT_TO_TEXT',
    description: 'Test Lambda',
    integrationMethod: 'POST',
    integrationResponseSelectionExpression: `\${integration.response.body.errorMessage}`,
    integrationType: 'AWS',
    integrationUri: lambdaUri,
    timeoutInMillis: 29000,
  }),
  updates: [],
};

const integrationResponses: TerraformResource = {
  type: 'aws_apigatewayv2_integration_response',
  needs: async (terraform, ids) => ({ integration: await integrationOf(terraform, ids) }),
  path: (ids) => `${base(ids)}/integrations/${ids.integration}/integrationresponses`,
  id: 'integrationResponseId',
  created: () => ({ integrationResponseKey: '/200/' }),
  shown: () => ({ integrationResponseKey: '/200/' }),
  updates: [
    {
      does: 'every attribute',
      sent: () => ({
        contentHandlingStrategy: 'CONVERT_TO_TEXT',
        integrationResponseKey: '$default',
        responseTemplates: { 'application/json': '' },
        templateSelectionExpression: '$request.body.name',
      }),
      shown: () => ({
        contentHandlingStrategy: 'CONVERT_TO_TEXT',
        integrationResponseKey: '$default',
        responseTemplates: { 'application/json': '' },
        templateSelectionExpression: '$request.body.name',
      }),
    },
    {
      does: 'a key again, and a template',
      sent: () => ({
        integrationResponseKey: '/404/',
        responseTemplates: { 'application/json': '#set($number=42)' },
      }),
      shown: () => ({
        integrationResponseKey: '/404/',
        responseTemplates: { 'application/json': '#set($number=42)' },
      }),
    },
  ],
};

const models: TerraformResource = {
  type: 'aws_apigatewayv2_model',
  path: (ids) => `${base(ids)}/models`,
  id: 'modelId',
  created: () => ({ contentType: 'application/json', name: 'test', schema: schemas[0] }),
  shown: () => ({ contentType: 'application/json', name: 'test', schema: schemas[0] }),
  updates: [
    {
      does: 'every attribute',
      sent: () => ({
        contentType: 'text/x-json',
        description: 'test',
        name: 'renamed',
        schema: schemas[1],
      }),
      shown: () => ({
        contentType: 'text/x-json',
        description: 'test',
        name: 'renamed',
        schema: schemas[1],
      }),
    },
    {
      does: 'the description taken out',
      sent: () => ({ description: '' }),
      shown: () => ({ description: undefined }),
    },
  ],
};

/** As configurations write them: a read gives every blank back. */
const schemas = [
  '{\n  "$schema": "http://json-schema.org/draft-04/schema#",\n  "type": "object"\n}\n',
  '{"type":"object","properties":{"id":{"type":"string"}}}',
];

export const apiResources: readonly TerraformResource[] = [
  apis,
  integrations,
  httpIntegrations,
  lambdaIntegrations,
  integrationResponses,
  models,
];
