/**
 * The way to one plain HTTP backend: connections that are kept open, and requests that wait for one
 * when all are taken.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../../ambient/clock.ts';
import type { Carrier } from './exchange.ts';
import { LaneConnection, type LaneOwner, type LaneRequest } from './lane-connection.ts';

export interface LaneOptions {
  readonly clock: Clock;
  readonly connectionsMax: number;
  /** Calls back once, when the socket is connected and nothing has been read from it. */
  connect(done: (error: Error | null, socket: Socket | null) => void): void;
}

export class Lane implements Carrier, LaneOwner {
  readonly #options: LaneOptions;
  /** The last one used is the first one used again: the others may then grow old and close. */
  readonly #idle: LaneConnection[] = [];
  readonly #open = new Set<LaneConnection>();
  /** In order of arrival. */
  readonly #waiting = new Set<LaneRequest>();
  #isStopped = false;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  send(request: LaneRequest): void {
    const connection = this.#takeIdle();
    if (connection) {
      connection.send(request);
      return;
    }
    this.#waiting.add(request);
    request.carriedBy(this);
    if (this.#open.size < this.#options.connectionsMax) this.#connect();
  }

  /** It waits no longer for a connection. */
  giveUp(request: LaneRequest): void {
    this.#waiting.delete(request);
  }

  /** Closes what has waited too long for a request; to be called about once a second. */
  sweep(now: number): void {
    for (const connection of [...this.#idle]) {
      if (connection.idleUntil <= now) connection.destroy();
    }
  }

  /** Nothing is open and nothing waits. */
  get isEmpty(): boolean {
    return this.#open.size === 0 && this.#waiting.size === 0;
  }

  /** Cuts off whatever is under way. */
  stop(error: Error): void {
    this.#isStopped = true;
    for (const request of this.#waiting) request.failed(error);
    this.#waiting.clear();
    for (const connection of this.#open) connection.fail(error);
  }

  #takeIdle(): LaneConnection | undefined {
    const now = this.#options.clock.turnTicks();
    for (;;) {
      const connection = this.#idle.pop();
      if (!connection || connection.idleUntil > now) return connection;
      connection.destroy();
    }
  }

  #connect(): void {
    const connection = new LaneConnection(this);
    this.#open.add(connection);
    this.#options.connect((error, socket) => {
      if (this.#isStopped) return void socket?.destroy();
      if (!socket) return this.#failedToConnect(connection, error as Error);
      connection.open(socket);
      const request = this.#nextWaiting();
      if (request) connection.send(request);
      else this.idle(connection, UNUSED_SECONDS);
    });
  }

  #failedToConnect(connection: LaneConnection, error: Error): void {
    this.#open.delete(connection);
    const request = this.#nextWaiting();
    // Each request that waits has its own try.
    if (this.#waiting.size > 0) this.#connect();
    request?.failed(error);
  }

  /** For its connections. */
  idle(connection: LaneConnection, seconds: number): void {
    const request = this.#nextWaiting();
    if (request) {
      connection.send(request);
      return;
    }
    connection.idleUntil = this.#options.clock.turnTicks() + seconds * 1000;
    this.#idle.push(connection);
  }

  /** For its connections. */
  gone(connection: LaneConnection): void {
    this.#open.delete(connection);
    const at = this.#idle.lastIndexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    if (this.#waiting.size > 0 && !this.#isStopped) this.#connect();
  }

  /** For its connections. */
  unsent(request: LaneRequest, error: Error): void {
    if (this.#isStopped) request.failed(error);
    else this.send(request);
  }

  #nextWaiting(): LaneRequest | undefined {
    const [request] = this.#waiting;
    if (request) this.#waiting.delete(request);
    return request;
  }
}

/** Of a connection whose request was given up while it was being made. */
const UNUSED_SECONDS = 4;
