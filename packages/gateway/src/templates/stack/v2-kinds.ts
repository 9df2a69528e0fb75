/** `AWS::ApiGatewayV2::*`, as far as they concern WebSocket APIs. */
import { apiFields } from '../../resources/api.ts';
import { apiMappingFields } from '../../resources/api-mapping.ts';
import { authorizerFields } from '../../resources/authorizer.ts';
import { deploymentFields } from '../../resources/deployment.ts';
import { domainNameFields } from '../../resources/domain-name.ts';
import { integrationFields } from '../../resources/integration.ts';
import { integrationResponseFields } from '../../resources/integration-response.ts';
import { modelFields } from '../../resources/model.ts';
import { routeFields } from '../../resources/route.ts';
import { routeResponseFields } from '../../resources/route-response.ts';
import { stageFields } from '../../resources/stage.ts';
import { vpcLinkFields } from '../../resources/vpc-link.ts';
import type { ResourceKind } from './resource-kind.ts';

const api = '/v2/apis/{ApiId}';

export const v2Kinds: readonly ResourceKind[] = [
  {
    type: 'AWS::ApiGatewayV2::Api',
    noun: 'Api',
    fields: apiFields.fields,
    required: ['Name', 'ProtocolType', 'RouteSelectionExpression'],
    collection: '/v2/apis',
    id: 'apiId',
    attributes: { ApiId: 'apiId', ApiEndpoint: 'apiEndpoint' },
    isFrozen: true,
    unused: ['FailOnWarnings'],
    tagsAt: '/apis/{id}',
  },
  {
    type: 'AWS::ApiGatewayV2::Model',
    noun: 'Model',
    fields: modelFields.fields,
    required: ['ApiId', 'Name', 'Schema'],
    collection: `${api}/models`,
    id: 'modelId',
    key: 'name',
    attributes: { ModelId: 'modelId' },
    isFrozen: true,
  },
  {
    type: 'AWS::ApiGatewayV2::Authorizer',
    noun: 'Authorizer',
    fields: authorizerFields.fields,
    required: ['ApiId', 'AuthorizerType', 'Name'],
    collection: `${api}/authorizers`,
    id: 'authorizerId',
    attributes: { AuthorizerId: 'authorizerId' },
    isFrozen: true,
    resets: { authorizerResultTtlInSeconds: 0 },
  },
  {
    type: 'AWS::ApiGatewayV2::Integration',
    noun: 'Integration',
    fields: integrationFields.fields,
    required: ['ApiId', 'IntegrationType'],
    collection: `${api}/integrations`,
    id: 'integrationId',
    attributes: { IntegrationId: 'integrationId' },
    isFrozen: true,
  },
  {
    type: 'AWS::ApiGatewayV2::IntegrationResponse',
    noun: 'IntegrationResponse',
    fields: integrationResponseFields.fields,
    required: ['ApiId', 'IntegrationId', 'IntegrationResponseKey'],
    collection: `${api}/integrations/{IntegrationId}/integrationresponses`,
    id: 'integrationResponseId',
    key: 'integrationResponseKey',
    attributes: { IntegrationResponseId: 'integrationResponseId' },
    isFrozen: true,
  },
  {
    type: 'AWS::ApiGatewayV2::Route',
    noun: 'Route',
    fields: routeFields.fields,
    required: ['ApiId', 'RouteKey'],
    collection: `${api}/routes`,
    id: 'routeId',
    key: 'routeKey',
    attributes: { RouteId: 'routeId' },
    isFrozen: true,
    removal: { requestParameters: (key) => `/requestparameters/${encodeURIComponent(key)}` },
  },
  {
    type: 'AWS::ApiGatewayV2::RouteResponse',
    noun: 'RouteResponse',
    fields: routeResponseFields.fields,
    required: ['ApiId', 'RouteId', 'RouteResponseKey'],
    collection: `${api}/routes/{RouteId}/routeresponses`,
    id: 'routeResponseId',
    key: 'routeResponseKey',
    attributes: { RouteResponseId: 'routeResponseId' },
    isFrozen: true,
  },
  {
    type: 'AWS::ApiGatewayV2::Deployment',
    noun: 'Deployment',
    fields: deploymentFields.fields,
    required: ['ApiId'],
    collection: `${api}/deployments`,
    id: 'deploymentId',
    attributes: { DeploymentId: 'deploymentId' },
  },
  {
    type: 'AWS::ApiGatewayV2::Stage',
    noun: 'Stage',
    fields: stageFields.fields,
    required: ['ApiId', 'StageName'],
    collection: `${api}/stages`,
    id: 'stageName',
    key: 'stageName',
    attributes: {},
    unused: ['AccessPolicyId'],
    tagsAt: '/apis/{ApiId}/stages/{id}',
    removal: {
      routeSettings: (key) => `/routesettings/${encodeURIComponent(key)}`,
      accessLogSettings: () => '/accesslogsettings',
    },
    // A limit that was set can be changed and not taken away: these are what an account allows.
    resets: {
      dataTraceEnabled: false,
      detailedMetricsEnabled: false,
      loggingLevel: 'OFF',
      throttlingBurstLimit: 5000,
      throttlingRateLimit: 10_000,
      autoDeploy: false,
    },
  },
  {
    type: 'AWS::ApiGatewayV2::DomainName',
    noun: 'DomainName',
    fields: domainNameFields.fields,
    required: ['DomainName'],
    collection: '/v2/domainnames',
    id: 'domainName',
    key: 'domainName',
    attributes: {
      DomainNameArn: 'domainNameArn',
      RegionalDomainName: 'domainNameConfigurations.0.apiGatewayDomainName',
      RegionalHostedZoneId: 'domainNameConfigurations.0.hostedZoneId',
    },
    tagsAt: '/domainnames/{id}',
  },
  {
    type: 'AWS::ApiGatewayV2::ApiMapping',
    noun: 'ApiMapping',
    fields: apiMappingFields.fields,
    required: ['ApiId', 'DomainName', 'Stage'],
    collection: '/v2/domainnames/{DomainName}/apimappings',
    id: 'apiMappingId',
    key: 'apiMappingKey',
    attributes: { ApiMappingId: 'apiMappingId' },
    alwaysSent: ['apiId'],
  },
  {
    type: 'AWS::ApiGatewayV2::VpcLink',
    noun: 'VpcLink',
    fields: vpcLinkFields.fields,
    required: ['Name', 'SubnetIds'],
    collection: '/v2/vpclinks',
    id: 'vpcLinkId',
    attributes: { VpcLinkId: 'vpcLinkId' },
    tagsAt: '/vpclinks/{id}',
  },
];
