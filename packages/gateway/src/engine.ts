/** For those who write an engine of their own: the interfaces, with their guarantees. */
export type {
  Asker,
  BusReply,
  Change,
  CommitListener,
  ConnectionDirectory,
  CounterBounds,
  Counters,
  DeadLetter,
  DeadLetters,
  DirectoryEntry,
  Engine,
  InPlaceHandler,
  NodeBus,
  Page,
  RequestHandler,
  ResourceStore,
  Stored,
} from './engines/engine.ts';
export { EngineUnavailable } from './engines/engine.ts';
