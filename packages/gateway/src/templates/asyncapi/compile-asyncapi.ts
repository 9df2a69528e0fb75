/**
 * An AsyncAPI 3.0 document as a CloudFormation template: channels that clients send to become routes. What
 * AsyncAPI has no words for stands in members named `x-postern`, written as in `postern.yaml`.
 */
import { isObject } from '../../resources/read-fields.ts';
import { type Dictionary, own } from '../../resources/record.ts';
import { problemAt, type Template } from '../cloudformation/template.ts';
import { compileApis } from '../compile-postern-file.ts';
import { posternApi } from '../postern-file.ts';
import { type ApiEntry, posternShape } from '../postern-yaml.ts';
import { type Path, problemsOf, strict } from '../problem.ts';
import { TemplateError } from '../source/template-error.ts';
import { assertOperations, type Operation, operationsOn } from './operations.ts';
import { dereference } from './reference.ts';

export interface CompiledAsyncApi {
  readonly template: Template;
  readonly stackName: string;
  readonly notes: readonly string[];
}

/** Throws `TemplateError`. `fallbackName`: of the stack, where the document's title makes none. */
export function compileAsyncApi(source: Template, fallbackName: string): CompiledAsyncApi {
  const { document } = source;
  const version = own(document, 'asyncapi');
  if (typeof version !== 'string' || !version.startsWith('3.')) {
    const written = typeof version === 'string' ? version : JSON.stringify(version);
    throw problemAt(source, ['asyncapi'], `version ${written} is not supported: only 3.0 is`);
  }
  const settings = extensionOf(source, document, []);
  const { backend, name = titleOf(document), ...rest } = settings;
  const { routes, notes } = routesOf(source, typeof backend === 'string' ? backend : undefined);
  if (Object.keys(routes).length === 0) {
    throw problemAt(
      source,
      ['channels'],
      'no channel names a backend: give a channel x-postern: http://…, or the document ' +
        'x-postern: { backend: http://… }',
    );
  }
  const stage = stageOf(document);
  const isStaged = 'stages' in rest || 'stage' in rest;
  const entry = { ...(stage !== undefined && !isStaged && { stage }), ...rest, routes };
  const api = readEntry(source, String(name), entry);
  const template = compileApis([api], source, (path) => originOf(source, path));
  return { template, stackName: fallbackName, notes };
}

/** Held to the schema of `postern.yaml`; problems lead to the member `x-postern` they are about. */
function readEntry(source: Template, name: string, entry: Dictionary<unknown>) {
  const result = strict({ apis: posternShape.apis }).safeParse({ apis: { [name]: entry } });
  if (result.success) return posternApi(name, result.data.apis![name] as ApiEntry);
  const problems = problemsOf(result.error, { apis: { [name]: entry } });
  throw new TemplateError(
    problems.map(({ path, message }) => {
      const at = originOf(source, path);
      return { message, path: at, place: source.places.at(source.document, at) };
    }),
  );
}

/** `apis.chat.routes.send.url` of a `postern.yaml` is `channels.sending.x-postern.url` here. */
function originOf(source: Template, path: Path): Path {
  const [, , first, routeKey, ...below] = path;
  const channel = first === 'routes' ? channelOf(source, String(routeKey)) : undefined;
  if (channel === undefined) return ['x-postern', ...path.slice(2)];
  return below.length > 0 ? ['channels', channel, 'x-postern', ...below] : ['channels', channel];
}

interface Routes {
  readonly routes: Dictionary<unknown>;
  readonly notes: readonly string[];
}

/** Route key → its form in `postern.yaml`. Channels without a backend are only described. */
function routesOf(source: Template, backend: string | undefined): Routes {
  const routes: Record<string, unknown> = {};
  const notes: string[] = [];
  const owners = new Map<string, string>();
  const channels = channelsOf(source);
  assertOperations(source, Object.keys(channels));
  for (const [id, channel] of Object.entries(channels)) {
    const path = ['channels', id];
    const address = own(channel, 'address') ?? id;
    if (typeof address !== 'string') throw problemAt(source, [...path, 'address'], 'must be text');
    const operations = operationsOn(source, id);
    const form = formOf(source, channel, path, operations, backend, address);
    if (form === undefined || address.startsWith('@connections/')) continue;
    if (own(channel, 'parameters') !== undefined) {
      notes.push(`channels.${id}: ${address} stands for any route key, and makes no route`);
      continue;
    }
    const other = owners.get(address);
    if (other !== undefined) {
      throw problemAt(source, [...path, 'address'], `channels.${other} has ${address} too`);
    }
    owners.set(address, id);
    routes[address] = form;
  }
  return { routes, notes };
}

/** What `x-postern` of the channel, or of an operation on it, says; else the document's backend. */
function formOf(
  source: Template,
  channel: Dictionary<unknown>,
  path: Path,
  operations: readonly Operation[],
  backend: string | undefined,
  address: string,
): unknown {
  const received = operations.filter(({ value }) => own(value, 'action') === 'receive');
  const written = [
    own(channel, 'x-postern'),
    ...received.map(({ value }) => own(value, 'x-postern')),
    ...received.map(({ value }) => bindingOf(value)),
  ].find((each) => each !== undefined);
  const isReceived = received.length > 0 || operations.length === 0;
  const isTwoWay = received.some(({ value }) => own(value, 'reply') !== undefined);
  const base = backend?.replace(/\/+$/, '');
  const fallback = base === undefined || !isReceived ? undefined : `${base}/ws/${pathOf(address)}`;
  const form = written ?? fallback;
  if (form === undefined) return undefined;
  const isForm = typeof form === 'string' || isObject(form);
  if (!isForm)
    throw problemAt(source, [...path, 'x-postern'], 'must be a URL, or as in postern.yaml');
  if (!isTwoWay) return form;
  return typeof form === 'string' ? { url: form, twoWay: true } : withTwoWay(form);
}

/** A form that says it all itself also says how it answers. */
function withTwoWay(form: Dictionary<unknown>): Dictionary<unknown> {
  const says = ['twoWay', 'response', 'routeResponseSelectionExpression', 'integration'];
  return says.some((key) => Object.hasOwn(form, key)) ? form : { ...form, twoWay: true };
}

/** A binding of the protocol `http` that names a URL: `bindings: { http: { x-url: … } }`. */
function bindingOf(operation: Dictionary<unknown>): unknown {
  const bindings = own(operation, 'bindings');
  if (!isObject(bindings)) return undefined;
  const written = own(bindings, 'x-postern');
  if (written !== undefined) return written;
  const http = own(bindings, 'http');
  if (!isObject(http) || typeof http['x-url'] !== 'string') return undefined;
  return { url: http['x-url'], ...(typeof http.method === 'string' && { method: http.method }) };
}

/** `$connect` → `connect`, `$default` → `message`: the paths of the guide. */
function pathOf(address: string): string {
  return address === '$default' ? 'message' : encodeURIComponent(address.replace(/^\$/, ''));
}

function channelsOf(source: Template): Dictionary<Dictionary<unknown>> {
  const channels = own(source.document, 'channels') ?? {};
  if (!isObject(channels)) throw problemAt(source, ['channels'], 'must be a mapping');
  return Object.fromEntries(
    Object.entries(channels).map(([id, channel]) => {
      const value = dereference(source, channel, ['channels', id]);
      if (!isObject(value)) throw problemAt(source, ['channels', id], 'must be a mapping');
      return [id, value];
    }),
  );
}

function channelOf(source: Template, address: string): string | undefined {
  const channels = Object.entries(channelsOf(source));
  return channels.find(([id, channel]) => (own(channel, 'address') ?? id) === address)?.[0];
}

function extensionOf(
  source: Template,
  holder: Dictionary<unknown>,
  path: Path,
): Dictionary<unknown> {
  const written = own(holder, 'x-postern') ?? {};
  if (isObject(written)) return written;
  throw problemAt(source, [...path, 'x-postern'], 'must be a mapping');
}

function titleOf(document: Dictionary<unknown>): string {
  const info = own(document, 'info');
  const title = isObject(info) ? own(info, 'title') : undefined;
  return typeof title === 'string' && title !== '' ? title.slice(0, 128) : 'api';
}

/** The stage a web socket server's path says: `/prod`, or the default of its variable `stage`. */
function stageOf(document: Dictionary<unknown>): string | undefined {
  const servers = own(document, 'servers');
  for (const server of isObject(servers) ? Object.values(servers) : []) {
    if (!isObject(server) || !/^wss?$/.test(String(server.protocol))) continue;
    const path = String(server.pathname ?? '');
    const variable = isObject(server.variables) ? own(server.variables, 'stage') : undefined;
    if (path === '/{stage}' && isObject(variable) && typeof variable.default === 'string') {
      return variable.default;
    }
    const named = /^\/(?:[a-z0-9]+\/)?([A-Za-z0-9_-]+)$/.exec(path)?.[1];
    if (named !== undefined) return named;
  }
  return undefined;
}
