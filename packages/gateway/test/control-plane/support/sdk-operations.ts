import type { ApiGatewayV2 } from '@aws-sdk/client-apigatewayv2';
import { expect } from 'vitest';
import { lambdaUri } from './make.ts';

/** Every operation of `apigatewayv2` in the words of the AWS SDK, in the order they need. */
type Method = Exclude<
  keyof ApiGatewayV2 & string,
  'config' | 'middlewareStack' | 'send' | 'destroy'
>;
export type Ids = Record<string, string>;

/** One call: what it is given, and what it answers. */
export interface Row {
  readonly call: Method;
  readonly input?: (ids: Ids) => Record<string, unknown>;
  /** Members of the answer that later rows need. */
  readonly keeps?: readonly string[];
  /** What the answer shows, among others. */
  readonly shows?: Record<string, unknown>;
  /** The status of a refusal, when that is the answer. */
  readonly refused?: number;
}

const api = ({ ApiId }: Ids) => ({ ApiId });
const of =
  (...names: string[]) =>
  (ids: Ids) =>
    Object.fromEntries(names.map((name) => [name, ids[name]!]));
const withMore = (input: (ids: Ids) => object, more: object) => (ids: Ids) => ({
  ...input(ids),
  ...more,
});

const integration = of('ApiId', 'IntegrationId');
const response = of('ApiId', 'IntegrationId', 'IntegrationResponseId');
const model = of('ApiId', 'ModelId');
const authorizer = of('ApiId', 'AuthorizerId');
const route = of('ApiId', 'RouteId');
const reply = of('ApiId', 'RouteId', 'RouteResponseId');
const stage = of('ApiId', 'StageName');
const deployment = of('ApiId', 'DeploymentId');
const domain = of('DomainName');
const mapping = of('DomainName', 'ApiMappingId');
const rule = of('DomainName', 'RoutingRuleId');
const link = of('VpcLinkId');
const tagged = ({ ApiId }: Ids) => ({
  ResourceArn: `arn:aws:apigateway:us-east-1::/apis/${ApiId}`,
});
const one = (member: object) => ({ Items: [expect.objectContaining(member)] });
const parameter = 'route.request.querystring.token';
const actions = [{ InvokeApi: { ApiId: 'abcdef', Stage: 'prod' } }];

const creating: readonly Row[] = [
  {
    call: 'createApi',
    input: () => ({
      Name: 'chat',
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: '$request.body.action',
    }),
    keeps: ['ApiId'],
  },
  { call: 'updateApi', input: withMore(api, { Name: 'talk' }), shows: { Name: 'talk' } },
  { call: 'getApi', input: api, shows: { Name: 'talk', CreatedDate: expect.any(Date) } },
  { call: 'getApis', shows: one({ Name: 'talk' }) },
  {
    call: 'createIntegration',
    input: withMore(api, { IntegrationType: 'MOCK' }),
    keeps: ['IntegrationId'],
  },
  {
    call: 'updateIntegration',
    input: withMore(integration, { TimeoutInMillis: 50 }),
    shows: { TimeoutInMillis: 50 },
  },
  { call: 'getIntegration', input: integration, shows: { IntegrationType: 'MOCK' } },
  { call: 'getIntegrations', input: api, shows: one({ TimeoutInMillis: 50 }) },
  {
    call: 'createIntegrationResponse',
    input: withMore(integration, { IntegrationResponseKey: '$default' }),
    keeps: ['IntegrationResponseId'],
  },
  {
    call: 'updateIntegrationResponse',
    input: withMore(response, { IntegrationResponseKey: '/200/' }),
    shows: { IntegrationResponseKey: '/200/' },
  },
  {
    call: 'getIntegrationResponse',
    input: response,
    shows: { IntegrationResponseKey: '/200/' },
  },
  {
    call: 'getIntegrationResponses',
    input: integration,
    shows: one({ IntegrationResponseKey: '/200/' }),
  },
  {
    call: 'createModel',
    input: withMore(api, { Name: 'Message', Schema: '{"type": "object"}' }),
    keeps: ['ModelId'],
  },
  {
    call: 'updateModel',
    input: withMore(model, { Description: 'd' }),
    shows: { Description: 'd' },
  },
  { call: 'getModel', input: model, shows: { Schema: '{"type": "object"}' } },
  { call: 'getModels', input: api, shows: one({ Name: 'Message' }) },
  { call: 'getModelTemplate', input: model, shows: { Value: expect.any(String) } },
  {
    call: 'createAuthorizer',
    input: withMore(api, {
      AuthorizerType: 'REQUEST',
      AuthorizerUri: lambdaUri,
      IdentitySource: [],
      Name: 'gate',
    }),
    keeps: ['AuthorizerId'],
  },
  {
    call: 'updateAuthorizer',
    input: withMore(authorizer, { Name: 'door' }),
    shows: { Name: 'door' },
  },
  { call: 'getAuthorizer', input: authorizer, shows: { AuthorizerType: 'REQUEST' } },
  { call: 'getAuthorizers', input: api, shows: one({ Name: 'door' }) },
  {
    call: 'createRoute',
    input: withMore(api, {
      RouteKey: '$connect',
      RequestParameters: { [parameter]: { Required: true } },
    }),
    keeps: ['RouteId'],
    shows: { RequestParameters: { [parameter]: { Required: true } } },
  },
  {
    call: 'updateRoute',
    input: withMore(route, { OperationName: 'Join' }),
    shows: { OperationName: 'Join' },
  },
  {
    call: 'deleteRouteRequestParameter',
    input: withMore(route, { RequestParameterKey: parameter }),
  },
  { call: 'getRoute', input: route, shows: { RouteKey: '$connect' } },
  { call: 'getRoutes', input: api, shows: one({ OperationName: 'Join' }) },
  {
    call: 'createRouteResponse',
    input: withMore(route, { RouteResponseKey: '$default' }),
    keeps: ['RouteResponseId'],
  },
  {
    call: 'updateRouteResponse',
    input: withMore(reply, { ModelSelectionExpression: '$default' }),
    shows: { ModelSelectionExpression: '$default' },
  },
  { call: 'getRouteResponse', input: reply, shows: { RouteResponseKey: '$default' } },
  { call: 'getRouteResponses', input: route, shows: one({ RouteResponseKey: '$default' }) },
  {
    call: 'createStage',
    input: withMore(api, {
      AccessLogSettings: { DestinationArn: 'file:ws/access', Format: '$context.requestId' },
      RouteSettings: { $connect: { ThrottlingBurstLimit: 5 } },
      StageName: 'prod',
    }),
    keeps: ['StageName'],
  },
  { call: 'deleteAccessLogSettings', input: stage },
  { call: 'deleteRouteSettings', input: withMore(stage, { RouteKey: '$connect' }) },
  {
    call: 'updateStage',
    input: withMore(stage, { StageVariables: { a: '1' } }),
    shows: { RouteSettings: {}, StageVariables: { a: '1' } },
  },
  { call: 'createDeployment', input: stage, keeps: ['DeploymentId'] },
  {
    call: 'updateDeployment',
    input: withMore(deployment, { Description: 'first' }),
    shows: { Description: 'first' },
  },
  { call: 'getDeployment', input: deployment, shows: { DeploymentStatus: 'DEPLOYED' } },
  { call: 'getDeployments', input: api, shows: one({ Description: 'first' }) },
  { call: 'getStage', input: stage, shows: { DeploymentId: expect.any(String) } },
  { call: 'getStages', input: api, shows: one({ StageName: 'prod' }) },
  { call: 'resetAuthorizersCache', input: stage },
  { call: 'tagResource', input: withMore(tagged, { Tags: { a: '1', b: '2' } }) },
  { call: 'untagResource', input: withMore(tagged, { TagKeys: ['a'] }) },
  { call: 'getTags', input: tagged, shows: { Tags: { b: '2' } } },
  {
    call: 'createDomainName',
    input: () => ({ DomainName: '*.example.com', DomainNameConfigurations: [{}] }),
    keeps: ['DomainName'],
  },
  {
    call: 'updateDomainName',
    input: withMore(domain, { RoutingMode: 'ROUTING_RULE_THEN_API_MAPPING' }),
    shows: { RoutingMode: 'ROUTING_RULE_THEN_API_MAPPING' },
  },
  { call: 'getDomainName', input: domain, shows: { DomainName: '*.example.com' } },
  { call: 'getDomainNames', shows: one({ DomainName: '*.example.com' }) },
  {
    call: 'createApiMapping',
    input: (ids) => ({ ...domain(ids), ApiId: ids.ApiId!, Stage: 'prod' }),
    keeps: ['ApiMappingId'],
  },
  {
    call: 'updateApiMapping',
    input: (ids) => ({ ...mapping(ids), ApiId: ids.ApiId!, ApiMappingKey: 'chat' }),
    shows: { ApiMappingKey: 'chat' },
  },
  { call: 'getApiMapping', input: mapping, shows: { Stage: 'prod' } },
  { call: 'getApiMappings', input: domain, shows: one({ ApiMappingKey: 'chat' }) },
  {
    call: 'createRoutingRule',
    input: withMore(domain, { Actions: actions, Conditions: [], Priority: 10 }),
    keeps: ['RoutingRuleId'],
  },
  {
    call: 'putRoutingRule',
    input: withMore(rule, { Actions: actions, Conditions: [], Priority: 20 }),
    shows: { Priority: 20 },
  },
  { call: 'getRoutingRule', input: rule, shows: { Priority: 20, Actions: actions } },
  {
    call: 'listRoutingRules',
    input: domain,
    shows: { RoutingRules: [expect.objectContaining({ Priority: 20 })] },
  },
  {
    call: 'createVpcLink',
    input: () => ({ Name: 'link', SubnetIds: ['subnet-1'] }),
    keeps: ['VpcLinkId'],
  },
  { call: 'updateVpcLink', input: withMore(link, { Name: 'new' }), shows: { Name: 'new' } },
  { call: 'getVpcLink', input: link, shows: { VpcLinkStatus: 'AVAILABLE' } },
  { call: 'getVpcLinks', shows: one({ Name: 'new' }) },
];
const forHttpApis: readonly Row[] = [
  { call: 'importApi', input: () => ({ Body: '{}' }), refused: 400 },
  { call: 'reimportApi', input: withMore(api, { Body: '{}' }), refused: 400 },
  {
    call: 'exportApi',
    input: withMore(api, { OutputType: 'JSON', Specification: 'OAS30' }),
    refused: 400,
  },
  { call: 'deleteCorsConfiguration', input: api, refused: 400 },
];
export const deleting: readonly Row[] = [
  { call: 'deleteVpcLink', input: link },
  { call: 'deleteRoutingRule', input: rule },
  { call: 'deleteApiMapping', input: mapping },
  { call: 'deleteDomainName', input: domain },
  { call: 'deleteStage', input: stage },
  { call: 'deleteDeployment', input: deployment },
  { call: 'deleteRouteResponse', input: reply },
  { call: 'deleteRoute', input: route },
  { call: 'deleteIntegrationResponse', input: response },
  { call: 'deleteIntegration', input: integration },
  { call: 'deleteAuthorizer', input: authorizer },
  { call: 'deleteModel', input: model },
  { call: 'deleteApi', input: api },
];
export const rows: readonly Row[] = [...creating, ...forHttpApis, ...deleting];
