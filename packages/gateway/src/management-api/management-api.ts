/**
 * `/{stage}/@connections/{connectionId}`: POST pushes, GET describes, DELETE closes; and beside AWS, without
 * an id, POST pushes to all connections of the stage, or to those that the query selects. The order of
 * the checks is AWS's as recorded: stage, signature, size, id syntax (400), permission (403), presence (410);
 * where throttling (429) stands is our choice: nobody who cannot sign uses up what the account may do.
 */
import type { Clock } from '../ambient/clock.ts';
import { requestId, traceId, uuid } from '../ambient/ids.ts';
import type { Random } from '../ambient/random.ts';
import {
  type CallMethod,
  type ConnectionCall,
  callConnection,
} from '../connections/connection-call.ts';
import { isConnectionId } from '../connections/connection-id.ts';
import type { Hub } from '../connections/hub.ts';
import type { RemoteConnections } from '../connections/remote-connections.ts';
import type { RemoteFanOuts } from '../connections/remote-fan-outs.ts';
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
import type { LogEvent } from '../telemetry/log.ts';
import type { Trail } from '../telemetry/trail.ts';
import type { Throttle } from '../throttling/throttle.ts';
import { errorMessages } from '../wire/error-frame.ts';
import { ServiceException } from '../wire/exceptions.ts';
import type { HttpReply } from '../wire/http-reply.ts';
import { limits } from '../wire/limits.ts';
import { invalidSelection, readSelection } from './connection-selection.ts';
import {
  gone,
  malformedId,
  refusalOf,
  type Served,
  servedOf,
  servedToMany,
  unknownResource,
} from './outcome.ts';
import { type ReplyIds, replyOf, replyToRefused } from './reply.ts';

export interface ManagementRequest {
  readonly method: string;
  readonly address: Address;
  /** Without its question mark. */
  readonly query?: string;
  /** The whole body, or `tooLong` when it exceeded a message's limit and was not kept. */
  readonly body: Buffer | 'tooLong';
  /** Who calls. Absent where the gateway itself does. */
  readonly caller?: Caller;
}

/** Whoever waits for an answer that comes later. Exactly one of these is called, once. */
export interface ReplyListener {
  replied(reply: HttpReply): void;
  /** By something that no caller can provoke. */
  failed(error: unknown): void;
}

/** Throws the ServiceException that refuses the caller. */
export interface Caller {
  /** Verifies the signature. Needs the body: it is part of what was signed. */
  authenticate(body: Buffer): void;
  /** Evaluates the caller's policies for the method on one connection of the stage, or on any. */
  authorize(method: string, stage: NamedStage, connections: 'one' | 'any'): void;
  /** Who it is, as far as it is known by then, for the access log. */
  facts(): CallerFacts;
}

export interface ManagementApiOptions {
  readonly stages: StageTable;
  readonly hub: Hub;
  /** Connections of other nodes. */
  readonly remote: RemoteConnections;
  readonly fanOuts: RemoteFanOuts;
  readonly throttle: Throttle;
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: Recorder;
}

/** One call on its way. */
interface Call {
  readonly request: ManagementRequest;
  readonly operation: Operation;
  /** Empty where none is named. */
  readonly connectionId: string;
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** What the address names, once it was looked up. */
  named: NamedStage | undefined;
  readonly listener: ReplyListener;
  trail: Trail | undefined;
}

interface Operation {
  readonly kind: 'push' | 'get' | 'delete' | 'fan-out';
  /** What AWS's metrics and logs call it. */
  readonly route: string;
}

const OPERATIONS = {
  POST: { kind: 'push', route: 'POST /@connections/{connectionId}' },
  GET: { kind: 'get', route: 'GET /@connections/{connectionId}' },
  DELETE: { kind: 'delete', route: 'DELETE /@connections/{connectionId}' },
} as const satisfies Record<CallMethod, Operation>;

const TO_MANY: Operation = { kind: 'fan-out', route: 'POST /@connections' };

function operationOf({ method, address }: ManagementRequest): Operation {
  if (method === 'POST' && address.connection?.length === 0) return TO_MANY;
  return isCallMethod(method) ? OPERATIONS[method] : OPERATIONS.GET;
}

export class ManagementApi {
  readonly #options: ManagementApiOptions;

  constructor(options: ManagementApiOptions) {
    this.#options = options;
  }

  /**
   * How long a body may be that is pushed to this address: as long as a message of its stage, or of the
   * most generous one where only another node can tell which it is.
   */
  bodyBytesMax(address: Address): number {
    const { stages, hub } = this.#options;
    const connectionId = decode(address.connection?.[0] ?? '');
    const named = resolveStage(stages, address, hub.apiIdOf(connectionId));
    return named ? this.#bytesMaxOf(named) : this.#bytesMaxAt(address);
  }

  #bytesMaxAt(address: Address): number {
    const { stages } = this.#options;
    if (!isAmbiguous(stages, address)) return limits.messageBytesMax;
    const [stageName = ''] = address.segments;
    const apiIds = stages.apisWithStage(stageName);
    return Math.max(...apiIds.map((apiId) => this.#bytesMaxOf({ apiId, stageName })));
  }

  #bytesMaxOf({ apiId, stageName }: NamedStage): number {
    const stage = this.#options.stages.find(apiId, stageName);
    return stage?.extensions.messageBytesMax ?? limits.messageBytesMax;
  }

  /**
   * Answers every request; throws nothing that a caller can provoke. At once for connections of this
   * node; for those of another one `undefined`, and `listener` is told later.
   */
  handle(request: ManagementRequest, listener: ReplyListener): HttpReply | undefined {
    const { clock, random } = this.#options;
    const call: Call = {
      request,
      operation: operationOf(request),
      connectionId: decode(request.address.connection?.[0] ?? ''),
      requestId: requestId(random),
      startedAt: clock.turnNow(),
      named: undefined,
      listener,
      trail: undefined,
    };
    call.trail = this.#trail(call);
    try {
      const served = this.#serve(call);
      return served && this.#reply(call, served);
    } catch (error) {
      return this.#refuse(call, error);
    }
  }

  /** The same as a promise. */
  answer(request: ManagementRequest): Promise<HttpReply> {
    return new Promise((replied, failed) => {
      const reply = this.handle(request, { replied, failed });
      if (reply) replied(reply);
    });
  }

  /** What was waited for has come: what it says is the answer. */
  #replyLater(call: Call, serve: () => Served): void {
    const { listener } = call;
    try {
      listener.replied(this.#replyOf(call, serve));
    } catch (error) {
      listener.failed(error);
    }
  }

  #replyOf(call: Call, serve: () => Served): HttpReply {
    try {
      return this.#reply(call, serve());
    } catch (error) {
      return this.#refuse(call, error);
    }
  }

  #reply(call: Call, served: Served): HttpReply {
    this.#record(call, served.status, served);
    return replyOf(served, this.#idsOf(call));
  }

  #refuse(call: Call, error: unknown): HttpReply {
    if (!(error instanceof ServiceException)) throw error;
    this.#record(call, error.status, error);
    return replyToRefused(error, this.#idsOf(call));
  }

  #idsOf({ requestId: id }: Call): ReplyIds {
    const { clock, random } = this.#options;
    return { amazonId: uuid(random), requestId: id, traceId: traceId(random, clock.turnNow()) };
  }

  #trail({ request, operation, connectionId }: Call): Trail | undefined {
    const { recorder, hub } = this.#options;
    if (!recorder.isFollowing) return undefined;
    const { method, address, body, caller } = request;
    const outlook = {
      kind: operation.kind,
      apiId: hub.apiIdOf(connectionId),
      stage: address.segments.at(-1),
      ...(operation !== TO_MANY && { connectionId }),
    };
    const trail = recorder.trail(outlook, undefined, () => caller?.facts().headers ?? {});
    const names = (address.connection ?? []).map((name) => encodeURIComponent(decode(name)));
    const url = `/${[...address.segments, '@connections', ...names].join('/')}`;
    trail?.mark('request', { method, url, ...(body !== 'tooLong' && { body }) });
    return trail;
  }

  /** `end`: what refused the call, or how it went well. */
  #record(call: Call, status: number, end: ServiceException | Served): void {
    const { clock, recorder, stages } = this.#options;
    const { request, operation, connectionId, requestId, startedAt, named, trail } = call;
    const { method, address, body } = request;
    const error = end instanceof ServiceException ? end : undefined;
    trail?.mark(method === 'POST' && !error ? 'push' : 'reply', {
      status,
      ...(error && { note: `${error.name} ${error.message}` }),
    });
    const event: LogEvent = {
      kind: operation.kind,
      apiId: named?.apiId,
      stage: named?.stageName ?? address.segments.at(-1) ?? '',
      connectionId: operation === TO_MANY ? undefined : connectionId,
      requestId,
      route: operation.route,
      status,
      millis: clock.turnNow() - startedAt,
      bytes: method === 'POST' && body !== 'tooLong' ? body.length : undefined,
      reason: error && reasonOf(error),
      rule: error?.rule,
    };
    recorder.record({
      event: end instanceof ServiceException || !end.told ? event : { ...event, ...end.told },
      at: startedAt,
      stage: named && stages.find(named.apiId, named.stageName),
      message: error?.message,
      exception: error?.name,
      caller: request.caller,
      trail,
    });
  }

  /** `undefined`: the answer comes later. */
  #serve(call: Call): Served | undefined {
    const { stages, hub, remote, throttle } = this.#options;
    const { request, connectionId } = call;
    const { address, body, caller } = request;
    const ownerApiId = hub.apiIdOf(connectionId);
    const named = resolveStage(stages, address, ownerApiId);
    call.named = named;
    if (!named && !isAmbiguous(stages, address)) {
      throw new ServiceException('ForbiddenException', 'Forbidden');
    }
    const isToMany = call.operation === TO_MANY;
    const method = isToMany ? 'POST' : methodOnOne(request);
    if (!method) throw unknownResource();
    const bytesMax = named ? named.extensions.messageBytesMax : this.#bytesMaxAt(address);
    if (body === 'tooLong' || body.length > bytesMax) {
      throw new ServiceException('PayloadTooLargeException', '');
    }
    caller?.authenticate(body);
    if (throttle.call() !== undefined) {
      throw new ServiceException('TooManyRequestsException', errorMessages.tooManyRequests);
    }
    if (isToMany) {
      this.#promised(call, this.#serveMany(call, body));
      return undefined;
    }
    // What names a connection has the shape of such names.
    if (ownerApiId === undefined && !isConnectionId(connectionId)) throw malformedId(connectionId);
    if (named) caller?.authorize(method, named, 'one');
    if (ownerApiId === undefined) {
      if (!remote.isElsewhere(connectionId)) throw gone();
      if (named) this.#handOver(call, { method, connectionId, apiId: named.apiId, body });
      else this.#promised(call, this.#serveUnnamed(call, method, body));
      return undefined;
    }
    if (!named) throw gone();
    return servedOf(callConnection(hub, { method, connectionId, apiId: named.apiId, body }));
  }

  /** No connection is named that could tell which stage is meant. */
  async #serveMany({ request, named }: Call, body: Buffer): Promise<Served> {
    const { address, query = '', caller } = request;
    if (!named) {
      const [stageName = ''] = address.segments;
      throw invalidSelection(`Several APIs have a stage ${stageName}: specify the apiId`);
    }
    const selection = readSelection(query);
    caller?.authorize('POST', named, 'any');
    const { apiId, stageName } = named;
    return servedToMany(
      await this.#options.fanOuts.carryOut({ apiId, stageName, ...selection, body }),
    );
  }

  /** The connection, if there is one, is another node's: that node knows the rest. */
  #handOver(call: Call, handed: ConnectionCall): void {
    this.#options.remote.call(handed, (outcome) => {
      this.#replyLater(call, () => servedOf(outcome));
    });
  }

  async #serveUnnamed(call: Call, method: CallMethod, body: Buffer): Promise<Served> {
    const { connectionId } = call;
    const { apiId } = await this.#ask(call, method, body);
    const handed = { method, connectionId, apiId, body };
    return servedOf(
      await new Promise((told) => {
        this.#options.remote.call(handed, told);
      }),
    );
  }

  #promised(call: Call, served: Promise<Served>): void {
    const fail = (error: unknown) => {
      throw error;
    };
    served.then(
      (later) => this.#replyLater(call, () => later),
      (error: unknown) => this.#replyLater(call, () => fail(error)),
    );
  }

  /** The address fits stages of several APIs: the connection's own decides. */
  async #ask(call: Call, method: CallMethod, body: Buffer): Promise<NamedStage> {
    const { stages, remote } = this.#options;
    const { address, caller } = call.request;
    const apiId = await remote.apiIdOf(call.connectionId);
    if (typeof apiId !== 'string') throw refusalOf(apiId);
    const named = resolveStage(stages, address, apiId);
    if (!named) throw gone();
    call.named = named;
    caller?.authorize(method, named, 'one');
    if (body.length > this.#bytesMaxOf(named)) {
      throw new ServiceException('PayloadTooLargeException', '');
    }
    return named;
  }
}

/** For the operator. That of the commonest slip, an endpoint without its stage, is not in AWS's one word. */
const reasonOf = ({ rule, message, name }: ServiceException) =>
  rule === 'stage-not-found'
    ? 'the URL names no deployed stage: endpoint_url ends with one'
    : message || name;

const isCallMethod = (method: string): method is CallMethod => Object.hasOwn(OPERATIONS, method);

/** AWS's own three: on one connection, with nothing behind it. */
function methodOnOne({ method, address }: ManagementRequest): CallMethod | undefined {
  const { connection } = address;
  const isOne = connection?.length === 1 && connection[0] !== '';
  return isOne && isCallMethod(method) ? method : undefined;
}
