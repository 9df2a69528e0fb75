/**
 * What an integration is told about a message. Most backends are told little more than its bytes, so the
 * rest is made when something asks for it.
 */
import { requestId, traceId } from '../ambient/ids.ts';
import type { ConnectionFacts } from '../connections/connection.ts';
import type { IntegrationEvent } from '../integrations/integration.ts';
import type { EventScope, MessageBody } from '../mapping/scope.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import type { Trail } from '../telemetry/trail.ts';
import type { RequestContext } from '../wire/request-context.ts';
import type { DataPlane } from './data-plane.ts';
import { contextOf } from './event.ts';

type Ids = Pick<DataPlane, 'ids' | 'random'>;

export interface MessageParts {
  readonly body: MessageBody;
  readonly routeKey: string;
  readonly wantsBody: boolean;
  /** Epoch milliseconds at which it came. */
  readonly at: number;
  readonly trail: Trail | undefined;
}

export class MessageEvent implements IntegrationEvent, EventScope {
  readonly connection: ConnectionFacts;
  readonly body: MessageBody;
  readonly wantsBody: boolean;
  readonly trail: Trail | undefined;
  readonly requestId: string;
  readonly #plane: Ids;
  readonly #stage: CompiledStage;
  readonly #routeKey: string;
  readonly #at: number;
  #traceId: string | undefined;
  #context: RequestContext | undefined;

  /** `stage` is the one in force now: an open connection follows new deployments. */
  constructor(plane: Ids, stage: CompiledStage, connection: ConnectionFacts, parts: MessageParts) {
    this.connection = connection;
    this.body = parts.body;
    this.wantsBody = parts.wantsBody;
    this.trail = parts.trail;
    this.requestId = requestId(plane.random);
    this.#plane = plane;
    this.#stage = stage;
    this.#routeKey = parts.routeKey;
    this.#at = parts.at;
  }

  get scope(): EventScope {
    return this;
  }

  get stageVariables(): CompiledStage['stageVariables'] {
    return this.#stage.stageVariables;
  }

  get clientCertificate(): CompiledStage['clientCertificate'] {
    return this.#stage.clientCertificate;
  }

  get traceId(): string {
    this.#traceId ??= this.trail?.root ?? traceId(this.#plane.random, this.#at);
    return this.#traceId;
  }

  get context(): RequestContext {
    this.#context ??= contextOf(this.connection, {
      eventType: 'MESSAGE',
      routeKey: this.#routeKey,
      requestId: this.requestId,
      messageId: this.#plane.ids.messageId(this.connection.connectionId),
      at: this.#at,
    });
    return this.#context;
  }
}
