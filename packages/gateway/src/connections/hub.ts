/**
 * The connections this node holds. One sweep a second ends those that were idle or alive too long, and
 * sends pings: timers per socket would cost more than everything else about an idle connection.
 */
import type { Cancel, Clock } from '../ambient/clock.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import type { Close } from '../wire/close-codes.ts';
import type { RuleName } from '../wire/rules.ts';
import type { Connection } from './connection.ts';
import type { PushQueue } from './push-queue.ts';

const SWEEP_INTERVAL_MILLIS = 1000;

const NONE: ReadonlySet<Connection> = new Set();

type StageName = Pick<CompiledStage, 'apiId' | 'stageName'>;

export class Hub {
  readonly #clock: Clock;
  readonly #connections = new Map<string, Connection>();
  /** By apiId, then by stage. */
  readonly #apis = new Map<string, Map<string, Set<Connection>>>();
  readonly #expected = new Map<string, PushQueue>();
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
    const { connectionId, apiId, stageName } = connection.facts;
    this.#connections.set(connectionId, connection);
    let stages = this.#apis.get(apiId);
    if (!stages) {
      stages = new Map();
      this.#apis.set(apiId, stages);
    }
    const ofStage = stages.get(stageName);
    if (ofStage) ofStage.add(connection);
    else stages.set(stageName, new Set([connection]));
  }

  remove(connection: Connection): void {
    const { connectionId, apiId, stageName } = connection.facts;
    this.#connections.delete(connectionId);
    const stages = this.#apis.get(apiId);
    const ofStage = stages?.get(stageName);
    ofStage?.delete(connection);
    if (ofStage?.size === 0) stages?.delete(stageName);
    if (stages?.size === 0) this.#apis.delete(apiId);
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

  /** Keeps pushes for a connection that may come to be, until `expectNoMore`. */
  expect(connectionId: string, pushes: PushQueue): void {
    this.#expected.set(connectionId, pushes);
  }

  expectNoMore(connectionId: string): void {
    this.#expected.delete(connectionId);
  }

  /** Where pushes to a connection wait whose `$connect` is running, if its stage wants that. */
  expected(connectionId: string): PushQueue | undefined {
    return this.#expected.get(connectionId);
  }

  /** The API of a connection that is open or expected. */
  apiIdOf(connectionId: string): string | undefined {
    return this.get(connectionId)?.facts.apiId ?? this.#expected.get(connectionId)?.apiId;
  }

  get size(): number {
    return this.#connections.size;
  }

  all(): IterableIterator<Connection> {
    return this.#connections.values();
  }

  /** Closes whatever is open now. */
  closeAll(close: Close, rule: RuleName): void {
    for (const connection of this.#connections.values()) connection.close(close, rule);
  }

  /** Closes the connections of a stage that is no longer there. */
  retire(stage: CompiledStage): void {
    for (const connection of this.connectionsOf(stage)) connection.retire(stage);
  }

  /** Hands a stage's changed settings to its connections. */
  follow(stage: CompiledStage): void {
    for (const connection of this.connectionsOf(stage)) connection.follow(stage.extensions);
  }

  connectionsOf({ apiId, stageName }: StageName): ReadonlySet<Connection> {
    return this.#apis.get(apiId)?.get(stageName) ?? NONE;
  }

  #sweep(): void {
    const ticks = this.#clock.ticks();
    for (const connection of this.#connections.values()) connection.sweep(ticks);
  }
}
