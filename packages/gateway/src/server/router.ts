/**
 * Which door a plain HTTP request goes through: `@connections`, our own `/@…` paths, the URL of a
 * stage (which wants an upgrade), and the control plane for everything else.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../ambient/clock.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { callerConditions } from '../data-plane/caller-conditions.ts';
import type { ClientAddress } from '../data-plane/client-address.ts';
import { EngineUnavailable, type ResourceStore } from '../engines/engine.ts';
import type { AccessControl } from '../iam/access-control.ts';
import type { RequestContext } from '../iam/request-context.ts';
import { signedRequest } from '../iam/signed-request.ts';
import type { ManagementApi, ReplyListener } from '../management-api/management-api.ts';
import { PROMETHEUS_CONTENT_TYPE, type PrometheusPage } from '../monitoring/prometheus.ts';
import type { Recorder } from '../monitoring/recorder.ts';
import { answerHealth } from '../operations/health.ts';
import {
  isOperationsPath,
  OPERATIONS_BODY_BYTES_MAX,
  type OperationsApi,
} from '../operations/operations-api.ts';
import {
  type Address,
  isHealthCheck,
  type NamedStage,
  parseAddress,
  resolveStage,
} from '../stages/address.ts';
import type { StageTable } from '../stages/stage-table.ts';
import type { Log, LogEvent } from '../telemetry/log.ts';
import { answerAsyncApi, describedPath } from '../templates/export/asyncapi-door.ts';
import { engineStackStore } from '../templates/stack/stack-store.ts';
import { answerStacks, isStacksPath, STACK_BYTES_MAX } from '../templates/stack/stacks-door.ts';
import type { Peer } from '../transport/byte-socket.ts';
import { messageInText, messageMember, ServiceException } from '../wire/exceptions.ts';
import type { HttpReply, StreamReply } from '../wire/http-reply.ts';
import { pathOf, queryOf } from '../wire/request-url.ts';
import { isForeignPage } from './browser-guard.ts';
import { ConnectionResources } from './connection-resources.ts';
import { type ConsoleFiles, isConsolePath } from './console-files.ts';
import type { Door } from './listeners.ts';
import { type CallerOptions, ManagementCaller } from './management-caller.ts';
import type { PushRequest } from './push-request.ts';
import { readBody } from './read-body.ts';

export interface RouterOptions {
  readonly stages: StageTable;
  readonly managementApi: ManagementApi;
  readonly controlPlane: ControlPlane;
  readonly operations: OperationsApi;
  readonly consoleFiles: ConsoleFiles;
  readonly store: ResourceStore;
  /** Absent where anyone may call: `postern dev`, on loopback. */
  readonly accessControl?: AccessControl;
  readonly accountId: string;
  readonly region: string;
  readonly clientAddress: ClientAddress;
  readonly clock: Clock;
  readonly log: Log;
  readonly recorder: Recorder;
  readonly metrics: PrometheusPage;
  isReady(): boolean;
  /** Where clients connect. */
  publicUrl(): string;
}

/** A template of 300 KB is the largest thing AWS takes; this leaves room for its encoding. */
const CONTROL_BODY_BYTES_MAX = 1024 * 1024;
/** In Prometheus' text format. */
const METRICS_PATH = '/@metrics';
/** A form names an action and little else. */
const FORM_BYTES_MAX = 16 * 1024;
/** Paths of the control plane (v2, and v1 beside it) that can never be a stage's URL. */
const CONTROL_PATH =
  /^\/(?:v2|apikeys|usageplans|tags|account|clientcertificates|vpclinks)(?:\/|$)/;

export class Router {
  readonly #options: RouterOptions;
  readonly #callerOptions: CallerOptions;

  constructor(options: RouterOptions) {
    this.#options = options;
    const { accessControl, clientAddress, region, accountId } = options;
    const connectionResources = new ConnectionResources(region, accountId);
    this.#callerOptions = {
      clientAddress,
      connectionResources,
      ...(accessControl && { accessControl }),
    };
  }

  /** Never rejects: a bug is logged here and answered as AWS answers its own. */
  async answer(request: IncomingMessage, door: Door): Promise<HttpReply | StreamReply | undefined> {
    try {
      return await this.#route(request, door);
    } catch (error) {
      const isGone = !(error instanceof ServiceException) && !request.complete;
      return isGone ? undefined : this.failure(error);
    }
  }

  /** A push that came through its own lane: the same answer, from the same checks. Never throws. */
  push(request: PushRequest, socket: Peer, listener: ReplyListener): HttpReply | undefined {
    try {
      // Of the pages that `isForeignPage` looks for none is here: what browsers send, the lane does not read.
      const { address, query, body } = request;
      const caller = new ManagementCaller(request, socket, this.#callerOptions);
      const asked = { method: 'POST', address, query, body, caller };
      return this.#options.managementApi.handle(asked, listener);
    } catch (error) {
      return this.failure(error);
    }
  }

  #manage(
    request: IncomingMessage,
    address: Address,
    body: Buffer | 'tooLong',
  ): Promise<HttpReply> {
    const { managementApi } = this.#options;
    const { method = 'GET', url = '' } = request;
    const caller = new ManagementCaller(request, request.socket, this.#callerOptions);
    return managementApi.answer({ method, address, query: queryOf(url), body, caller });
  }

  /** What is answered where something went wrong that should not. */
  failure(error: unknown): HttpReply {
    if (error instanceof ServiceException) return exceptionReply(error);
    if (error instanceof EngineUnavailable) return exceptionReply(storeUnavailable());
    this.#options.log.error('A request failed', error);
    return exceptionReply(
      new ServiceException('InternalServerErrorException', 'Internal server error'),
    );
  }

  async #route(request: IncomingMessage, door: Door): Promise<HttpReply | StreamReply> {
    const { stages, managementApi } = this.#options;
    const { method = 'GET', url = '/', headers } = request;
    const path = pathOf(url);
    const address = parseAddress(headers.host, path);
    // Where signatures are verified, a page cannot make one without the secret.
    const isGuarded = isStacksPath(path) || isOperationsPath(path) || path === METRICS_PATH;
    const isOpen = path.startsWith('/@') && !isGuarded;
    if (!this.#options.accessControl && !isOpen && isForeignPage(headers)) {
      throw new ServiceException('ForbiddenException', 'Forbidden');
    }
    if (address.connection) {
      const body = await readBody(request, managementApi.bodyBytesMax(address));
      return this.#manage(request, address, body);
    }
    if (isHealthCheck(stages, address)) {
      return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'healthy' };
    }
    const health = path.startsWith('/@') ? answerHealth(path, this.#options.isReady()) : undefined;
    if (health) return health;
    const isPublic = door === 'public';
    if (!isPublic && isConsolePath(path)) return this.#console(request, method, path);
    if (!isPublic && path === METRICS_PATH) return this.#metrics(request, method);
    if (!isPublic && isOperationsPath(path)) return this.#operate(request, method, path);
    if (!isPublic && isStacksPath(path)) return this.#stacks(request, method, path);
    const described = isPublic ? undefined : describedPath(path);
    if (described !== undefined) return this.#describe(request, described);
    if (isPublic || !CONTROL_PATH.test(path)) {
      if (resolveStage(stages, address)) {
        const exception = new ServiceException('UpgradeRequiredException', 'Upgrade Required');
        return exceptionReply(exception, { upgrade: 'websocket' });
      }
      if (isPublic || address.hostApiId !== undefined) {
        throw new ServiceException('ForbiddenException', 'Forbidden');
      }
    }
    if (method === 'POST' && path === '/') return this.#identify(request);
    return this.#control(request, method, path);
  }

  /** What a stage serves. Anyone may ask who could connect; of backends it says nothing. */
  async #describe(request: IncomingMessage, path: string): Promise<HttpReply> {
    const { stages, store } = this.#options;
    const { host = '' } = request.headers;
    const stage = resolveStage(stages, parseAddress(host, path));
    const isSecure = 'encrypted' in request.socket;
    const origin = `${isSecure ? 'wss' : 'ws'}://${host}`;
    const reply = stage && (await answerAsyncApi(store, { ...namesOf(stage), origin, path }));
    if (reply) return reply;
    throw new ServiceException('ForbiddenException', 'Forbidden');
  }

  /** What operators ask: each operation is a permission of its own. */
  async #operate(
    request: IncomingMessage,
    method: string,
    path: string,
  ): Promise<HttpReply | StreamReply> {
    const { operations, accessControl } = this.#options;
    const body = await readBody(request, OPERATIONS_BODY_BYTES_MAX);
    if (body === 'tooLong') {
      const message = `The request body exceeds ${OPERATIONS_BODY_BYTES_MAX} bytes`;
      throw new ServiceException('BadRequestException', message);
    }
    if (accessControl) {
      const principal = accessControl.authenticateAdministrator(signedRequest(request, body));
      const permission = operations.resolve(method, path);
      accessControl.authorize(principal, {
        ...permission,
        conditions: () => this.#conditions(request),
      });
    }
    const query = queryOf(request.url ?? '');
    const lastEventId = request.headers['last-event-id'];
    return operations.handle({
      method,
      path,
      query,
      body,
      ...(typeof lastEventId === 'string' && { lastEventId }),
    });
  }

  /** A page that shows what the operations API answers; by itself it knows nothing. */
  #console(request: IncomingMessage, method: string, path: string): HttpReply | StreamReply {
    const acceptsGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    const socketOrigin = new URL(this.#options.publicUrl()).origin.replace(/^http/, 'ws');
    return this.#options.consoleFiles.answer({ method, path, acceptsGzip }, [socketOrigin]);
  }

  /** What Prometheus scrapes, with a token or a signature of a user who may. */
  async #metrics(request: IncomingMessage, method: string): Promise<HttpReply> {
    const { metrics, accessControl, region } = this.#options;
    const body = await readBody(request, 0);
    if (method !== 'GET' || body === 'tooLong') {
      const message = `There is no operation ${method} ${METRICS_PATH}`;
      throw new ServiceException('NotFoundException', message);
    }
    if (accessControl) {
      const principal = accessControl.authenticateAdministrator(signedRequest(request, body));
      const resource = `arn:aws:apigateway:${region}::${METRICS_PATH}`;
      const action = 'postern:GetMetrics';
      accessControl.authorize(principal, {
        action,
        resource,
        conditions: () => this.#conditions(request),
      });
    }
    return {
      status: 200,
      headers: { 'content-type': PROMETHEUS_CONTENT_TYPE, 'cache-control': 'no-store' },
      body: await metrics.text(),
    };
  }

  /** The records of deploys that run elsewhere, allowed as the control plane is. */
  async #stacks(request: IncomingMessage, method: string, path: string): Promise<HttpReply> {
    const { accessControl, region, store } = this.#options;
    const body = await readBody(request, STACK_BYTES_MAX);
    if (body === 'tooLong') {
      const message = `The request body exceeds ${STACK_BYTES_MAX} bytes`;
      throw new ServiceException('BadRequestException', message);
    }
    if (accessControl) {
      const key = accessControl.authenticateAdministrator(signedRequest(request, body));
      const action = `apigateway:${method}`;
      const resource = `arn:aws:apigateway:${region}::${path}`;
      accessControl.authorize(key, {
        action,
        resource,
        conditions: () => this.#conditions(request),
      });
    }
    return answerStacks(engineStackStore(store), { method, path, body });
  }

  /** The Security Token Service, as far as it says whose credentials a request was signed with. */
  async #identify(request: IncomingMessage): Promise<HttpReply> {
    const { controlPlane, accessControl } = this.#options;
    const body = await readBody(request, FORM_BYTES_MAX);
    if (body === 'tooLong') {
      throw new ServiceException(
        'BadRequestException',
        `The request body exceeds ${FORM_BYTES_MAX} bytes`,
      );
    }
    return controlPlane.identify(body, () => {
      if (!accessControl) return undefined;
      const key = accessControl.authenticate(signedRequest(request, body), 'sts');
      return { arn: key.userArn, accountId: key.accountId, userId: key.accessKeyId };
    });
  }

  async #control(request: IncomingMessage, method: string, path: string): Promise<HttpReply> {
    const { controlPlane, stages, recorder, clock } = this.#options;
    const startedAt = clock.now();
    const body = await readBody(request, CONTROL_BODY_BYTES_MAX);
    if (body === 'tooLong') {
      throw new ServiceException(
        'BadRequestException',
        `The request body exceeds ${CONTROL_BODY_BYTES_MAX} bytes`,
      );
    }
    const record = (event: Pick<LogEvent, 'route' | 'status' | 'reason' | 'rule'>) => {
      const millis = clock.now() - startedAt;
      recorder.record({ event: { kind: 'control', millis, ...event }, at: startedAt });
    };
    try {
      this.#allowControl(request, body, method, path);
    } catch (error) {
      if (error instanceof ServiceException) {
        const { status, message, name, rule } = error;
        record({ route: `${method} ${path}`, status, reason: message || name, rule });
      }
      throw error;
    }
    const query = queryOf(request.url ?? '');
    const { operation, ...reply } = await controlPlane.handle({ method, path, query, body });
    // An answered change is in force: whoever deploys and then connects meets the new deployment.
    if (method !== 'GET') await stages.settled();
    const { status } = reply;
    // Of another service, such as REST APIs: AWS's words for it speak of a token instead.
    if (operation === 'Unknown') record({ route: `${method} ${path}`, status, ...UNKNOWN });
    else record({ route: operation, status, ...(status >= 400 && refusedBy(reply)) });
    return reply;
  }

  /** Throws the exception that refuses the caller; in `postern dev` nobody is refused. */
  #allowControl(request: IncomingMessage, body: Buffer, method: string, path: string): void {
    const { accessControl, controlPlane } = this.#options;
    if (!accessControl) return;
    const { action, resource } = controlPlane.resolve(method, path);
    const key = accessControl.authenticateAdministrator(signedRequest(request, body));
    const conditions = () => this.#conditions(request);
    accessControl.authorize(key, { action, resource, conditions });
  }

  #conditions(request: IncomingMessage): RequestContext {
    return callerConditions(request, this.#options.clientAddress);
  }
}

const namesOf = ({ apiId, stageName }: NamedStage) => ({ apiId, stageName });

/** Whoever asked may ask again: nothing of the request was wrong. */
function storeUnavailable(): ServiceException {
  const message = 'The store cannot be reached';
  return new ServiceException('ServiceUnavailableException', message, {}, 'store-unavailable');
}

function exceptionReply(
  exception: ServiceException,
  headers: Record<string, string> = {},
): HttpReply {
  return {
    status: exception.status,
    headers: {
      'content-type': 'application/json',
      'x-amzn-RequestId': randomUUID(),
      'x-amzn-ErrorType': exception.name,
      ...headers,
    },
    body: JSON.stringify({ [messageMember(exception)]: exception.message, ...exception.members }),
  };
}

const UNKNOWN = {
  reason: 'no operation has this method and path',
  rule: 'operation-unknown',
} as const;

const refusedBy = ({ body }: HttpReply) =>
  ({ reason: messageInText(body) ?? '', rule: 'control-plane' }) as const;
