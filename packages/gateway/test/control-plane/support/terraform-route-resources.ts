import { lambdaUri } from './make.ts';
import {
  base,
  type Ids,
  integrationOf,
  routeOf,
  type Terraform,
  type TerraformResource,
} from './terraform.ts';

/** What the provider sends and reads for routes, and for what decides who may use them. */
async function authorizerOf(terraform: Terraform, ids: Ids): Promise<string> {
  const made = await terraform.create(`${base(ids)}/authorizers`, {
    authorizerType: 'REQUEST',
    authorizerUri: lambdaUri,
    identitySource: ['route.request.header.Auth'],
    name: 'gate',
  });
  return String(made.authorizerId);
}

async function modelOf(terraform: Terraform, ids: Ids): Promise<string> {
  const sent = { contentType: 'application/json', name: 'Message', schema: '{}' };
  return String((await terraform.create(`${base(ids)}/models`, sent)).modelId);
}

const authorizers: TerraformResource = {
  type: 'aws_apigatewayv2_authorizer',
  asksApi: true,
  path: (ids) => `${base(ids)}/authorizers`,
  id: 'authorizerId',
  created: () => ({
    authorizerType: 'REQUEST',
    authorizerUri: lambdaUri,
    identitySource: ['route.request.header.Auth'],
    name: 'test',
  }),
  shown: () => ({
    authorizerType: 'REQUEST',
    authorizerUri: lambdaUri,
    identitySource: ['route.request.header.Auth'],
    name: 'test',
  }),
  updates: [
    {
      does: 'a role, a name and more sources',
      sent: () => ({
        authorizerCredentialsArn: 'arn:aws:iam::123456789012:role/gate',
        identitySource: ['route.request.querystring.Name', 'route.request.header.Auth'],
        name: 'renamed',
      }),
      shown: () => ({
        authorizerCredentialsArn: 'arn:aws:iam::123456789012:role/gate',
        identitySource: ['route.request.querystring.Name', 'route.request.header.Auth'],
        name: 'renamed',
      }),
    },
    {
      does: 'the role taken out, and every source',
      sent: () => ({ authorizerCredentialsArn: '', identitySource: [] }),
      shown: () => ({ authorizerCredentialsArn: undefined, identitySource: undefined }),
    },
  ],
};

const connect = { apiKeyRequired: false, authorizationType: 'NONE', routeKey: '$connect' };

const guardedRoutes: TerraformResource = {
  type: 'aws_apigatewayv2_route with authorization',
  needs: async (terraform, ids) => ({ authorizer: await authorizerOf(terraform, ids) }),
  path: (ids) => `${base(ids)}/routes`,
  id: 'routeId',
  created: ({ authorizer }) => ({
    ...connect,
    authorizationType: 'CUSTOM',
    authorizerId: authorizer,
    requestParameters: {
      'route.request.header.authorization': { required: true },
      'route.request.querystring.authToken': { required: true },
    },
  }),
  shown: ({ authorizer }) => ({
    ...connect,
    authorizationType: 'CUSTOM',
    authorizerId: authorizer,
    requestParameters: {
      'route.request.header.authorization': { required: true },
      'route.request.querystring.authToken': { required: true },
    },
  }),
  updates: [
    {
      does: 'one parameter removed, one changed: both go first',
      deletes: [
        'requestparameters/route.request.header.authorization',
        'requestparameters/route.request.querystring.authToken',
      ],
      sent: () => ({
        requestParameters: { 'route.request.querystring.authToken': { required: false } },
      }),
      shown: () => ({
        requestParameters: { 'route.request.querystring.authToken': { required: false } },
      }),
    },
    {
      does: 'the authorizer for signatures',
      sent: () => ({ authorizationType: 'AWS_IAM', authorizerId: '' }),
      shown: () => ({ authorizationType: 'AWS_IAM', authorizerId: undefined }),
    },
    {
      does: 'the authorizer back',
      sent: ({ authorizer }) => ({ authorizationType: 'CUSTOM', authorizerId: authorizer }),
      shown: ({ authorizer }) => ({ authorizationType: 'CUSTOM', authorizerId: authorizer }),
    },
    {
      does: 'everything taken out: no PATCH for parameters alone',
      deletes: ['requestparameters/route.request.querystring.authToken'],
      sent: () => ({ authorizationType: 'NONE', authorizerId: '' }),
      shown: () => ({
        authorizationType: 'NONE',
        authorizerId: undefined,
        requestParameters: undefined,
      }),
    },
  ],
};

const plain = { apiKeyRequired: false, authorizationType: 'NONE', routeKey: '$default' };

const routes: TerraformResource = {
  type: 'aws_apigatewayv2_route',
  needs: async (terraform, ids) => ({
    integration: await integrationOf(terraform, ids),
    model: await modelOf(terraform, ids),
  }),
  path: (ids) => `${base(ids)}/routes`,
  id: 'routeId',
  created: () => plain,
  shown: () => plain,
  updates: [
    {
      does: 'everything a $default route may have',
      sent: ({ integration }) => ({
        apiKeyRequired: true,
        modelSelectionExpression: 'action',
        operationName: 'GET',
        requestModels: { test: 'Message' },
        routeResponseSelectionExpression: '$default',
        target: `integrations/${integration}`,
      }),
      shown: ({ integration }) => ({
        apiKeyRequired: true,
        modelSelectionExpression: 'action',
        operationName: 'GET',
        requestModels: { test: 'Message' },
        routeResponseSelectionExpression: '$default',
        target: `integrations/${integration}`,
      }),
    },
    {
      does: 'attributes taken out of the configuration, and another key',
      sent: () => ({
        apiKeyRequired: false,
        modelSelectionExpression: '',
        operationName: '',
        routeKey: 'join-room',
        routeResponseSelectionExpression: '',
        target: '',
      }),
      shown: () => ({
        apiKeyRequired: false,
        modelSelectionExpression: undefined,
        operationName: undefined,
        routeKey: 'join-room',
        routeResponseSelectionExpression: undefined,
        target: undefined,
      }),
    },
  ],
};

const routeResponses: TerraformResource = {
  type: 'aws_apigatewayv2_route_response',
  needs: async (terraform, ids) => ({
    model: await modelOf(terraform, ids),
    route: await routeOf(terraform, ids, '$default'),
  }),
  path: (ids) => `${base(ids)}/routes/${ids.route}/routeresponses`,
  id: 'routeResponseId',
  created: () => ({ routeResponseKey: '$default' }),
  shown: () => ({ routeResponseKey: '$default' }),
  updates: [
    {
      does: 'a model',
      sent: () => ({ modelSelectionExpression: 'action', responseModels: { test: 'Message' } }),
      shown: () => ({ modelSelectionExpression: 'action', responseModels: { test: 'Message' } }),
    },
    {
      does: 'the expression taken out',
      sent: () => ({ modelSelectionExpression: '' }),
      shown: () => ({ modelSelectionExpression: undefined }),
    },
  ],
};

export const routeResources: readonly TerraformResource[] = [
  authorizers,
  guardedRoutes,
  routes,
  routeResponses,
];
