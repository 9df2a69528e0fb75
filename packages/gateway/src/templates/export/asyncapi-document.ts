/**
 * An API as an AsyncAPI 3.0 document: the stage as a server, routes as channels and operations, models as
 * messages, who may connect as security, and `@connections` beside them. Shaped like the description of
 * Amazon's own WebSocket APIs. What AsyncAPI has no words for stands in members named `x-postern`, by
 * which `postern deploy` makes the same API of it.
 */
import type { ApiDocument } from '../../resources/api-document.ts';
import { schemaOf } from '../../resources/model.ts';
import { type Dictionary, own } from '../../resources/record.ts';
import type { Route } from '../../resources/route.ts';
import { readExtensions, type StageExtensions } from '../../resources/stage-extensions.ts';
import { apiKeyScheme, managementParts, securitySchemes, stageSchemes } from './asyncapi-parts.ts';
import { posternEntry } from './postern-entry.ts';

export interface AsyncApiOptions {
  /** Where the API's stages are, such as `ws://127.0.0.1:4080/a1b2c3d4e5`. */
  readonly endpoint: string;
  /** Of the one stage, where it is not the endpoint's path and the stage's name. */
  readonly stagePath?: string;
  /** Whether backends and settings are told: for those who may read them. */
  readonly hasBackends: boolean;
}

type Values = Dictionary<unknown>;

export function asyncApiDocument(document: ApiDocument, options: AsyncApiOptions): Values {
  const { api, routes } = document;
  const { routes: forms, ...settings } = posternEntry(document);
  const channels: Record<string, unknown> = {};
  const operations: Record<string, unknown> = {};
  const messages = messagesOf(document);
  for (const route of Object.values(routes)) {
    const id = freshKey(channelId(route.routeKey), channels);
    const form = own(forms as Values, route.routeKey);
    channels[id] = channelOf(route, messages, options.hasBackends ? form : undefined);
    operations[freshKey(`on${id.slice(0, 1).toUpperCase()}${id.slice(1)}`, operations)] =
      operationOf(document, route, id);
  }
  const management = managementParts();
  return {
    asyncapi: '3.0.0',
    info: {
      title: api.name,
      version: api.version ?? '1.0.0',
      ...(api.description !== undefined && { description: api.description }),
    },
    ...(options.hasBackends && { 'x-postern': { name: api.name, ...settings } }),
    defaultContentType: 'application/json',
    servers: serversOf(document, options),
    channels: { ...channels, ...management.channels },
    operations: { ...operations, ...management.operations },
    components: {
      messages: { ...messages.components, ...management.messages },
      schemas: management.schemas,
      securitySchemes: securitySchemes(document),
    },
  };
}

function serversOf(document: ApiDocument, { endpoint, stagePath }: AsyncApiOptions): Values {
  const { protocol, host, pathname } = new URL(endpoint);
  const isSecure = protocol === 'wss:' || protocol === 'https:';
  const servers: Record<string, unknown> = {};
  for (const [stage, { tags }] of Object.entries(document.stages)) {
    const security = connectSecurity(document, readExtensions(tags));
    const path = stagePath ?? `${pathname.replace(/\/$/, '')}/${stage}`;
    const key = stage.replace(/[^\w-]/g, '');
    servers[key] = {
      host,
      pathname: path,
      protocol: isSecure ? 'wss' : 'ws',
      description: `The stage ${stage}: where clients connect.`,
      ...(security.length > 0 && { security }),
    };
    servers[`${key}-management`] = {
      host,
      pathname: path,
      protocol: isSecure ? 'https' : 'http',
      description: `The stage ${stage}: where backends push, by any AWS SDK (endpoint_url).`,
      security: [{ $ref: '#/components/securitySchemes/iamAuth' }],
    };
  }
  return servers;
}

/** What `$connect` asks for. */
function connectSecurity({ routes }: ApiDocument, extensions: StageExtensions): Values[] {
  const connect = Object.values(routes).find(({ routeKey }) => routeKey === '$connect');
  const names = [
    ...(connect?.authorizationType === 'AWS_IAM' ? ['iamAuth'] : []),
    ...(connect?.authorizationType === 'CUSTOM' ? ['lambdaAuthorizer'] : []),
    ...(connect?.apiKeyRequired ? [apiKeyScheme] : []),
    ...Object.keys(stageSchemes(extensions)),
  ];
  return names.map((name) => ({ $ref: `#/components/securitySchemes/${name}` }));
}

interface Messages {
  readonly components: Values;
  /** Model name → key under `components.messages`. */
  readonly keys: ReadonlyMap<string, string>;
}

function messagesOf({ models }: ApiDocument): Messages {
  const entries = Object.values(models).map((model) => {
    const { name, contentType, description } = model;
    const schema = schemaOf(model) ?? {};
    return [
      name,
      {
        name,
        contentType,
        ...(description !== undefined && { summary: description }),
        payload: { schemaFormat: 'application/schema+json;version=draft-04', schema },
      },
    ] as const;
  });
  return {
    components: Object.fromEntries(entries),
    keys: new Map(entries.map(([name]) => [name, name])),
  };
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  $connect: 'A client connects. The connection is made only if the backend agrees.',
  $disconnect: 'A client has gone.',
  $default: 'Every message that no other route is for.',
};

function channelOf({ routeKey, requestModels = {} }: Route, messages: Messages, form: unknown) {
  const named = [...new Set(Object.values(requestModels))].filter((name) =>
    messages.keys.has(name),
  );
  const references = named.map(
    (name) => [name, { $ref: `#/components/messages/${name}` }] as const,
  );
  const any = [['any', { $ref: '#/components/messages/AnyMessage' }] as const];
  return {
    address: routeKey,
    description: DESCRIPTIONS[routeKey] ?? `Messages whose route key is ${routeKey}.`,
    messages: Object.fromEntries(references.length > 0 ? references : any),
    ...(form !== undefined && { 'x-postern': form }),
  };
}

function operationOf(document: ApiDocument, route: Route, channel: string): Values {
  const reference = { $ref: `#/channels/${channel}` };
  const response = Object.values(document.routeResponses).find(
    ({ routeId }) => routeId === route.routeId,
  );
  const isTwoWay = response !== undefined && route.routeResponseSelectionExpression !== undefined;
  return {
    action: 'receive',
    channel: reference,
    ...(route.operationName !== undefined && { title: route.operationName }),
    ...(isTwoWay && { reply: { channel: reference } }),
  };
}

/** `$connect` → `connect`, `send message` → `sendMessage`: a key that `$ref` can name. */
function channelId(routeKey: string): string {
  const words = routeKey
    .replace(/^\$/, '')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean);
  const [first = 'route', ...rest] = words;
  return first + rest.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
}

function freshKey(key: string, taken: Values): string {
  let fresh = key;
  for (let count = 2; Object.hasOwn(taken, fresh); count++) fresh = `${key}${count}`;
  return fresh;
}
