/**
 * `AWS::Serverless::WebSocketApi`: an API, an integration and a route for every route key, a stage that
 * deploys itself, and where asked for an authorizer and a domain. Refuses what SAM refuses.
 */
import { isObject } from '../../resources/read-fields.ts';
import { type Dictionary, own } from '../../resources/record.ts';
import { didYouMean } from '../suggest.ts';
import { expandDomain } from './domain.ts';
import { type Expansion, given, type SamResource } from './sam-resource.ts';

const CREATED_BY = { 'websocketapi:createdBy': 'SAM' };

const PROPERTIES = [
  'AccessLogSettings',
  'ApiKeySelectionExpression',
  'Auth',
  'DefaultRouteSettings',
  'Description',
  'DisableExecuteApiEndpoint',
  'DisableSchemaValidation',
  'Domain',
  'FailOnWarnings',
  'IpAddressType',
  'Name',
  'PropagateTags',
  'RouteSelectionExpression',
  'RouteSettings',
  'Routes',
  'StageName',
  'StageVariables',
  'Tags',
];

const MAPS = ['AccessLogSettings', 'Auth', 'DefaultRouteSettings', 'Domain', 'RouteSettings'];

export function expandWebSocketApi(sam: SamResource): Expansion {
  const { logicalId, properties, attributes, fail } = sam;
  assertProperties(sam);
  const { Condition } = attributes;
  const make = (type: string, made: Dictionary<unknown>, more: Dictionary<unknown> = {}) => ({
    Type: `AWS::ApiGatewayV2::${type}`,
    ...(Condition !== undefined && { Condition }),
    ...more,
    Properties: given(made),
  });
  const routes = properties.Routes as Dictionary<unknown>;
  const auth = readAuth(sam, routes);
  const { StageName = 'default', Tags = {} } = properties;
  if (!isObject(Tags)) throw fail(['Properties', 'Tags'], 'must be a mapping');
  const stageId = stageIdOf(logicalId, StageName);
  const expanded = Object.entries(routes).map(([routeKey, spec]) =>
    expandRoute(sam, routeKey, spec, make, auth),
  );
  const routeIds = expanded.map(({ routeId }) => routeId);
  const hasRouteSettings = properties.RouteSettings !== undefined;
  const propagated = { ...(properties.PropagateTags === true && Tags), ...CREATED_BY };
  const domain = expandDomain(sam, stageId, propagated, make);
  return {
    referable: { Stage: stageId, ...domain.referable },
    origins: Object.fromEntries([
      ...expanded.flatMap(({ path, resources }) =>
        Object.keys(resources).map((id) => [id, path] as const),
      ),
      ...Object.keys(domain.resources).map((id) => [id, ['Properties', 'Domain']] as const),
      ...(auth ? [[auth.id, ['Properties', 'Auth']] as const] : []),
    ]),
    resources: {
      [logicalId]: make(
        'Api',
        {
          Name: properties.Name ?? logicalId,
          ProtocolType: 'WEBSOCKET',
          RouteSelectionExpression: properties.RouteSelectionExpression,
          ApiKeySelectionExpression: properties.ApiKeySelectionExpression,
          Description: properties.Description,
          DisableExecuteApiEndpoint: properties.DisableExecuteApiEndpoint,
          DisableSchemaValidation: properties.DisableSchemaValidation,
          IpAddressType: properties.IpAddressType,
          Tags: { ...Tags, ...CREATED_BY },
        },
        attributes,
      ),
      ...Object.assign({}, ...expanded.map(({ resources }) => resources)),
      ...(auth?.type === 'CUSTOM' && { [auth.id]: make('Authorizer', auth.properties) }),
      [stageId]: make(
        'Stage',
        {
          ApiId: { Ref: logicalId },
          StageName,
          AutoDeploy: true,
          StageVariables: properties.StageVariables,
          AccessLogSettings: properties.AccessLogSettings,
          DefaultRouteSettings: properties.DefaultRouteSettings,
          RouteSettings: properties.RouteSettings,
          Tags: propagated,
        },
        hasRouteSettings ? { DependsOn: routeIds } : {},
      ),
      ...domain.resources,
    },
  };
}

export type Make = (
  type: string,
  properties: Dictionary<unknown>,
  more?: Dictionary<unknown>,
) => Dictionary<unknown>;

function assertProperties({ properties, fail }: SamResource): void {
  const at = (name: string) => ['Properties', name];
  for (const name of Object.keys(properties)) {
    if (PROPERTIES.includes(name)) continue;
    throw fail(at(name), `unknown property${didYouMean(name, PROPERTIES)}`);
  }
  for (const name of MAPS) {
    const value = properties[name];
    if (value !== undefined && !isObject(value)) throw fail(at(name), 'must be a mapping');
  }
  const { Routes, RouteSelectionExpression, StageName, IpAddressType } = properties;
  if (RouteSelectionExpression === undefined) {
    throw fail(['Properties'], 'RouteSelectionExpression is missing');
  }
  if (Routes === undefined) throw fail(['Properties'], 'Routes is missing');
  if (!isObject(Routes)) throw fail(at('Routes'), 'must be a mapping of route keys');
  if (Object.keys(Routes).length === 0) throw fail(at('Routes'), 'must have at least one route');
  if (StageName === '$default') {
    throw fail(at('StageName'), 'a stage of a WebSocket API cannot be named $default');
  }
  if (typeof IpAddressType === 'string' && !['ipv4', 'dualstack'].includes(IpAddressType)) {
    throw fail(at('IpAddressType'), 'must be ipv4 or dualstack');
  }
}

const ROUTE_PROPERTIES = [
  'ApiKeyRequired',
  'ModelSelectionExpression',
  'OperationName',
  'RequestModels',
  'RequestParameters',
  'RouteResponseSelectionExpression',
];

function expandRoute(
  { logicalId, fail }: SamResource,
  routeKey: string,
  spec: unknown,
  make: Make,
  auth: Auth | undefined,
) {
  const path = ['Properties', 'Routes', routeKey];
  if (!isObject(spec)) throw fail(path, 'must be a mapping');
  const known = [...ROUTE_PROPERTIES, 'FunctionArn', 'IntegrationTimeout'];
  const unknown = Object.keys(spec).find((name) => !known.includes(name));
  if (unknown) throw fail([...path, unknown], `unknown property${didYouMean(unknown, known)}`);
  if (spec.FunctionArn === undefined) throw fail(path, 'FunctionArn is missing');
  if (spec.RequestParameters !== undefined && routeKey !== '$connect') {
    throw fail([...path, 'RequestParameters'], 'are for the route $connect alone');
  }
  const base = `${logicalId}${idPart(routeKey)}`;
  if (idPart(routeKey) === '') {
    throw fail(path, 'a route key is $connect, $disconnect, $default, or letters and digits');
  }
  const ApiId = { Ref: logicalId };
  const taken = Object.fromEntries(ROUTE_PROPERTIES.map((name) => [name, own(spec, name)]));
  const isTwoWay = spec.RouteResponseSelectionExpression !== undefined;
  const routeId = `${base}Route`;
  return {
    routeId,
    path,
    resources: {
      [`${base}Integration`]: make('Integration', {
        ApiId,
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: invocationUri(spec.FunctionArn),
        TimeoutInMillis: spec.IntegrationTimeout,
      }),
      [routeId]: make('Route', {
        ApiId,
        RouteKey: routeKey,
        ...taken,
        Target: { 'Fn::Join': ['/', ['integrations', { Ref: `${base}Integration` }]] },
        ...(routeKey === '$connect' && auth && { AuthorizationType: auth.type }),
        ...(routeKey === '$connect' &&
          auth?.type === 'CUSTOM' && { AuthorizerId: { Ref: auth.id } }),
      }),
      ...(isTwoWay && {
        [`${base}RouteResponse`]: make('RouteResponse', {
          ApiId,
          RouteId: { Ref: routeId },
          RouteResponseKey: '$default',
        }),
      }),
    },
  };
}

/** `$connect` → `Connect`, `sendMessage` → `Sendmessage`: as SAM writes it. Empty: not allowed. */
function idPart(routeKey: string): string {
  const word = /^\$(connect|disconnect|default)$/.exec(routeKey)?.[1] ?? routeKey;
  if (!/^[\p{L}\p{N}]+$/u.test(word)) return '';
  return word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase();
}

interface Auth {
  readonly type: string;
  readonly id: string;
  readonly properties: Dictionary<unknown>;
}

function readAuth(
  { logicalId, properties, fail }: SamResource,
  routes: Dictionary<unknown>,
): Auth | undefined {
  const auth = properties.Auth as Dictionary<unknown> | undefined;
  if (!auth || Object.keys(auth).length === 0) return undefined;
  const path = ['Properties', 'Auth'];
  const type = typeof auth.AuthType === 'string' ? auth.AuthType.toUpperCase() : undefined;
  if (type === undefined) throw fail(path, 'AuthType is missing');
  if (!['NONE', 'AWS_IAM', 'CUSTOM'].includes(type)) {
    throw fail([...path, 'AuthType'], 'must be NONE, AWS_IAM or CUSTOM');
  }
  if (!Object.hasOwn(routes, '$connect')) throw fail(path, 'needs a route $connect');
  const { AuthType: _, AuthArn, IdentitySource, InvokeRole, Name, ...unknown } = auth;
  const [extra] = Object.keys(
    type === 'CUSTOM' ? unknown : { ...auth, AuthType: undefined },
  ).filter((name) => name !== 'AuthType');
  if (extra) throw fail([...path, extra], `has no meaning with AuthType ${type}`);
  if (type === 'CUSTOM' && !AuthArn) throw fail(path, 'AuthArn is missing');
  const id = `${logicalId}ConnectAuthorizer`;
  return {
    type,
    id,
    properties: given({
      ApiId: { Ref: logicalId },
      AuthorizerType: 'REQUEST',
      Name: Name ?? id,
      AuthorizerUri: invocationUri(AuthArn),
      IdentitySource,
      AuthorizerCredentialsArn: InvokeRole,
    }),
  };
}

const INVOCATION =
  'arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/' +
  '${FunctionArn}/invocations';

function invocationUri(FunctionArn: unknown): unknown {
  return { 'Fn::Sub': [INVOCATION, { FunctionArn }] };
}

function stageIdOf(logicalId: string, stageName: unknown): string {
  if (stageName === 'default') return `${logicalId}DefaultStage`;
  return `${logicalId}${typeof stageName === 'string' ? stageName : ''}Stage`;
}
