/** A `serverless.yml` whose variables are worked out, as far as WebSocket APIs and functions need it. */
import { isObject } from '../../resources/read-fields.ts';
import { type Dictionary, own } from '../../resources/record.ts';
import { textOf } from '../cloudformation/intrinsic.ts';
import { problemAt, type Template } from '../cloudformation/template.ts';
import type { Path } from '../problem.ts';

export interface Service {
  readonly name: string;
  readonly stage: string;
  readonly provider: Dictionary<unknown>;
  readonly functions: readonly ServiceFunction[];
  fail(path: Path, message: string): Error;
}

export interface ServiceFunction {
  /** Its key in the file. */
  readonly key: string;
  readonly path: Path;
  readonly properties: Dictionary<unknown>;
  readonly events: readonly WebSocketEvent[];
  /** Kinds of the events that nothing here serves. */
  readonly otherEvents: readonly string[];
}

export interface WebSocketEvent {
  readonly route: string;
  readonly path: Path;
  readonly routeResponseSelectionExpression?: unknown;
  readonly authorizer?: unknown;
}

export function readService(source: Template, stage: string): Service {
  const { document } = source;
  const fail = (path: Path, message: string) => problemAt(source, path, message);
  const provider = own(document, 'provider');
  const service = own(document, 'service');
  const name = isObject(service) ? textOf(own(service, 'name')) : textOf(service);
  if (name === undefined) throw fail(['service'], 'missing: expected the name of the service');
  if (!/^[a-zA-Z][0-9a-zA-Z-]*$/.test(name)) {
    throw fail(['service'], 'must start with a letter, and be letters, digits and -');
  }
  const known = isObject(provider) ? provider : {};
  if (provider !== undefined && !isObject(provider) && provider !== 'aws') {
    throw fail(['provider'], 'must be a mapping');
  }
  const provided = textOf(own(known, 'name')) ?? 'aws';
  if (provided !== 'aws')
    throw fail(['provider', 'name'], `${provided} is not supported: only aws is`);
  return { name, stage, provider: known, functions: readFunctions(document, fail), fail };
}

type Fail = Service['fail'];

/** A mapping, or a list of mappings as several files give it. */
function readFunctions(document: Dictionary<unknown>, fail: Fail): ServiceFunction[] {
  const written = own(document, 'functions') ?? {};
  const parts: readonly (readonly [unknown, Path])[] = Array.isArray(written)
    ? written.map((part, index) => [part, ['functions', index]] as const)
    : [[written, ['functions']]];
  return parts.flatMap(([part, path]) => {
    if (part === null) return [];
    if (!isObject(part)) throw fail(path, 'must be a mapping of functions');
    return Object.entries(part).flatMap(([key, properties]) =>
      properties === null ? [] : [readFunction(key, properties, [...path, key], fail)],
    );
  });
}

function readFunction(key: string, properties: unknown, path: Path, fail: Fail): ServiceFunction {
  if (!isObject(properties)) throw fail(path, 'must be a mapping');
  if (!/^[a-zA-Z0-9-_]+$/.test(key)) throw fail(path, 'a name is letters, digits, - and _');
  const written = own(properties, 'events') ?? [];
  if (!Array.isArray(written)) throw fail([...path, 'events'], 'must be a list');
  const events: WebSocketEvent[] = [];
  const others = new Set<string>();
  for (const [index, event] of written.entries()) {
    const at = [...path, 'events', index];
    if (!isObject(event)) throw fail(at, 'must be a mapping such as { websocket: $connect }');
    if (Object.hasOwn(event, 'websocket')) {
      events.push(readEvent(event.websocket, [...at, 'websocket'], fail));
    } else for (const kind of Object.keys(event)) others.add(kind);
  }
  return { key, path, properties, events, otherEvents: [...others] };
}

const EVENT_KEYS = ['route', 'routeResponseSelectionExpression', 'authorizer'];

function readEvent(written: unknown, path: Path, fail: Fail): WebSocketEvent {
  if (typeof written === 'string') return { route: written, path };
  if (!isObject(written)) throw fail(path, 'must be a route key, or a mapping with route');
  const unknown = Object.keys(written).find((key) => !EVENT_KEYS.includes(key));
  if (unknown !== undefined) throw fail([...path, unknown], 'unknown key');
  const { route, routeResponseSelectionExpression, authorizer } = written;
  if (typeof route !== 'string') throw fail(path, 'route is missing');
  if (authorizer !== undefined && route !== '$connect') {
    throw fail([...path, 'authorizer'], 'only the route $connect can have an authorizer');
  }
  return {
    route,
    path,
    ...(routeResponseSelectionExpression !== undefined && { routeResponseSelectionExpression }),
    ...(authorizer !== undefined && { authorizer }),
  };
}
