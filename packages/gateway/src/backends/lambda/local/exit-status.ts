import { constants } from 'node:os';

/** How a process ended, as Node.js reports it. */
export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A shell reports a child ended by signal n as status 128 + n, one it could not start so: */
const SHELL_SIGNAL_BASE = 128;
const SHELL_NOT_STARTED: readonly (number | null)[] = [126, 127];

/** The commonest signals as Go, in which Lambda is written, prints them. */
const SIGNAL_WORDS: Readonly<Record<string, string>> = {
  SIGKILL: 'killed',
  SIGTERM: 'terminated',
  SIGABRT: 'aborted',
  SIGSEGV: 'segmentation fault',
};

/** Lambda's words: `Runtime exited with error: exit status 1`. */
export function exitWords(status: ExitStatus): string {
  if (status.code === 0) return 'Runtime exited without providing a reason';
  const signal = signalName(status);
  return `Runtime exited with error: ${signal ? `signal: ${signal}` : `exit status ${status.code}`}`;
}

/** Whether there was nothing to run: no such command, or it may not be run. */
export function wasNeverStarted({ code }: ExitStatus): boolean {
  return SHELL_NOT_STARTED.includes(code);
}

function signalName({ code, signal }: ExitStatus): string | undefined {
  const name = signal ?? nameOf((code ?? 0) - SHELL_SIGNAL_BASE);
  return name && (SIGNAL_WORDS[name] ?? name);
}

function nameOf(number: number): string | undefined {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
}
