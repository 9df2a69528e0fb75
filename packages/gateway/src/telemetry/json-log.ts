import { systemClock } from '../ambient/clock.ts';
import { eventLine } from './event-line.ts';
import type { Log, LogFields } from './log.ts';
import { redact } from './redact.ts';

export interface JsonLogOptions {
  /** Receives one JSON object per line, line break included. */
  readonly destination: { write(line: string): void };
  /** In every line, where several processes write one log. */
  readonly worker?: number;
}

/** Lines for machines: `{"level":"info","time":"2026-…Z","event":"connect","status":200,…}`. */
export function jsonLog({ destination, worker }: JsonLogOptions): Log {
  const base = worker === undefined ? '' : `,"worker":${worker}`;
  const write = (level: string, message: string, fields: object) => {
    const time = new Date().toISOString();
    const line = { level, time, worker, ...fields, message: redact(message) };
    destination.write(`${JSON.stringify(line)}\n`);
  };
  return {
    event: (event) => destination.write(eventLine(event, systemClock.turnNow(), base)),
    info: (message, fields) => write('info', message, clean(fields)),
    warn: (message, fields) => write('warn', message, clean(fields)),
    error: (message, error, fields) =>
      write('error', message, { ...clean(fields), error: errorFields(error) }),
  };
}

function clean(fields: LogFields = {}): LogFields {
  const entries = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === 'string' ? redact(value) : value,
  ]);
  return Object.fromEntries(entries);
}

function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { message: redact(String(error)) };
  const { name, message, stack, cause } = error;
  return {
    name,
    message: redact(message),
    stack: stack && redact(stack),
    cause: cause instanceof Error ? redact(cause.message) : undefined,
  };
}
