/**
 * `/{stage}/@connections/{connectionId}`: POST pushes, GET describes, DELETE closes. The order of the
 * checks is AWS's as recorded: stage, signature, size, id syntax (400), permission (403), presence (410);
 * where throttling (429) stands is our choice: nobody who cannot sign uses up what the account may do.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../ambient/clock.ts';
import { requestId, traceId } from '../ambient/ids.ts';
import type { Random } from '../ambient/random.ts';
import type { Connection } from '../connections/connection.ts';
import { isConnectionId } from '../connections/connection-id.ts';
import type { Hub } from '../connections/hub.ts';
import type { PushQueue } from '../connections/push-queue.ts';
import type { CallerFacts } from '../monitoring/facts.ts';
import type { Recorder } from '../monitoring/recorder.ts';
import {
  type Address,
  decode,
  isAmbiguous,
  type NamedStage,
  resolveStage,
} from '../stages/address.ts';
import type { StageTable } from '../stages/stage-table.ts';
import type { Trail } from '../telemetry/trail.ts';
import type { Throttle } from '../throttling/throttle.ts';
import { closes } from '../wire/close-codes.ts';
import { errorMessages } from '../wire/error-frame.ts';
import { ServiceException } from '../wire/exceptions.ts';
import type { HttpReply } from '../wire/http-reply.ts';
import { limits } from '../wire/limits.ts';
import { describeConnection } from './describe-connection.ts';

export interface ManagementRequest {
  readonly method: string;
  readonly address: Address;
  /** The whole body, or `tooLong` when it exceeded a message's limit and was not kept. */
  readonly body: Buffer | 'tooLong';
  /** Who calls. Absent where the gateway itself does. */
  readonly caller?: Caller;
}

/** Throws the ServiceException that refuses the caller. */
export interface Caller {
  /** Verifies the signature. Needs the body: it is part of what was signed. */
  authenticate(body: Buffer): void;
  /** Evaluates the caller's policies for the method on the stage. */
  authorize(method: string, stage: NamedStage): void;
  /** Who it is, as far as it is known by then, for the access log. */
  facts(): CallerFacts;
}

export interface ManagementApiOptions {
  readonly stages: StageTable;
  readonly hub: Hub;
  readonly throttle: Throttle;
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: Recorder;
}

/** One call on its way. */
interface Call {
  readonly request: ManagementRequest;
  readonly connectionId: string;
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** What the address names, once it was looked up. */
  named: NamedStage | undefined;
}

const KINDS = { POST: 'push', GET: 'get', DELETE: 'delete' } as const;

/** What AWS's metrics and logs call the three operations. */
const ROUTES = {
  POST: 'POST /@connections/{connectionId}',
  GET: 'GET /@connections/{connectionId}',
  DELETE: 'DELETE /@connections/{connectionId}',
} as const;

const routeOf = (method: string) =>
  Object.hasOwn(ROUTES, method) ? ROUTES[method as keyof typeof ROUTES] : ROUTES.GET;
const kindOf = (method: string) =>
  Object.hasOwn(KINDS, method) ? KINDS[method as keyof typeof KINDS] : 'get';

export class ManagementApi {
  readonly #options: ManagementApiOptions;

  constructor(options: ManagementApiOptions) {
    this.#options = options;
  }

  /** How long a body may be that is pushed to this address: as long as a message of its stage. */
  bodyBytesMax(address: Address): number {
    const { stages, hub } = this.#options;
    const connectionId = decode(address.connection?.[0] ?? '');
    return this.#bytesMaxOf(resolveStage(stages, address, hub.apiIdOf(connectionId)));
  }

  #bytesMaxOf(named: NamedStage | undefined): number {
    const stage = named && this.#options.stages.find(named.apiId, named.stageName);
    return stage?.extensions.messageBytesMax ?? limits.messageBytesMax;
  }

  /** Answers every request; throws nothing that a caller can provoke. */
  handle(request: ManagementRequest): HttpReply {
    const { clock, random } = this.#options;
    const startedAt = clock.now();
    const connectionId = decode(request.address.connection?.[0] ?? '');
    const id = requestId(random);
    const headers = {
      'content-type': 'application/json',
      'x-amzn-RequestId': randomUUID(),
      'x-amz-apigw-id': id,
    };
    const call: Call = { request, connectionId, requestId: id, startedAt, named: undefined };
    const trail = this.#trail(call);
    try {
      const { note, ...reply } = this.#serve(call);
      this.#record(call, trail, reply.status, note);
      const trace = { 'X-Amzn-Trace-Id': traceId(random, clock.now()) };
      return { ...reply, headers: { ...headers, ...trace } };
    } catch (error) {
      if (!(error instanceof ServiceException)) throw error;
      this.#record(call, trail, error.status, error);
      return refusal(error, headers, traceId(random, clock.now()));
    }
  }

  #trail({ request, connectionId }: Call): Trail | undefined {
    const { recorder, hub } = this.#options;
    if (!recorder.isFollowing) return undefined;
    const { method, address, body, caller } = request;
    const outlook = {
      kind: kindOf(method),
      apiId: hub.apiIdOf(connectionId),
      stage: address.segments.at(-1),
      connectionId,
    };
    const trail = recorder.trail(outlook, undefined, () => caller?.facts().headers ?? {});
    const url = `/${address.segments.join('/')}/@connections/${connectionId}`;
    trail?.mark('request', { method, url, ...(body !== 'tooLong' && { body }) });
    return trail;
  }

  /** `end`: what refused the call, or what is to be noted of one that went well. */
  #record(
    call: Call,
    trail: Trail | undefined,
    status: number,
    end?: ServiceException | string,
  ): void {
    const { clock, recorder, stages } = this.#options;
    const { request, connectionId, requestId, startedAt, named } = call;
    const { method, address, body } = request;
    const error = typeof end === 'object' ? end : undefined;
    trail?.mark(method === 'POST' && !error ? 'push' : 'reply', {
      status,
      ...(error && { note: `${error.name} ${error.message}` }),
    });
    recorder.record({
      event: {
        kind: kindOf(method),
        ...(named && { apiId: named.apiId }),
        stage: named?.stageName ?? address.segments.at(-1) ?? '',
        connectionId,
        requestId,
        route: routeOf(method),
        status,
        millis: clock.now() - startedAt,
        ...(method === 'POST' && body !== 'tooLong' && { bytes: body.length }),
        ...(error && { reason: error.message || error.name, rule: error.rule }),
        ...(typeof end === 'string' && { reason: end }),
      },
      at: startedAt,
      stage: named && stages.find(named.apiId, named.stageName),
      message: error?.message,
      exception: error?.name,
      caller: request.caller?.facts,
      trail,
    });
  }

  #serve(call: Call): Served {
    const { stages, hub } = this.#options;
    const { request, connectionId } = call;
    const { method, address, body, caller } = request;
    const connection = hub.get(connectionId);
    const expected = hub.expected(connectionId);
    const ownerApiId = hub.apiIdOf(connectionId);
    const stage = resolveStage(stages, address, ownerApiId);
    call.named = stage;
    if (!stage && !isAmbiguous(stages, address)) {
      throw new ServiceException('ForbiddenException', 'Forbidden');
    }
    const [id = '', ...rest] = address.connection ?? [];
    if (!Object.hasOwn(KINDS, method) || id === '' || rest.length > 0) throw unknownResource();
    if (body === 'tooLong' || body.length > this.#bytesMaxOf(stage)) {
      throw new ServiceException('PayloadTooLargeException', '');
    }
    caller?.authenticate(body);
    if (this.#options.throttle.call() !== undefined) {
      throw new ServiceException('TooManyRequestsException', errorMessages.tooManyRequests);
    }
    if (!isConnectionId(connectionId)) {
      throw malformedId(connectionId);
    }
    if (stage) caller?.authorize(method, stage);
    if (ownerApiId === undefined || ownerApiId !== stage?.apiId) throw gone();
    // Its $connect is still running. To GET and DELETE there is no connection yet, as on AWS.
    if (expected && method === 'POST') return keep(expected, body);
    if (!connection?.isOpen) throw gone();
    return act(method, connection, body);
  }
}

function keep(pushes: PushQueue, body: Buffer): Pick<HttpReply, 'status' | 'body'> {
  if (pushes.add(body) === 'kept') return { status: 200, body: '' };
  throw new Busy('connecting', 'Too many pushes wait for $connect to end');
}

/** `note`: for the operator's log, of what went well but not only well. */
type Served = Pick<HttpReply, 'status' | 'body'> & { readonly note?: string };

function act(method: string, connection: Connection, body: Buffer): Served {
  switch (method) {
    case 'POST': {
      const result = connection.send(body);
      if (result === 'closed') throw gone();
      if (result === 'full') {
        throw new Busy('slow-client', 'The client reads too slowly');
      }
      const isDisplacing = result === 'displacing';
      return { status: 200, body: '', ...(isDisplacing && { note: OLDER_DROPPED }) };
    }
    case 'DELETE':
      connection.close(closes.deleted, 'deleted');
      return { status: 204, body: '' };
    default:
      return { status: 200, body: describeConnection(connection) };
  }
}

const malformedId = (connectionId: string) =>
  new ServiceException(
    'BadRequestException',
    `Invalid connectionId: ${connectionId}`,
    {},
    'connection-id-malformed',
  );
/**
 * AWS has one 429 for everything that is too much. Who pushes wants to know whether to slow down, or to leave
 * one client alone: `x-postern-reason` says it.
 */
class Busy extends ServiceException {
  readonly reason: string;

  constructor(reason: 'slow-client' | 'connecting', message: string) {
    super('LimitExceededException', message);
    this.reason = reason;
  }
}

const OLDER_DROPPED = 'older messages were dropped: the client reads too slowly';

const gone = () => new ServiceException('GoneException', '');
const unknownResource = () =>
  new ServiceException(
    'MissingAuthenticationTokenException',
    'Missing Authentication Token',
    {},
    'operation-unknown',
  );

/** What each refusal looks like on the wire; two of them are recorded to differ from the rest. */
function refusal(
  error: ServiceException,
  headers: Record<string, string>,
  trace: string,
): HttpReply {
  if (error.name === 'PayloadTooLargeException') {
    return { status: error.status, headers: {}, body: '' };
  }
  if (error.name === 'GoneException') {
    return {
      status: error.status,
      headers: { ...headers, 'x-amzn-ErrorType': error.name, 'X-Amzn-Trace-Id': trace },
      body: '',
    };
  }
  const key = error.name === 'AccessDeniedException' ? 'Message' : 'message';
  const isThrottled = error.name === 'TooManyRequestsException';
  const reason = error instanceof Busy ? error.reason : isThrottled ? 'throttled' : undefined;
  const because = reason === undefined ? {} : { 'x-postern-reason': reason };
  return {
    status: error.status,
    headers: { ...headers, 'x-amzn-ErrorType': error.name, ...because },
    body: JSON.stringify({ [key]: error.message }),
  };
}
