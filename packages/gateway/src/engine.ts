/** For those who write an engine of their own: the interfaces, with their guarantees. */
export type {
  Change,
  ConnectionDirectory,
  DeadLetter,
  DeadLetters,
  DirectoryEntry,
  Engine,
  Page,
  ResourceStore,
  Stored,
} from './engines/engine.ts';
