/**
 * Where shared state lives. An engine gives the gateway a place that survives a restart and that
 * every node of a cluster sees alike. The guarantees are written at each method of its parts; one
 * contract suite (`test/engines/engine.contract.ts`) holds every engine to them.
 */
import type { ConnectionDirectory } from './connection-directory.ts';
import type { Counters } from './counters.ts';
import type { NodeBus } from './node-bus.ts';
import type { ResourceStore } from './resource-store.ts';

export type {
  ConnectionDirectory,
  DeadLetter,
  DeadLetters,
  DirectoryEntry,
} from './connection-directory.ts';
export type { CounterBounds, Counters } from './counters.ts';
export { EngineUnavailable } from './engine-unavailable.ts';
export type {
  Asker,
  BusReply,
  InPlaceHandler,
  NodeBus,
  RequestHandler,
} from './node-bus.ts';
export type { Change, CommitListener, Page, ResourceStore, Stored } from './resource-store.ts';

export interface Engine {
  /** Shown in logs and health answers, such as `embedded`. */
  readonly name: string;
  /**
   * Whether other nodes may count on the same state. Where none do, what one process counts is all
   * there is, and nobody has to ask `counters` for tokens.
   */
  readonly isShared: boolean;
  /** What the control plane writes and every node reads. */
  readonly resources: ResourceStore;
  /** Which connections are owed a `$disconnect`. */
  readonly connections: ConnectionDirectory;
  /** Who else is there, and talking to them. */
  readonly bus: NodeBus;
  /** What all nodes count together. */
  readonly counters: Counters;
  /**
   * Opens what must be opened and becomes a member. Rejects with a sentence that says what to do when it
   * cannot. Handlers and listeners may be registered before.
   */
  start(): Promise<void>;
  /** Leaves the others, flushes and closes. Safe to call twice, and on an engine that never started. */
  stop(): Promise<void>;
}
