import { type DestinationStream, pino, stdTimeFunctions } from 'pino';
import { eventLine } from './event-line.ts';
import type { Log, LogFields } from './log.ts';
import { redact } from './redact.ts';

export interface JsonLogOptions {
  /** Receives one JSON object per line, line break included. */
  readonly destination: DestinationStream;
  /** In every line, where several processes write one log. */
  readonly worker?: number;
}

/** Lines for machines: `{"level":"info","time":"2026-…Z","event":"connect","status":200,…}`. */
export function jsonLog({ destination, worker }: JsonLogOptions): Log {
  const logger = pino(
    {
      base: worker === undefined ? null : { worker },
      messageKey: 'message',
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  const base = worker === undefined ? '' : `,"worker":${worker}`;
  return {
    event: (event) => destination.write(eventLine(event, Date.now(), base)),
    info: (message, fields) => logger.info(clean(fields), redact(message)),
    warn: (message, fields) => logger.warn(clean(fields), redact(message)),
    error: (message, error, fields) =>
      logger.error({ ...clean(fields), error: errorFields(error) }, redact(message)),
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
