import { expect } from 'vitest';
import { base, routeOf, type TerraformResource } from './terraform.ts';

/** What the provider sends and reads for stages, and for what leads to them. */
const certificateArn = (name: string) => `arn:aws:acm:us-east-1:123456789012:certificate/${name}`;

const deployments: TerraformResource = {
  type: 'aws_apigatewayv2_deployment',
  needs: async (terraform, ids) => ({ route: await routeOf(terraform, ids, '$default') }),
  path: (ids) => `${base(ids)}/deployments`,
  id: 'deploymentId',
  created: () => ({ description: 'Test' }),
  // Polled until it says DEPLOYED.
  shown: () => ({ autoDeployed: false, deploymentStatus: 'DEPLOYED', description: 'Test' }),
  updates: [
    {
      does: 'the description',
      sent: () => ({ description: 'Test updated' }),
      shown: () => ({ description: 'Test updated' }),
    },
    {
      does: 'the description taken out',
      sent: () => ({ description: '' }),
      shown: () => ({ description: undefined }),
    },
  ],
};

const logGroup = 'arn:aws:logs:us-east-1:123456789012:log-group:test';
const quiet = { dataTraceEnabled: false, detailedMetricsEnabled: false, loggingLevel: 'OFF' };
const loud = {
  dataTraceEnabled: true,
  detailedMetricsEnabled: true,
  loggingLevel: 'INFO',
  throttlingBurstLimit: 2222,
  throttlingRateLimit: 8888,
};

const stages: TerraformResource = {
  type: 'aws_apigatewayv2_stage',
  asksApi: true,
  needs: async (terraform, ids) => {
    await routeOf(terraform, ids, '$default');
    await routeOf(terraform, ids, '$connect');
    const deployment = await terraform.create(`${base(ids)}/deployments`, {});
    const certificate = await terraform.create('/clientcertificates', {});
    return {
      certificate: String(certificate.clientCertificateId),
      deployment: String(deployment.deploymentId),
    };
  },
  path: (ids) => `${base(ids)}/stages`,
  id: 'stageName',
  created: () => ({ autoDeploy: false, stageName: 'test' }),
  shown: () => ({
    autoDeploy: false,
    defaultRouteSettings: quiet,
    routeSettings: {},
    stageVariables: {},
    tags: {},
  }),
  updates: [
    {
      does: 'a deployment, a certificate and a description',
      sent: ({ certificate, deployment }) => ({
        clientCertificateId: certificate,
        deploymentId: deployment,
        description: 'Test stage',
      }),
      shown: ({ certificate, deployment }) => ({
        clientCertificateId: certificate,
        deploymentId: deployment,
        description: 'Test stage',
      }),
    },
    {
      does: 'the certificate taken out',
      sent: () => ({ clientCertificateId: '', description: '' }),
      shown: () => ({ clientCertificateId: undefined, description: undefined }),
    },
    {
      does: 'access logs',
      sent: () => ({
        accessLogSettings: { destinationArn: logGroup, format: '$context.requestId' },
      }),
      shown: () => ({
        accessLogSettings: { destinationArn: logGroup, format: '$context.requestId' },
      }),
    },
    {
      does: 'access logs taken out',
      deletes: ['accesslogsettings'],
      shown: () => ({ accessLogSettings: undefined }),
    },
    {
      does: 'default settings',
      sent: () => ({ defaultRouteSettings: loud }),
      shown: () => ({ defaultRouteSettings: loud }),
    },
    {
      does: 'default settings taken out: the logging level is not sent and stays',
      sent: () => ({
        defaultRouteSettings: {
          dataTraceEnabled: false,
          detailedMetricsEnabled: false,
          throttlingBurstLimit: 0,
          throttlingRateLimit: 0,
        },
      }),
      shown: () => ({
        defaultRouteSettings: {
          ...quiet,
          loggingLevel: 'INFO',
          throttlingBurstLimit: 0,
          throttlingRateLimit: 0,
        },
      }),
    },
    {
      does: 'settings of two routes',
      sent: () => ({ routeSettings: { $default: loud, $connect: quiet } }),
      shown: () => ({ routeSettings: { $default: loud, $connect: quiet } }),
    },
    {
      does: 'one of them changed, one removed: both go first',
      deletes: ['routesettings/%24default', 'routesettings/%24connect'],
      sent: () => ({ routeSettings: { $default: quiet } }),
      shown: () => ({ routeSettings: { $default: quiet } }),
    },
    {
      does: 'all of them removed',
      deletes: ['routesettings/%24default'],
      sent: () => ({ routeSettings: {} }),
      shown: () => ({ routeSettings: {} }),
    },
    {
      does: 'variables',
      sent: () => ({ stageVariables: { Var1: 'Value1', Var2: 'Value2' } }),
      shown: () => ({ stageVariables: { Var1: 'Value1', Var2: 'Value2' } }),
    },
    {
      does: 'a variable changed, one new, one removed by ""',
      sent: () => ({ stageVariables: { Var1: '', Var2: 'Next', Var3: 'Value3' } }),
      shown: () => ({ stageVariables: { Var2: 'Next', Var3: 'Value3' } }),
    },
  ],
};

const regional = {
  certificateArn: certificateArn('one'),
  endpointType: 'REGIONAL',
  securityPolicy: 'TLS_1_2',
};
const given = {
  apiGatewayDomainName: expect.stringMatching(/^d-[a-z0-9]+\.execute-api\./),
  domainNameStatus: 'AVAILABLE',
  hostedZoneId: expect.stringMatching(/^Z/),
  ipAddressType: 'ipv4',
};

const domainNames: TerraformResource = {
  type: 'aws_apigatewayv2_domain_name',
  path: () => '/v2/domainnames',
  id: 'domainName',
  created: () => ({
    domainName: 'terraform.example.com',
    domainNameConfigurations: [regional],
    tags: { Key1: 'Value1' },
  }),
  // Polled until its only configuration is AVAILABLE.
  shown: () => ({
    apiMappingSelectionExpression: '$request.basepath',
    domainNameArn: 'arn:aws:apigateway:us-east-1::/domainnames/terraform.example.com',
    domainNameConfigurations: [{ ...regional, ...given }],
    routingMode: 'API_MAPPING_ONLY',
    tags: { Key1: 'Value1' },
  }),
  updates: [
    {
      does: 'another certificate, the whole configuration along',
      sent: () => ({
        domainNameConfigurations: [{ ...regional, certificateArn: certificateArn('two') }],
      }),
      shown: () => ({
        domainNameConfigurations: [
          { ...regional, ...given, certificateArn: certificateArn('two') },
        ],
      }),
    },
    {
      does: 'the routing mode',
      sent: () => ({
        domainNameConfigurations: [{ ...regional, certificateArn: certificateArn('two') }],
        routingMode: 'ROUTING_RULE_THEN_API_MAPPING',
      }),
      shown: () => ({ routingMode: 'ROUTING_RULE_THEN_API_MAPPING' }),
    },
  ],
};

const apiMappings: TerraformResource = {
  type: 'aws_apigatewayv2_api_mapping',
  needs: async (terraform, ids) => {
    const stages = `${base(ids)}/stages`;
    await terraform.create(stages, { autoDeploy: false, stageName: 'one' });
    await terraform.create(stages, { autoDeploy: false, stageName: 'two' });
    const domainName = `${ids.api}.example.com`;
    await terraform.create('/v2/domainnames', { domainName, domainNameConfigurations: [regional] });
    return { domain: domainName };
  },
  path: ({ domain }) => `/v2/domainnames/${domain}/apimappings`,
  id: 'apiMappingId',
  created: ({ api }) => ({ apiId: api, stage: 'one' }),
  shown: ({ api }) => ({ apiId: api, apiMappingKey: '', stage: 'one' }),
  updates: [
    {
      does: 'another stage and a key, the API along',
      sent: ({ api }) => ({ apiId: api, apiMappingKey: "$context.domain-_.+!*'()", stage: 'two' }),
      shown: () => ({ apiMappingKey: "$context.domain-_.+!*'()", stage: 'two' }),
    },
    {
      does: 'the key taken out',
      sent: ({ api }) => ({ apiId: api, apiMappingKey: '' }),
      shown: () => ({ apiMappingKey: '' }),
    },
  ],
};

const vpcLinks: TerraformResource = {
  type: 'aws_apigatewayv2_vpc_link',
  path: () => '/v2/vpclinks',
  id: 'vpcLinkId',
  created: () => ({
    name: 'test',
    securityGroupIds: ['sg-1'],
    subnetIds: ['subnet-1', 'subnet-2'],
    tags: { Key1: 'Value1' },
  }),
  // Polled until it is AVAILABLE.
  shown: () => ({
    name: 'test',
    securityGroupIds: ['sg-1'],
    subnetIds: ['subnet-1', 'subnet-2'],
    tags: { Key1: 'Value1' },
    vpcLinkStatus: 'AVAILABLE',
    vpcLinkStatusMessage: 'VPC link is ready to route traffic',
    vpcLinkVersion: 'V2',
  }),
  updates: [
    {
      does: 'the name',
      sent: () => ({ name: 'renamed' }),
      shown: () => ({ name: 'renamed' }),
    },
  ],
  // Then polled until it is gone.
  deleted: 202,
};

export const stageResources: readonly TerraformResource[] = [
  deployments,
  stages,
  domainNames,
  apiMappings,
  vpcLinks,
];
