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
import {
  type Address,
  decode,
  isAmbiguous,
  type NamedStage,
  resolveStage,
} from '../stages/address.ts';
import type { StageTable } from '../stages/stage-table.ts';
import type { Log, LogEvent } from '../telemetry/log.ts';
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
  /** Who calls. Absent where the gateway accepts anyone (`postern dev`). */
  readonly caller?: Caller;
}

/** Throws the ServiceException that refuses the caller. */
export interface Caller {
  /** Verifies the signature. Needs the body: it is part of what was signed. */
  authenticate(body: Buffer): void;
  /** Evaluates the caller's policies for the method on the stage. */
  authorize(method: string, stage: NamedStage): void;
}

export interface ManagementApiOptions {
  readonly stages: StageTable;
  readonly hub: Hub;
  readonly throttle: Throttle;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const KINDS = { POST: 'push', GET: 'get', DELETE: 'delete' } as const;

export class ManagementApi {
  readonly #options: ManagementApiOptions;

  constructor(options: ManagementApiOptions) {
    this.#options = options;
  }

  /** How long a body may be that is pushed to this address: as long as a message of its stage. */
  bodyBytesMax(address: Address): number {
    const { stages, hub } = this.#options;
    const connectionId = decode(address.connection?.[0] ?? '');
    const named = resolveStage(stages, address, hub.apiIdOf(connectionId));
    const stage = named && stages.find(named.apiId, named.stageName);
    return stage?.extensions.messageBytesMax ?? limits.messageBytesMax;
  }

  /** Answers every request; throws nothing that a caller can provoke. */
  handle(request: ManagementRequest): HttpReply {
    const { clock, random, log } = this.#options;
    const startedAt = clock.now();
    const connectionId = decode(request.address.connection?.[0] ?? '');
    const id = requestId(random);
    const headers = {
      'content-type': 'application/json',
      'x-amzn-RequestId': randomUUID(),
      'x-amz-apigw-id': id,
    };
    const bytes = request.body === 'tooLong' ? undefined : request.body.length;
    const event = (status: number, reason?: string): LogEvent => ({
      kind: Object.hasOwn(KINDS, request.method)
        ? KINDS[request.method as keyof typeof KINDS]
        : 'get',
      stage: request.address.segments.at(-1) ?? '',
      connectionId,
      requestId: id,
      status,
      millis: clock.now() - startedAt,
      ...(bytes !== undefined && request.method === 'POST' && { bytes }),
      ...(reason !== undefined && { reason }),
    });
    try {
      const reply = this.#serve(request, connectionId);
      log.event(event(reply.status));
      const trace = { 'X-Amzn-Trace-Id': traceId(random, clock.now()) };
      return { ...reply, headers: { ...headers, ...trace } };
    } catch (error) {
      if (!(error instanceof ServiceException)) throw error;
      log.event(event(error.status, error.message || error.name));
      return refusal(error, headers, traceId(random, clock.now()));
    }
  }

  #serve(request: ManagementRequest, connectionId: string): Pick<HttpReply, 'status' | 'body'> {
    const { stages, hub } = this.#options;
    const { method, address, body, caller } = request;
    const connection = hub.get(connectionId);
    const expected = hub.expected(connectionId);
    const ownerApiId = hub.apiIdOf(connectionId);
    const stage = resolveStage(stages, address, ownerApiId);
    if (!stage && !isAmbiguous(stages, address)) {
      throw new ServiceException('ForbiddenException', 'Forbidden');
    }
    const [id = '', ...rest] = address.connection ?? [];
    if (!Object.hasOwn(KINDS, method) || id === '' || rest.length > 0) throw unknownResource();
    if (body === 'tooLong') throw new ServiceException('PayloadTooLargeException', '');
    caller?.authenticate(body);
    if (this.#options.throttle.call() !== undefined) {
      throw new ServiceException('TooManyRequestsException', errorMessages.tooManyRequests);
    }
    if (!isConnectionId(connectionId)) {
      throw new ServiceException('BadRequestException', `Invalid connectionId: ${connectionId}`);
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
  throw new ServiceException('LimitExceededException', 'Too many pushes wait for $connect to end');
}

function act(
  method: string,
  connection: Connection,
  body: Buffer,
): Pick<HttpReply, 'status' | 'body'> {
  switch (method) {
    case 'POST': {
      const result = connection.send(body);
      if (result === 'closed') throw gone();
      if (result === 'full') {
        throw new ServiceException('LimitExceededException', 'The client reads too slowly');
      }
      return { status: 200, body: '' };
    }
    case 'DELETE':
      connection.close(closes.deleted);
      return { status: 204, body: '' };
    default:
      return { status: 200, body: describeConnection(connection) };
  }
}

const gone = () => new ServiceException('GoneException', '');
const unknownResource = () =>
  new ServiceException('MissingAuthenticationTokenException', 'Missing Authentication Token');

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
  return {
    status: error.status,
    headers: { ...headers, 'x-amzn-ErrorType': error.name },
    body: JSON.stringify({ [key]: error.message }),
  };
}
