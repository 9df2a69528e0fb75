import type { Close } from '../wire/close-codes.ts';
import type { RuleName } from '../wire/rules.ts';
import type { ConnectionFacts } from './connection.ts';

/** What the engine keeps of a connection until its backend has been told of its end. */
export interface DisconnectRecord {
  readonly facts: ConnectionFacts;
  /** How it ended; absent while it is open, and where nobody lived to see the end. */
  readonly close?: Close;
  /** Why it ended. */
  readonly rule?: RuleName;
  /** Epoch milliseconds. */
  readonly endedAt?: number;
  /** Attempts that have begun: written before each, so that the next one knows of it. */
  readonly attempts: number;
  /** How many of them came before somebody asked for more. */
  readonly attemptsBefore?: number;
}

/** An entry that was given up, and why. */
export interface DeadDisconnect extends DisconnectRecord {
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly buriedAt: number;
}
