import type { RuleName } from '../wire/rules.ts';

/**
 * What the gateway says while it runs. Two writers: readable lines (`postern dev`) and JSON lines
 * (`postern start`). Callers never pass URLs with query strings, header values or bodies:
 * tokens, keys and signatures have no way into a log.
 */
export interface Log {
  /** One line per connect, message, push, disconnect and control-plane change. */
  event(event: LogEvent): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  /** A bug or a broken environment: logged once, at the door where it was caught. */
  error(message: string, error: unknown, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export const eventKinds = [
  'connect',
  'message',
  'push',
  'fan-out',
  'get',
  'delete',
  'disconnect',
  'control',
] as const;

export type EventKind = (typeof eventKinds)[number];

/** What the live log tells of one event; `trace.ts` has the rest. */
export interface LogEvent {
  readonly kind: EventKind;
  readonly apiId?: string | undefined;
  readonly stage?: string | undefined;
  readonly connectionId?: string | undefined;
  readonly requestId?: string | undefined;
  /** Route key, or the operation's name for `control`. */
  readonly route?: string | undefined;
  /** HTTP status, or the close code for `disconnect`. */
  readonly status: number;
  readonly millis: number;
  /** Why it was refused or failed, in words. */
  readonly reason?: string | undefined;
  /** By which rule; for `disconnect`, why the connection ended. */
  readonly rule?: RuleName | undefined;
  readonly bytes?: number | undefined;
  /** Of a fan-out: to how many connections the message went, and what became of the others. */
  readonly delivered?: number;
  readonly refused?: number;
  readonly gone?: number;
  /** Of `disconnect`: which further attempt to tell of it this is. Absent at the first. */
  readonly retry?: number;
}

/** A log that says nothing, for hosts that embed the gateway and for tests. */
export const silentLog: Log = { event() {}, info() {}, warn() {}, error() {} };
