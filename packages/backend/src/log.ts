/** One thing that happened, without any token: those are cut out of `error` before it gets here. */
export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error';
  /** A fixed sentence, such as `connect refused: token not accepted`. */
  readonly event: string;
  readonly connectionId?: string | undefined;
  readonly userId?: string | undefined;
  /** Stack of the error behind the event. */
  readonly error?: string | undefined;
}

export type Log = (entry: LogEntry) => void;

/** Warnings and errors, one line each and the stack below, on standard error. */
export const consoleLog: Log = ({ level, event, connectionId, userId, error }) => {
  if (level === 'info') return;
  const facts = [connectionId && `connection ${connectionId}`, userId && `user ${userId}`];
  const line = ['postern backend:', event, ...facts].filter(Boolean).join(' ');
  console.error(error === undefined ? line : `${line}\n${error}`);
};

/**
 * An error as text. Libraries that check tokens like to quote them in their messages, so every
 * secret is cut out, as it is and as it stands in a URL.
 */
export function describeError(error: unknown, secrets: readonly (string | undefined)[]): string {
  let text = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  for (const secret of secrets) {
    if (!secret) continue;
    text = text.replaceAll(secret, '[token]').replaceAll(encodeURIComponent(secret), '[token]');
  }
  return text;
}
