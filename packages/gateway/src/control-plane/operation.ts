import type { Clock } from '../ambient/clock.ts';
import type { Random } from '../ambient/random.ts';
import type { Counters, ResourceStore } from '../engines/engine.ts';
import type { Dictionary } from '../resources/record.ts';
import type { SerialQueue } from './serial-queue.ts';

/** One operation: a row of the table the control plane is dispatched by. */
export interface Operation {
  /** AWS's name, such as `CreateRoute`. */
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With AWS's parameter names: `/v2/apis/{apiId}/routes/{routeId}`. */
  readonly path: string;
  /** The status of success. */
  readonly status: number;
  /** The body is no JSON: it is left to the handler. */
  readonly takesBytes?: true;
  /** Another operation of the same method and path, which the query tells apart. */
  instead?(query: URLSearchParams): Operation | undefined;
  /** The body of the answer; `undefined` for an empty one. Throws `ServiceException`s. */
  handler(call: Call): Promise<unknown>;
}

/** One request, as a handler sees it. */
export interface Call {
  readonly context: ControlContext;
  /** Decoded path parameters. */
  readonly params: Dictionary<string>;
  readonly query: URLSearchParams;
  /** The JSON object of the body; empty for GET and DELETE, and for operations that take bytes. */
  readonly body: Dictionary<unknown>;
  readonly bytes: Uint8Array;
}

export interface ControlPlaneOptions {
  readonly store: ResourceStore;
  /** What API keys have used of their plans. */
  readonly counters: Pick<Counters, 'read'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly accountId: string;
  readonly region: string;
  /** What `apiEndpoint` says: the base URL of an API, without stage or trailing slash. */
  endpointOf(apiId: string): string;
  /** Check types, sets of words and sizes only. Default: check what AWS checks. */
  readonly lenient?: boolean;
  /** Take an http or https URL as an authorizer's URI, as AWS does not. Default: no. */
  readonly httpAuthorizers?: boolean;
}

export interface ControlContext extends ControlPlaneOptions {
  readonly lenient: boolean;
  readonly httpAuthorizers: boolean;
  /** Changes of one API, made by this process, one after the other. */
  readonly changes: SerialQueue;
}

/** Epoch seconds, as every date of the v1 API. */
export function epochSecondsOf(context: ControlContext): number {
  return Math.floor(context.clock.now() / 1000);
}

/** ISO 8601 in UTC with whole seconds, as every date of `apigatewayv2`. */
export function dateOf(context: ControlContext): string {
  return `${new Date(context.clock.now()).toISOString().slice(0, 19)}Z`;
}
