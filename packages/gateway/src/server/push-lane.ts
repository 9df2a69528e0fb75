/**
 * A lane of its own for pushes. Connections that send nothing but requests of the shape SDKs send are
 * read and answered without node:http, whose share of a push was larger than everything else's. The
 * first request of any other shape goes to node:http together with its connection.
 */
import type { Socket } from 'node:net';
import { type AnswerPush, PushConnection, type PushConnectionOptions } from './push-connection.ts';

export interface PushLaneOptions
  extends Pick<
    PushConnectionOptions,
    'firstRequestSeconds' | 'keepAliveSeconds' | 'handOver' | 'refuseSilent'
  > {
  readonly answer: AnswerPush;
}

export class PushLane {
  readonly #options: PushLaneOptions;
  readonly #connections = new Set<PushConnection>();

  constructor(options: PushLaneOptions) {
    this.#options = options;
  }

  /** A connection that was just accepted; nothing may have been read from it. */
  take(socket: Socket): void {
    const connection = new PushConnection(socket, {
      ...this.#options,
      left: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
  }

  /** Closes idle connections; the others close with the answer that is under way. */
  stopAccepting(): void {
    for (const connection of this.#connections) connection.finish();
  }

  /** Cuts off whatever is still under way. */
  stop(): void {
    for (const connection of this.#connections) connection.destroy();
  }
}
