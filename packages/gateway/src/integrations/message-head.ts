/**
 * The heads of an integration's requests for messages. From one to the next they differ in few places:
 * the rest is text that is made once, by those who make every other request's head, from marks where the
 * places are.
 */
import { isRequestPath, RequestError, requestHead } from '../backends/http/request-head.ts';
import { HeaderList, headerValue, InvalidHeaderError } from '../events/header-list.ts';
import type { ParameterMapping } from '../mapping/parameter-mapping.ts';
import type { HttpIntegration, HttpProxyIntegration } from '../resources/compiled-integration.ts';
import { contentType, gatewayHeaders, requestPath } from './http-call.ts';
import type { IntegrationEvent } from './integration.ts';

type Integration = HttpProxyIntegration | HttpIntegration;

/** What is different in each head. */
interface Place {
  /** As it stands in the text that is made once; nothing else may look like it. */
  readonly mark: string;
  fill(event: IntegrationEvent): string;
}

export class MessageHead {
  /** What stands before each place, and behind the last. */
  readonly #texts: readonly string[];
  readonly #places: readonly Place[];

  constructor(texts: readonly string[], places: readonly Place[]) {
    this.#texts = texts;
    this.#places = places;
  }

  /**
   * Of a message with a body of so many bytes. Throws as mappings do, and `InvalidHeaderError` for a
   * mapped value that would end its line.
   */
  write(event: IntegrationEvent, bodyBytes: number): string {
    const texts = this.#texts;
    const places = this.#places;
    let head = '';
    for (let at = 0; at < places.length; at += 1) head += texts[at]! + places[at]!.fill(event);
    return `${head}${texts[places.length]}${bodyBytes}\r\n\r\n`;
  }
}

const known = new WeakMap<Integration, MessageHead | 'none'>();

/** `undefined` where the places cannot be told beforehand: two headers may become one. */
export function messageHead(
  integration: Integration,
  event: IntegrationEvent,
): MessageHead | undefined {
  let head = known.get(integration);
  if (head === undefined) {
    head = createOr('none', integration, event);
    known.set(integration, head);
  }
  return head === 'none' ? undefined : head;
}

/** What marks begin with. Integrations that say it themselves have their heads made one by one. */
const MARK = 'postern-mark-';
const TYPE = `${MARK}type`;
const ADDRESS = `${MARK}address`;
const TRACE = `${MARK}trace`;
const PATH = `/${MARK}path`;

/** A request that can be written for no message is refused where it is written for one. */
function createOr<Other>(other: Other, integration: Integration, event: IntegrationEvent) {
  try {
    return create(integration, event) ?? other;
  } catch (error) {
    if (error instanceof RequestError || error instanceof InvalidHeaderError) return other;
    throw error;
  }
}

function create(integration: Integration, event: IntegrationEvent): MessageHead | undefined {
  const { apiId, connectionId } = event.scope.connection;
  const connection = { apiId, connectionId, identity: { sourceIp: ADDRESS } };
  const headers = new HeaderList();
  headers.setDefault('Content-Type', TYPE);
  gatewayHeaders(headers, { scope: { connection }, traceId: TRACE });
  const places: Place[] = [
    { mark: TYPE, fill: ({ scope }) => contentType(scope) },
    { mark: ADDRESS, fill: ({ scope }) => scope.connection.identity.sourceIp },
    { mark: TRACE, fill: ({ traceId }) => traceId },
  ];
  const varying = new Set<string>();
  for (const mapping of integration.parameters) {
    const { destination, name, fixed } = mapping;
    if (destination !== 'header') continue;
    const key = name.toLowerCase();
    const isTaken = varying.has(key) || key === 'host' || headers.get(name) !== undefined;
    if (isTaken && (!fixed || varying.has(key))) return undefined;
    if (!fixed) {
      varying.add(key);
      const value = `${MARK}${varying.size}.`;
      headers.set(name, value);
      places.push(
        mapping.isConnectionId
          ? { mark: value, fill: ({ scope }) => scope.connection.connectionId }
          : { mark: `${name}: ${value}\r\n`, fill: (its) => headerLine(mapping, its) },
      );
    } else if (fixed.length > 0) {
      const value = fixed.join(',');
      if (value.includes(MARK)) return undefined;
      headers.set(name, value);
    }
  }
  const path = integration.uri.path();
  const hasOwnPath = integration.parameters.some(({ destination }) => destination !== 'header');
  if (hasOwnPath) places.unshift({ mark: ` ${PATH} `, fill: (its) => pathOf(integration, its) });
  if (path.includes(MARK)) return undefined;
  const { method, uri } = integration;
  const { host } = new URL(uri.origin);
  const asked = { method, path: hasOwnPath ? PATH : path, headers: headers.flat(), host };
  const head = requestHead({ ...asked, bodyBytes: 0 });
  return split(head.slice(0, head.lastIndexOf('0')), places);
}

function split(text: string, places: readonly Place[]): MessageHead {
  const found = places
    .map((place) => ({ place, at: text.indexOf(place.mark) }))
    // A mapped header has taken the place of one of the gateway's own.
    .filter(({ at }) => at >= 0)
    .sort((one, other) => one.at - other.at);
  const ends = found.map(({ place, at }) => at + place.mark.length);
  const texts = found.map(({ at }, index) => text.slice(ends[index - 1] ?? 0, at));
  texts.push(text.slice(ends.at(-1) ?? 0));
  return new MessageHead(
    texts,
    found.map(({ place }) => place),
  );
}

/** A value that is missing or empty is not sent. */
function headerLine(mapping: ParameterMapping, { scope }: IntegrationEvent): string {
  const { name } = mapping;
  const values = mapping.read(scope);
  if (values.length === 0) return '';
  const value = values.length === 1 ? values[0]! : values.join(',');
  return `${name}: ${headerValue(name, value)}\r\n`;
}

function pathOf(integration: Integration, event: IntegrationEvent): string {
  const path = requestPath(integration, event);
  if (!isRequestPath(path)) throw new RequestError('invalid request line');
  return ` ${path} `;
}
