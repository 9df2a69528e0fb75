/**
 * The connections this node holds. One sweep a second ends those that were idle or alive too long:
 * two timers per socket would cost more than everything else about an idle connection.
 */
import type { Cancel, Clock } from '../ambient/clock.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import { closes } from '../wire/close-codes.ts';
import { limits } from '../wire/limits.ts';
import type { Connection } from './connection.ts';

const SWEEP_INTERVAL_MILLIS = 1000;
const IDLE_MILLIS = limits.idleTimeoutSeconds * 1000;
const LIFETIME_MILLIS = limits.connectionDurationSeconds * 1000;

export class Hub {
  readonly #clock: Clock;
  readonly #connections = new Map<string, Connection>();
  #cancelSweep: Cancel = () => {};
  #emptied: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(): void {
    this.#cancelSweep = this.#clock.every(SWEEP_INTERVAL_MILLIS, () => this.#sweep());
  }

  stop(): void {
    this.#cancelSweep();
  }

  add(connection: Connection): void {
    this.#connections.set(connection.facts.connectionId, connection);
  }

  remove(connection: Connection): void {
    this.#connections.delete(connection.facts.connectionId);
    if (this.#connections.size > 0) return;
    for (const resolve of this.#emptied) resolve();
    this.#emptied = [];
  }

  /** Resolves once no connection is left. */
  emptied(): Promise<void> {
    if (this.#connections.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#emptied.push(resolve));
  }

  get(connectionId: string): Connection | undefined {
    return this.#connections.get(connectionId);
  }

  get size(): number {
    return this.#connections.size;
  }

  all(): IterableIterator<Connection> {
    return this.#connections.values();
  }

  /** Closes the connections of a stage that is no longer there. */
  retire(stage: CompiledStage): void {
    for (const connection of this.#connections.values()) {
      const { apiId, stageName } = connection.facts;
      if (apiId === stage.apiId && stageName === stage.stageName) connection.retire(stage);
    }
  }

  #sweep(): void {
    const now = this.#clock.now();
    for (const connection of this.#connections.values()) {
      const idle = now - connection.lastActiveAt >= IDLE_MILLIS;
      if (idle || now - connection.facts.connectedAt >= LIFETIME_MILLIS) {
        connection.close(closes.goingAway);
      }
    }
  }
}
