/**
 * A lane of its own for pushes, to one and to many. Connections that send nothing but requests of the shape SDKs send are
 * read and answered without node:http, whose share of a push was larger than everything else's. The
 * first request of any other shape goes to node:http together with its connection.
 */
import type { HeldSocket } from '../transport/held-socket.ts';
import { type Lane, PushConnection, type PushConnectionOptions } from './push-connection.ts';

export interface PushLaneOptions extends PushConnectionOptions {
  /** For a connection that has sent nothing yet. */
  readonly firstRequestSeconds: number;
}

/** Silence is noticed so many times within the shortest that is too long. */
const STEPS = 8;

export class PushLane implements Lane {
  readonly #options: PushLaneOptions;
  readonly #connections = new Set<PushConnection>();
  readonly #stepMillis: number;
  #timer: NodeJS.Timeout | undefined;
  time = 0;

  constructor(options: PushLaneOptions) {
    this.#options = options;
    const { firstRequestSeconds, keepAliveSeconds } = options;
    this.#stepMillis = (Math.min(firstRequestSeconds, keepAliveSeconds) * 1000) / STEPS;
  }

  /** A connection that was just accepted; nothing may have been read from it. */
  take(socket: HeldSocket): void {
    this.#connections.add(new PushConnection(socket, this, this.#options));
    this.#timer ??= setInterval(this.#step, this.#stepMillis).unref();
  }

  left(connection: PushConnection): void {
    this.#connections.delete(connection);
  }

  /** Closes idle connections; the others close with the answer that is under way. */
  stopAccepting(): void {
    for (const connection of this.#connections) connection.finish();
  }

  /** Cuts off whatever is still under way. */
  stop(): void {
    for (const connection of this.#connections) connection.destroy();
    clearInterval(this.#timer);
  }

  readonly #step = (): void => {
    this.time += 1;
    const { firstRequestSeconds, keepAliveSeconds } = this.#options;
    // The step that is under way when something is said does not count.
    const stepsIn = (seconds: number) => Math.ceil((seconds * 1000) / this.#stepMillis) + 1;
    const [first, later] = [stepsIn(firstRequestSeconds), stepsIn(keepAliveSeconds)];
    for (const connection of this.#connections) connection.endSilent(first, later);
    if (this.#connections.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  };
}
