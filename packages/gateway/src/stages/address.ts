/**
 * What a URL names. One listener serves every API, so an address takes one of these forms:
 *
 *     a custom domain name         /{mapping key}, or nothing for the empty key
 *     host {apiId}.execute-api.…   /{stage}
 *     any host                     /{apiId}/{stage}
 *     any host                     /{stage}            where exactly one API has that stage
 *     each of them                 …/@connections/{connectionId}
 */
import type { CompiledStage } from '../resources/compiled-stage.ts';
import type { StageTable } from './stage-table.ts';

export interface Address {
  /** Lower-case, without the port. */
  readonly host: string;
  /** Raw path segments before `@connections`: stage, or apiId and stage. */
  readonly segments: readonly string[];
  /** The apiId that the Host header names. */
  readonly hostApiId?: string | undefined;
  /**
   * Present when the path goes to the management API; raw segments after `@connections`. None: the path ends
   * there. An empty one: with a slash, as a caller writes who has lost the id.
   */
  readonly connection?: readonly string[];
}

export interface NamedStage {
  readonly apiId: string;
  readonly stageName: string;
}

const ENCODED_PADDING = '%3D%3D';
const EXECUTE_API_HOST = /^([a-z0-9]+)\.execute-api\./;

/** What stands before an id is the same in all pushes to one stage: so many are remembered. */
const PLACES_MAX = 1000;
const PLACE_CHARACTERS_MAX = 300;
const places = new Map<string, Address>();

/** Never throws: what cannot be decoded stays as it was sent and then names nothing. */
export function parseAddress(host: string | undefined, rawPath: string): Address {
  const idAt = rawPath.lastIndexOf('/') + 1;
  if (idAt === rawPath.length) return parse(host, rawPath);
  const place = rawPath.slice(0, idAt);
  const key = `${host} ${place}`;
  const known = places.get(key);
  if (known) return withId(known, rawPath.slice(idAt));
  const address = parse(host, rawPath);
  if (address.connection?.length === 1 && key.length <= PLACE_CHARACTERS_MAX) {
    if (places.size >= PLACES_MAX) places.clear();
    places.set(key, address);
  }
  return address;
}

function withId({ host, segments, hostApiId }: Address, id: string): Address {
  return { host, segments, hostApiId, connection: [id] };
}

function parse(host: string | undefined, rawPath: string): Address {
  // One trailing slash is tolerated, as on AWS.
  const raw = rawPath.replace(/^\//, '').replace(/\/$/, '');
  const all = raw === '' ? [] : raw.split('/');
  const name = (host ?? '').toLowerCase().replace(/:\d+$/, '');
  const hostApiId = EXECUTE_API_HOST.exec(name)?.[1];
  const at = all.findIndex((segment) => segment === '@connections' || segment === '%40connections');
  return {
    host: name,
    segments: (at < 0 ? all : withoutTrailingEmpty(all.slice(0, at))).map(decode),
    ...(hostApiId !== undefined && { hostApiId }),
    ...(at >= 0 && { connection: connectionOf(all.slice(at + 1), rawPath) }),
  };
}

function connectionOf(segments: readonly string[], rawPath: string): readonly string[] {
  return segments.length === 0 && rawPath.endsWith('/') ? [''] : segments;
}

/** An SDK whose endpoint ends in a slash sends `/{stage}//@connections/…`. */
function withoutTrailingEmpty(segments: readonly string[]): readonly string[] {
  return segments.at(-1) === '' ? segments.slice(0, -1) : segments;
}

/**
 * The stage an address names, or `undefined`. `ownerApiId` is the API of the connection that the
 * address ends in, where it is known: with it `/{stage}` is never ambiguous.
 */
export function resolveStage(
  stages: StageTable,
  address: Address,
  ownerApiId?: string,
): CompiledStage | undefined {
  const { segments, hostApiId, host } = address;
  const mappings = stages.domains.find(host);
  if (mappings) {
    if (isHealthCheck(stages, address)) return undefined;
    const mapped = segments.length > 1 ? undefined : mappings.get(segments[0] ?? '');
    return mapped && stages.find(mapped.apiId, mapped.stageName);
  }
  const first = segments[0];
  const second = segments[1];
  if (first === undefined || segments.length > 2) return undefined;
  if (hostApiId !== undefined) {
    return second === undefined ? executable(stages, hostApiId, first) : undefined;
  }
  if (second !== undefined) return executable(stages, first, second);
  if (ownerApiId !== undefined) return executable(stages, ownerApiId, first);
  const owners = stages.apisWithStage(first);
  return owners.length === 1 ? executable(stages, owners[0]!, first) : undefined;
}

/** A stage that is reached without a domain of its own. */
function executable(stages: StageTable, apiId: string, name: string): CompiledStage | undefined {
  const stage = stages.find(apiId, name);
  return stage?.disableExecuteApiEndpoint ? undefined : stage;
}

/** `/ping` and `/sping` of a custom domain are Amazon's own, whatever is mapped there. */
export function isHealthCheck(stages: StageTable, { segments, host }: Address): boolean {
  if (segments[0] !== 'ping' && segments[0] !== 'sping') return false;
  return segments.length === 1 && stages.domains.find(host) !== undefined;
}

/** Whether `/{stage}` names a stage of several APIs, so that only a live connection could tell which. */
export function isAmbiguous(stages: StageTable, { segments, hostApiId, host }: Address): boolean {
  const [stageName] = segments;
  if (hostApiId !== undefined || stages.domains.find(host)) return false;
  if (segments.length !== 1 || stageName === undefined) return false;
  return stages.apisWithStage(stageName).length > 1;
}

export function decode(segment: string): string {
  if (!segment.includes('%')) return segment;
  // As SDKs send every connection id.
  const end = segment.length - ENCODED_PADDING.length;
  if (segment.indexOf('%') === end && segment.endsWith(ENCODED_PADDING)) {
    return `${segment.slice(0, end)}==`;
  }
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
