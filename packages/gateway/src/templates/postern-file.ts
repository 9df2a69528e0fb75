import { createHash } from 'node:crypto';
import { shortId } from '../ambient/ids.ts';
import type { Random } from '../ambient/random.ts';
import type { FunctionSpec } from '../backends/lambda/function-spec.ts';
import { type Dictionary, drop } from '../resources/record.ts';
import { limits } from '../wire/limits.ts';
import { functionsByName } from './functions-yaml.ts';
import type { ApiEntry, PosternEntries, RouteEntry } from './postern-yaml.ts';
import type { Secret } from './users-yaml.ts';

/** `postern.yaml` as the gateway uses it: defaults filled in, short forms written out. */
export interface PosternFile {
  readonly apis: readonly PosternApi[];
  readonly users: readonly PosternUser[];
  /** By name. A relative folder of code begins at the file's own. */
  readonly functions: Readonly<Record<string, FunctionSpec>>;
  /** Endpoints of AWS services by name. */
  readonly services: Readonly<Record<string, string>>;
}

/** What holds without a file. */
export const emptyPosternFile: PosternFile = { apis: [], users: [], functions: {}, services: {} };

export interface PosternApi {
  /** The key under `apis`, and the API's name. */
  readonly name: string;
  readonly id: string;
  readonly stage: string;
  readonly routeSelectionExpression: string;
  readonly stageVariables: Readonly<Record<string, string>>;
  /** Where the stage differs from AWS: setting → value, as the text of a tag. */
  readonly settings: Readonly<Record<string, string>>;
  readonly routes: readonly PosternRoute[];
  /** What the file says beyond that; absent where it says nothing. */
  readonly more?: MoreOfApi;
}

/** Fields of the wire, under its names. */
export interface MoreOfApi {
  readonly fields: Dictionary<unknown>;
  readonly models: Dictionary<Dictionary<unknown>>;
  readonly authorizers: Dictionary<Dictionary<unknown>>;
  /** Each with its responses under `responses`. */
  readonly integrations: Dictionary<Dictionary<unknown>>;
  /** In place of `stage`, `stageVariables` and `settings`. */
  readonly stages?: Dictionary<Dictionary<unknown>>;
}

export interface MoreOfRoute {
  readonly fields: Dictionary<unknown>;
  /** Fields of one of its own, or the name of one of the API's; `null` for none at all. */
  readonly integration?: Dictionary<unknown> | string | null;
  readonly authorizer?: string;
  readonly response?: Dictionary<unknown>;
}

export interface PosternRoute {
  readonly routeKey: string;
  readonly type: 'HTTP_PROXY' | 'AWS_PROXY';
  /** URL of the backend, or ARN of the function. */
  readonly uri: string;
  readonly method: string;
  readonly timeoutMillis: number;
  /** Name → mapping expression. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly isTwoWay: boolean;
  /** What the file says beyond that; absent where it says nothing. */
  readonly more?: MoreOfRoute;
}

export interface PosternUser {
  readonly name: string;
  readonly accessKeys: readonly PosternAccessKey[];
  /** Bearer tokens of the console and of whoever operates the gateway; not yet looked up. */
  readonly tokens?: readonly Secret[];
  /** IAM policy documents, checked. */
  readonly policies: readonly unknown[];
}

export interface PosternAccessKey {
  readonly accessKeyId: string;
  /** Not yet looked up: `server/secrets.ts` does, when the gateway starts. */
  readonly secretAccessKey: Secret;
  readonly sessionToken?: Secret;
  readonly enabled: boolean;
  /** ISO 8601. */
  readonly expiration?: string;
}

const API_ID_CHARACTERS = 10;
/** What the guide's section 1.2 asks for on every integration, and forgetting is its pitfall. */
const DEFAULT_HEADERS = { connectionId: 'context.connectionId' };

export function posternFile(entries: PosternEntries): PosternFile {
  const { apis = {}, users = [], functions = {}, services = {} } = entries;
  return {
    apis: Object.entries(apis).map(([name, entry]) => posternApi(name, entry)),
    users: users.map(({ name, accessKeys = [], tokens, policies = [] }) => ({
      name,
      accessKeys: accessKeys.map(({ sessionToken, expiration, enabled = true, ...key }) => ({
        ...key,
        enabled,
        ...(expiration !== undefined && { expiration }),
        ...(sessionToken !== undefined && { sessionToken }),
      })),
      ...(tokens !== undefined && { tokens }),
      policies,
    })),
    functions: functionsByName(functions),
    services,
  };
}

export function posternApi(name: string, entry: ApiEntry): PosternApi {
  const headers = entry.headers ?? DEFAULT_HEADERS;
  return {
    name,
    id: entry.id ?? apiIdOf(name),
    stage: entry.stage ?? 'production',
    routeSelectionExpression: entry.routeSelectionExpression ?? '$request.body.action',
    stageVariables: entry.stageVariables ?? {},
    settings: Object.fromEntries(
      Object.entries(entry.settings ?? {}).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(' ') : String(value),
      ]),
    ),
    routes: Object.entries(entry.routes).map(([key, route]) => posternRoute(key, route, headers)),
    ...moreOfApi(entry),
  };
}

/** The short form of an API. Whatever else stands there is a field of the wire. */
const API_KEYS = [
  'id',
  'stage',
  'routeSelectionExpression',
  'headers',
  'stageVariables',
  'settings',
  'routes',
];
const ROUTE_KEYS = ['url', 'function', 'method', 'timeout', 'headers', 'query', 'twoWay'];

type Named = Dictionary<Dictionary<unknown>>;

function moreOfApi(entry: ApiEntry): { more?: MoreOfApi } {
  const rest = drop(entry as Dictionary<unknown>, (value, key) => {
    return value === undefined || API_KEYS.includes(key);
  });
  if (Object.keys(rest).length === 0) return {};
  const { models = {}, authorizers = {}, integrations = {}, stages, ...fields } = rest;
  const more: MoreOfApi = {
    fields,
    models: models as Named,
    authorizers: authorizers as Named,
    integrations: integrations as Named,
    ...(stages !== undefined && { stages: stages as Named }),
  };
  return { more };
}

function moreOfRoute(entry: RouteEntry): { more?: MoreOfRoute } {
  if (typeof entry === 'string') return {};
  const rest = drop(entry as Dictionary<unknown>, (value, key) => {
    return value === undefined || ROUTE_KEYS.includes(key);
  });
  if (Object.keys(rest).length === 0) return {};
  const { integration, authorizer, response, ...fields } = rest;
  const more = { fields, integration, authorizer, response };
  return { more: drop<unknown>(more, (value) => value === undefined) as unknown as MoreOfRoute };
}

function posternRoute(
  routeKey: string,
  entry: RouteEntry,
  apiHeaders: Readonly<Record<string, string>>,
): PosternRoute {
  const route = typeof entry === 'string' ? { url: entry } : entry;
  const called = route.function === undefined ? undefined : functionArn(route.function);
  return {
    routeKey,
    type: called === undefined ? 'HTTP_PROXY' : 'AWS_PROXY',
    uri: called ?? route.url ?? '',
    method: route.method ?? 'POST',
    timeoutMillis: route.timeout ?? limits.integrationTimeoutMillisMax,
    // A function receives the whole event: there is nothing to map.
    headers: called === undefined ? { ...apiHeaders, ...route.headers } : {},
    query: route.query ?? {},
    isTwoWay: route.twoWay ?? false,
    ...moreOfRoute(entry),
  };
}

/** Functions are called by name, whatever the account and region of the ARN. */
export function functionArn(name: string): string {
  return name.startsWith('arn:') ? name : `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
}

/** Ten characters that are always the same for one name, so that addresses survive a restart. */
export function apiIdOf(name: string): string {
  return shortId(hashStream(name), API_ID_CHARACTERS);
}

function hashStream(seed: string): Random {
  let block = 0;
  return {
    bytes: (length) =>
      createHash('sha256').update(`${block++}:${seed}`).digest().subarray(0, length),
  };
}
