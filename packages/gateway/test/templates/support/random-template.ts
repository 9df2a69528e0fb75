import fc from 'fast-check';
import { stringify } from 'yaml';

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const word = fc.constantFrom('one', 'two');
const some = <T>(entries: Readonly<Record<string, fc.Arbitrary<T>>>) =>
  fc.record(entries, { requiredKeys: [] });

const LAMBDA =
  'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:f/invocations';

const api = fc.record({
  Name: word,
  ProtocolType: fc.constant('WEBSOCKET'),
  RouteSelectionExpression: fc.constantFrom('$request.body.action', '$request.body.kind'),
  Description: maybe(word),
  Version: maybe(word),
  DisableExecuteApiEndpoint: maybe(fc.boolean()),
  ApiKeySelectionExpression: maybe(fc.constantFrom('$context.authorizer.usageIdentifierKey')),
  Tags: maybe(some({ a: word, b: word })),
});

const model = fc.record({
  Schema: fc.constantFrom('{"type": "object"}', { type: 'string' }),
  Description: maybe(word),
  ContentType: maybe(fc.constantFrom('text/plain')),
});

const authorizer = fc.record({
  Name: word,
  AuthorizerType: fc.constant('REQUEST'),
  AuthorizerUri: fc.constantFrom(LAMBDA, LAMBDA.replace(':f/', ':g/')),
  IdentitySource: maybe(
    fc.constantFrom(['route.request.header.Auth'], ['context.identity.sourceIp']),
  ),
});

const integration = fc.record({
  IntegrationType: fc.constantFrom('HTTP_PROXY', 'HTTP', 'MOCK', 'AWS_PROXY'),
  Description: maybe(word),
  TimeoutInMillis: maybe(fc.constantFrom(50, 1000)),
  PassthroughBehavior: maybe(fc.constantFrom('NEVER')),
  TemplateSelectionExpression: maybe(fc.constantFrom('$request.body.kind')),
  ContentHandlingStrategy: maybe(fc.constantFrom('CONVERT_TO_TEXT')),
  RequestParameters: maybe(
    some({
      'integration.request.header.id': fc.constantFrom('context.connectionId', "'x'"),
      'integration.request.querystring.q': fc.constantFrom('route.request.querystring.q'),
    }),
  ),
  RequestTemplates: maybe(some({ $default: fc.constantFrom('{}', ''), one: word })),
});

const response = fc.record({
  IntegrationResponseKey: fc.constantFrom('$default', '/4\\d\\d/'),
  ResponseTemplates: maybe(some({ $default: word, one: word })),
  TemplateSelectionExpression: maybe(fc.constantFrom('$request.body.kind')),
  ContentHandlingStrategy: maybe(fc.constantFrom('CONVERT_TO_TEXT')),
});

const route = fc.record({
  integration: maybe(fc.constantFrom('IntA', 'IntB')),
  OperationName: maybe(word),
  ApiKeyRequired: maybe(fc.boolean()),
  twoWay: fc.boolean(),
  ModelSelectionExpression: maybe(fc.constantFrom('$request.body.kind')),
  models: fc.subarray(['ModelA', 'ModelB']),
  parameter: maybe(fc.boolean()),
  authorization: fc.constantFrom('NONE', 'AWS_IAM', 'CUSTOM', undefined),
});

const settings = fc.record(
  {
    ThrottlingBurstLimit: fc.constantFrom(1, 2),
    ThrottlingRateLimit: fc.constantFrom(1, 2.5),
    LoggingLevel: fc.constantFrom('INFO', 'ERROR', 'OFF'),
    DetailedMetricsEnabled: fc.boolean(),
  },
  { requiredKeys: ['ThrottlingBurstLimit'] },
);

const stage = fc.record({
  isAutomatic: fc.boolean(),
  Description: maybe(word),
  StageVariables: maybe(some({ x: word, y: word })),
  DefaultRouteSettings: maybe(settings),
  routeSettings: maybe(settings),
  AccessLogSettings: maybe(
    fc.constantFrom({
      DestinationArn: 'arn:aws:logs:us-east-1:1:log-group:a',
      Format: '$context.requestId',
    }),
  ),
  Tags: maybe(some({ a: word, 'postern:idleTimeoutSeconds': fc.constantFrom('30', '60') })),
});

const ROUTE_KEYS = ['$connect', '$default', 'a', 'b'] as const;

/** A template of one API, in YAML, that the control plane takes. */
export const randomTemplate = fc
  .record({
    api,
    models: some({ ModelA: model, ModelB: model }),
    authorizer: maybe(authorizer),
    integrations: some({ IntA: integration, IntB: integration }),
    responses: some({ ResA: response, ResB: response }),
    // A stage that deploys itself stays deployed when the last route goes, so there is always one.
    routes: fc.record(Object.fromEntries(ROUTE_KEYS.map((key) => [key, route])), {
      requiredKeys: ['$default'],
    }),
    stages: some({ prod: stage, test: stage }),
  })
  .map(written);

// biome-ignore lint/suspicious/noExplicitAny: drawn, and written as it is
type Any = any;

/** A template that makes sense of what was drawn: references lead somewhere, fields suit their types. */
function written(drawn: {
  api: Any;
  models: Any;
  authorizer: Any;
  integrations: Any;
  responses: Any;
  routes: Any;
  stages: Any;
}): string {
  const resources: Record<string, unknown> = {};
  const ApiId = { Ref: 'Api' };
  const add = (id: string, noun: string, Properties: object, more: object = {}) => {
    resources[id] = { Type: `AWS::ApiGatewayV2::${noun}`, ...more, Properties: strip(Properties) };
  };
  add('Api', 'Api', drawn.api);
  for (const [id, each] of Object.entries<Any>(drawn.models))
    add(id, 'Model', { ApiId, Name: id, ...each });
  if (drawn.authorizer) add('Gate', 'Authorizer', { ApiId, ...drawn.authorizer });
  for (const [id, each] of Object.entries<Any>(drawn.integrations)) {
    const isHttp = each.IntegrationType.startsWith('HTTP');
    const uri = isHttp ? { IntegrationUri: 'http://localhost/', IntegrationMethod: 'POST' } : {};
    const aws = each.IntegrationType === 'AWS_PROXY' ? { IntegrationUri: LAMBDA } : {};
    add(id, 'Integration', { ApiId, ...each, ...uri, ...aws });
  }
  const seen = new Set<string>();
  for (const [id, each] of Object.entries<Any>(drawn.responses)) {
    const owner = id === 'ResA' ? 'IntA' : 'IntB';
    if (!(owner in drawn.integrations)) continue;
    add(id, 'IntegrationResponse', { ApiId, IntegrationId: { Ref: owner }, ...each });
  }
  const ids: string[] = [];
  for (const [key, each] of Object.entries<Any>(drawn.routes)) {
    const id = `Route${key.replace('$', 'S')}`;
    ids.push(id);
    seen.add(key);
    const isConnect = key === '$connect';
    const models = each.models.filter((name: string) => name in drawn.models);
    const isCustom = each.authorization === 'CUSTOM';
    const authorization =
      !isConnect || (isCustom && !drawn.authorizer) ? undefined : each.authorization;
    add(
      id,
      'Route',
      {
        ApiId,
        RouteKey: key,
        OperationName: each.OperationName,
        ApiKeyRequired: each.ApiKeyRequired,
        ModelSelectionExpression: each.ModelSelectionExpression,
        RequestModels:
          models.length > 0
            ? Object.fromEntries(models.map((name: string) => [name, name]))
            : undefined,
        RequestParameters:
          isConnect && each.parameter !== undefined
            ? {
                [`route.request.header.${each.parameter ? 'A' : 'B'}`]: {
                  Required: each.parameter,
                },
              }
            : undefined,
        AuthorizationType: authorization,
        AuthorizerId: authorization === 'CUSTOM' ? { Ref: 'Gate' } : undefined,
        RouteResponseSelectionExpression: each.twoWay ? '$default' : undefined,
        Target:
          each.integration in drawn.integrations
            ? { 'Fn::Join': ['/', ['integrations', { Ref: each.integration }]] }
            : undefined,
      },
      models.length > 0 ? { DependsOn: models } : {},
    );
    if (each.twoWay) {
      add(`${id}Response`, 'RouteResponse', {
        ApiId,
        RouteId: { Ref: id },
        RouteResponseKey: '$default',
      });
    }
  }
  const isDeployed = ids.length > 0;
  if (isDeployed) add('Deployment', 'Deployment', { ApiId });
  for (const [name, { isAutomatic, routeSettings, ...each }] of Object.entries<Any>(drawn.stages)) {
    add(`Stage${name}`, 'Stage', {
      ApiId,
      StageName: name,
      ...each,
      AutoDeploy: isAutomatic || undefined,
      DeploymentId: isDeployed && !isAutomatic ? { Ref: 'Deployment' } : undefined,
      RouteSettings: routeSettings && seen.has('a') ? { a: routeSettings } : undefined,
    });
  }
  return stringify({ Resources: resources });
}

const strip = (value: object) =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));
