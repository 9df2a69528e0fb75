/** The WebSocket API that the events of a service come to. */
import { isObject } from '../../resources/read-fields.ts';
import { type Dictionary, own } from '../../resources/record.ts';
import { textOf } from '../cloudformation/intrinsic.ts';
import type { Path } from '../problem.ts';
import { didYouMean } from '../suggest.ts';
import { logicalIds } from './names.ts';
import type { Service, WebSocketEvent } from './service.ts';

type Resources = Record<string, unknown>;

const DESCRIPTION = 'Serverless Websockets';

/** Nothing when no function has a websocket event. */
export function compileWebsockets(service: Service): Resources {
  const users = service.functions.filter(({ events }) => events.length > 0);
  if (users.length === 0) return {};
  const ApiId = apiOf(service) ?? { Ref: logicalIds.api };
  const resources: Resources = {};
  assertOneOwner(service);
  for (const { key, events } of users) {
    resources[logicalIds.integration(key)] = make('Integration', {
      ApiId,
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: invocationUri({ 'Fn::GetAtt': [logicalIds.function(key), 'Arn'] }),
    });
    for (const event of events) Object.assign(resources, compileRoute(service, key, event, ApiId));
  }
  return { ...shared(service, ApiId), ...resources };
}

/** Where its clients connect, as Serverless Framework tells it: for whoever deploys, and for other stacks. */
export function websocketOutputs(service: Service): Resources {
  if (service.functions.every(({ events }) => events.length === 0)) return {};
  const { name, stage } = service;
  const host = ['.execute-api.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }];
  const api = apiOf(service) ?? { Ref: logicalIds.api };
  return {
    ServiceEndpointWebsocket: {
      Description: 'URL of the service endpoint',
      Value: { 'Fn::Join': ['', ['wss://', api, ...host, `/${stage}`]] },
      Export: { Name: `sls-${name}-${stage}-ServiceEndpointWebsocket` },
    },
  };
}

function assertOneOwner({ functions, fail }: Service): void {
  const owners = new Map<string, string>();
  for (const { key, events } of functions) {
    for (const { route, path } of events) {
      const other = owners.get(route);
      if (other !== undefined) throw fail(path, `functions.${other} has the route ${route} too`);
      owners.set(route, key);
    }
  }
}

/** An API of another stack or by another hand: this service adds its routes to it. */
function apiOf({ provider }: Service): unknown {
  const gateway = own(provider, 'apiGateway');
  return isObject(gateway) ? own(gateway, 'websocketApiId') : undefined;
}

function shared(service: Service, ApiId: unknown): Resources {
  const { provider, name, stage } = service;
  const Description = own(provider, 'websocketsDescription') ?? DESCRIPTION;
  if (apiOf(service) !== undefined) {
    const deployment = make('Deployment', { ApiId, Description, StageName: stage });
    return { [logicalIds.deployment]: deployment };
  }
  const tags = own(provider, 'tags');
  return {
    [logicalIds.api]: make('Api', {
      Name: own(provider, 'websocketsApiName') ?? `${stage}-${name}-websockets`,
      RouteSelectionExpression:
        own(provider, 'websocketsApiRouteSelectionExpression') ?? '$request.body.action',
      Description,
      ProtocolType: 'WEBSOCKET',
      ...(isObject(tags) && { Tags: tags }),
    }),
    [logicalIds.deployment]: make('Deployment', { ApiId, Description }),
    [logicalIds.stage]: make('Stage', {
      ApiId,
      StageName: stage,
      Description,
      DeploymentId: { Ref: logicalIds.deployment },
      ...logSettings(service),
    }),
    ...logGroup(service),
  };
}

const LOG_FORMAT = [
  '$context.identity.sourceIp',
  '$context.identity.caller',
  '$context.identity.user',
  '[$context.requestTime]',
  '"$context.eventType $context.routeKey $context.connectionId"',
  '$context.requestId',
].join(' ');

const LOG_GROUP_ARN =
  'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${WebsocketsLogGroup}';

function logSettings({ provider, fail }: Service): Dictionary<unknown> {
  const logs = own(provider, 'logs');
  const written = isObject(logs) ? own(logs, 'websocket') : undefined;
  if (written === undefined || written === false || written === null) return {};
  const settings: Dictionary<unknown> = isObject(written) ? written : {};
  const { level = 'INFO', format = LOG_FORMAT } = settings;
  if (level !== 'INFO' && level !== 'ERROR') {
    throw fail(['provider', 'logs', 'websocket', 'level'], 'must be INFO or ERROR');
  }
  const isOn = (name: string) => (own(settings, name) ?? true) === true;
  return {
    DefaultRouteSettings: {
      DataTraceEnabled: isOn('fullExecutionData'),
      LoggingLevel: isOn('executionLogging') ? level : 'OFF',
    },
    ...(isOn('accessLogging') && {
      AccessLogSettings: { DestinationArn: { 'Fn::Sub': LOG_GROUP_ARN }, Format: format },
    }),
  };
}

function logGroup(service: Service): Resources {
  if (!('AccessLogSettings' in logSettings(service))) return {};
  const LogGroupName = `/aws/websocket/${service.name}-${service.stage}`;
  return {
    [logicalIds.logGroup]: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName } },
  };
}

function compileRoute(
  service: Service,
  key: string,
  { route, authorizer, routeResponseSelectionExpression, path }: WebSocketEvent,
  ApiId: unknown,
): Resources {
  const known =
    authorizer === undefined
      ? undefined
      : readAuthorizer(service, authorizer, [...path, 'authorizer']);
  const isTwoWay = routeResponseSelectionExpression !== undefined;
  if (isTwoWay && routeResponseSelectionExpression !== '$default') {
    throw service.fail([...path, 'routeResponseSelectionExpression'], 'must be $default');
  }
  return {
    ...(known && {
      [logicalIds.authorizer(known.name)]: make('Authorizer', {
        ApiId,
        Name: known.name,
        AuthorizerType: 'REQUEST',
        AuthorizerUri: invocationUri(known.arn),
        IdentitySource: known.identitySource,
      }),
    }),
    [logicalIds.route(route)]: make('Route', {
      ApiId,
      RouteKey: route,
      AuthorizationType: known ? 'CUSTOM' : 'NONE',
      Target: { 'Fn::Join': ['/', ['integrations', { Ref: logicalIds.integration(key) }]] },
      ...(isTwoWay && { RouteResponseSelectionExpression: '$default' }),
      ...(known && { AuthorizerId: { Ref: logicalIds.authorizer(known.name) } }),
    }),
    ...(isTwoWay && {
      [logicalIds.routeResponse(route)]: make('RouteResponse', {
        ApiId,
        RouteId: { Ref: logicalIds.route(route) },
        RouteResponseKey: '$default',
      }),
    }),
  };
}

interface KnownAuthorizer {
  readonly name: string;
  readonly arn: unknown;
  readonly identitySource: readonly unknown[];
}

const IDENTITY_SOURCE = ['route.request.header.Auth'];

/** The key of a function, an ARN, or a mapping with one of them. */
function readAuthorizer(
  service: Service,
  written: unknown,
  path: readonly (string | number)[],
): KnownAuthorizer {
  const settings: Dictionary<unknown> = isObject(written) ? written : {};
  const sources = own(settings, 'identitySource') ?? IDENTITY_SOURCE;
  const identitySource = Array.isArray(sources) ? sources : [sources];
  const arn = isArn(written) ? written : own(settings, 'arn');
  if (arn !== undefined) {
    const last = textOf(arn)?.split(':').at(-1);
    const name = textOf(own(settings, 'name')) ?? last ?? 'authorizer';
    return { name, arn, identitySource };
  }
  const key = textOf(isObject(written) ? own(settings, 'name') : written);
  const keys = service.functions.map((one) => one.key);
  if (key !== undefined && keys.includes(key)) {
    const function_ = { 'Fn::GetAtt': [logicalIds.function(key), 'Arn'] };
    return { name: key, arn: function_, identitySource };
  }
  if (key === undefined) throw service.fail(path, 'must be the name of a function, or an ARN');
  throw service.fail(path, `there is no function ${key}${didYouMean(key, keys)}`);
}

function isArn(value: unknown): boolean {
  if (typeof value === 'string') return value.startsWith('arn:');
  if (!isObject(value)) return false;
  return Object.keys(value).some((key) => key === 'Ref' || key.startsWith('Fn::'));
}

function invocationUri(arn: unknown): unknown {
  const parts = [
    'arn:',
    { Ref: 'AWS::Partition' },
    ':apigateway:',
    { Ref: 'AWS::Region' },
    ':lambda:path/2015-03-31/functions/',
    arn,
    '/invocations',
  ];
  return { 'Fn::Join': ['', parts] };
}

function make(type: string, properties: Dictionary<unknown>): Dictionary<unknown> {
  return { Type: `AWS::ApiGatewayV2::${type}`, Properties: properties };
}

/** Where the resources of a service come from. */
export function originsOf(service: Service): Dictionary<Path> {
  const paths: [string, Path][] = [
    [logicalIds.api, ['provider']],
    [logicalIds.stage, ['provider']],
    [logicalIds.deployment, ['provider']],
  ];
  for (const { key, path, events } of service.functions) {
    paths.push([logicalIds.function(key), path], [logicalIds.integration(key), path]);
    for (const event of events) {
      paths.push([logicalIds.route(event.route), event.path]);
      paths.push([logicalIds.routeResponse(event.route), event.path]);
    }
  }
  return Object.fromEntries(paths);
}
