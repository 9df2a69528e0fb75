/**
 * `requestParameters` of an integration: where a value comes from and where in the backend request it
 * goes (developer guide, "Setting up data mapping for WebSocket APIs"). Parsed once per deployment.
 */
import { memberLook } from './json-look.ts';
import { compileJsonPath, type JsonPath } from './json-path/json-path.ts';
import { contextVariables, type EventScope } from './scope.ts';
import { readPath } from './selection-expression.ts';
import { stringify } from './stringify.ts';

export type Destination = 'header' | 'querystring' | 'path';

export interface ParameterMapping {
  readonly destination: Destination;
  readonly name: string;
  /** The values to send; none when the source is missing or empty. May throw `BodyNotJsonError`. */
  read(scope: EventScope): readonly string[];
  /** The values where they are the same for every event. */
  readonly fixed: readonly string[] | undefined;
  /** It is the connectionId: always there, and of characters that may stand anywhere. */
  readonly isConnectionId: boolean;
}

export class ParameterMappingError extends Error {}

/** A value of the message is asked for, and the message looks like JSON and is none. */
export class BodyNotJsonError extends Error {}

const DESTINATION = /^integration\.request\.(header|querystring|path)\.([A-Za-z0-9._$-]+)$/;
const NOTHING: readonly string[] = [];
/** Other text is not read as JSON at all, and has nothing to be found in it. */
const BEGINS_LIKE_JSON = /^[{["']/;

/** Headers that belong to the connection or to the gateway: mapping one is a configuration error. */
const RESERVED_HEADERS = new Set([
  'connection',
  'content-length',
  'content-md5',
  'expect',
  'max-forwards',
  'proxy-authenticate',
  'server',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'www-authenticate',
  'x-amzn-apigateway-api-id',
  'x-amzn-trace-id',
]);

/** Throws `ParameterMappingError` with a sentence naming the entry that cannot be used. */
export function compileParameterMappings(
  requestParameters: Readonly<Record<string, string>>,
  /** Lower-case names of further headers that cannot be mapped. */
  reserved: readonly string[] = [],
): ParameterMapping[] {
  return Object.entries(requestParameters).map(([text, source]) => {
    const match = DESTINATION.exec(text);
    if (!match) throw new ParameterMappingError(`"${text}" is not a request parameter`);
    const destination = match[1] as Destination;
    const name = match[2]!;
    const key = name.toLowerCase();
    if (destination === 'header' && (RESERVED_HEADERS.has(key) || reserved.includes(key))) {
      throw new ParameterMappingError(`the header "${name}" cannot be mapped`);
    }
    const fixed = literal(source);
    const read = fixed ? () => fixed : compileSource(source);
    return { destination, name, fixed, read, isConnectionId: source === 'context.connectionId' };
  });
}

function literal(source: string): readonly string[] | undefined {
  const isQuoted = source.startsWith("'") && source.endsWith("'") && source.length >= 2;
  return isQuoted ? present(source.slice(1, -1)) : undefined;
}

function compileSource(source: string): ParameterMapping['read'] {
  // `method.request` is the REST spelling; the service model of WebSocket APIs still mentions it.
  const path = source.replace(/^method\.request\./, 'route.request.');
  const [, kind, rest] = /^([a-zA-Z]+(?:\.request\.[a-z]+)?)(?:\.(.+))?$/.exec(path) ?? [];
  const known = kind !== undefined && Object.hasOwn(readers, kind) ? readers[kind] : undefined;
  const reader = known?.(rest);
  if (!reader) throw new ParameterMappingError(`"${source}" is not a mapping expression`);
  return reader;
}

/** One reader per kind of source; `undefined` when the kind needs a name and has none. */
const readers: Record<string, (name?: string) => ParameterMapping['read'] | undefined> = {
  context: (name) => {
    if (name === undefined) return undefined;
    // What nearly every mapping asks for needs no whole context.
    if (name === 'connectionId') return ({ connection }) => [connection.connectionId];
    const names = name.split('.');
    if (isOfConnection(names)) {
      return ({ connection }) => present(stringify(readPath(connection, names)));
    }
    return (scope) => present(stringify(readPath(contextVariables(scope), names)));
  },
  stageVariables: (name) =>
    name === undefined
      ? undefined
      : (scope) => present(stringify(readPath(scope.stageVariables, [name]))),
  'route.request.header': (name) => last('headers', name),
  'route.request.querystring': (name) => last('query', name),
  'route.request.multivalueheader': (name) =>
    name === undefined
      ? undefined
      : (scope) => present(scope.handshake?.headers.get(name)?.join(',') ?? ''),
  'route.request.multivaluequerystring': (name) =>
    name === undefined ? undefined : (scope) => scope.handshake?.query.get(name) ?? NOTHING,
  'route.request.body': (name) => {
    if (name === undefined) return (scope) => present(scope.body.text);
    const path = bodyPath(name.startsWith('$') ? name : `$.${name}`);
    const look = memberLook(path);
    return ({ body }) => {
      const found = look && body.find(look);
      if (found !== undefined) return present(found);
      if (body.isJson) return present(stringify(path.read(body.json)));
      if (BEGINS_LIKE_JSON.test(body.text)) throw new BodyNotJsonError();
      return NOTHING;
    };
  },
};

/** Whether the connection says it of all its events: no context is made for that. */
function isOfConnection([first, second]: readonly string[]): boolean {
  // How long the authorizer took is told to `$connect` alone.
  return (
    first === 'identity' ||
    (first === 'authorizer' && second !== undefined && second !== 'integrationLatency')
  );
}

/** Of a repeated header or query parameter the last value counts. */
function last(part: 'headers' | 'query', name?: string): ParameterMapping['read'] | undefined {
  if (name === undefined) return undefined;
  return (scope) => present(scope.handshake?.[part].get(name)?.at(-1) ?? '');
}

function present(value: string): readonly string[] {
  return value === '' ? NOTHING : [value];
}

function bodyPath(text: string): JsonPath {
  try {
    return compileJsonPath(text);
  } catch (error) {
    throw new ParameterMappingError(`"${text}": ${(error as Error).message}`);
  }
}
