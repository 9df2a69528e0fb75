/**
 * How an AWS service, or what stands in for one, is called: a signed HTTP request built from the
 * integration URI. Endpoints are configurable per service, so emulators and private endpoints answer.
 */
import type { Clock } from '../ambient/clock.ts';
import { type SigningCredentials, signRequest } from '../iam/sign.ts';
import { percentEncode } from '../mapping/percent-encode.ts';
import type { ServiceReference } from '../resources/service-reference.ts';
import type { HttpAnswer, HttpCaller } from './http-caller.ts';

export interface ServiceCall {
  readonly service: ServiceReference;
  readonly method: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Values for `{name}` in the path. */
  readonly places: ReadonlyMap<string, string>;
  /** Name, value, name, value. */
  readonly headers: readonly string[];
  readonly body: Uint8Array;
  readonly timeoutMillis: number;
}

export interface ServiceCallerOptions {
  readonly http: HttpCaller;
  readonly clock: Clock;
  readonly credentials: SigningCredentials;
  /** By service name, such as `sqs`; without one, Amazon's own endpoint of the URI's region. */
  readonly endpoints: Readonly<Record<string, string>>;
}

export interface ServiceCaller {
  /** Rejects with `BackendError` and nothing else. Any HTTP status is an answer. */
  call(call: ServiceCall): Promise<HttpAnswer>;
}

/** The prefix of `X-Amz-Target` and the JSON protocol's version; Amazon sets both for these services. */
const TARGETS: Readonly<Record<string, readonly [prefix: string, version: string]>> = {
  dynamodb: ['DynamoDB_20120810', '1.0'],
  kinesis: ['Kinesis_20131202', '1.1'],
  ssm: ['AmazonSSM', '1.1'],
  states: ['AWSStepFunctions', '1.0'],
};

export function createServiceCaller(options: ServiceCallerOptions): ServiceCaller {
  const { http, clock, credentials, endpoints } = options;
  return {
    call({ service, method, query, places, headers, body, timeoutMillis }) {
      const base = new URL(endpointOf(service, endpoints));
      const path = base.pathname.replace(/\/$/, '') + pathOf(service, places);
      const search = [...actionQuery(service), ...query]
        .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
        .join('&');
      const rawHeaders = withDefaults(headers, ['Host', base.host, ...serviceHeaders(service)]);
      const signature = signRequest(
        { method, path, query: search, rawHeaders, body },
        { credentials, region: service.region, service: service.service, now: clock.now() },
      );
      return http.call({
        origin: base.origin,
        path: search === '' ? path : `${path}?${search}`,
        method,
        headers: [...rawHeaders, ...Object.entries(signature).flat()],
        body: body.length === 0 ? null : body,
        timeoutMillis,
        wantsBody: true,
      });
    },
  };
}

function endpointOf(
  { service, subdomain, region }: ServiceReference,
  endpoints: ServiceCallerOptions['endpoints'],
): string {
  const configured = Object.hasOwn(endpoints, service) ? endpoints[service] : undefined;
  const host = subdomain === undefined ? service : `${subdomain}.${service}`;
  return configured ?? `https://${host}.${region}.amazonaws.com`;
}

function pathOf({ kind, target }: ServiceReference, places: ServiceCall['places']): string {
  if (kind === 'action') return '/';
  const filled = target.replace(/\{([^{}]+)\}/g, (_, name: string) => places.get(name) ?? '');
  return `/${filled.split('/').map(percentEncode).join('/')}`;
}

/** Services of the query protocol read the action from here; the others do not mind it. */
function actionQuery({ kind, target }: ServiceReference): [string, string][] {
  return kind === 'action' ? [['Action', target]] : [];
}

function serviceHeaders({ kind, service, target }: ServiceReference): string[] {
  const known = Object.hasOwn(TARGETS, service) ? TARGETS[service] : undefined;
  if (kind === 'path' || !known) return ['Content-Type', 'application/json'];
  const [prefix, version] = known;
  const contentType = `application/x-amz-json-${version}`;
  return ['X-Amz-Target', `${prefix}.${target}`, 'Content-Type', contentType];
}

/** `flat` and those of `defaults` whose name it does not have. */
function withDefaults(flat: readonly string[], defaults: readonly string[]): string[] {
  const given = new Set(flat.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase()));
  const missing = defaults.filter((_, at) => {
    const name = defaults[at - (at % 2)]!;
    return !given.has(name.toLowerCase());
  });
  return [...flat, ...missing];
}
