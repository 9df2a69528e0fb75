import type { Cancel } from '../ambient/clock.ts';
import { type DroppedNote, LastingOutput } from './lasting-output.ts';

/** What a command may touch of the process around it; a test brings its own. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  /** What is typed; absent where nobody types. */
  readonly stdin?: NodeJS.ReadableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Calls `listener` at each request to stop: Ctrl-C, SIGTERM. */
  onStopSignal(listener: (signal: StopSignal) => void): Cancel;
  /** Calls `listener` at each request to read the configuration again: SIGHUP. */
  onReloadSignal(listener: () => void): Cancel;
  /**
   * Until now, output that cannot be written ends the process, as in `postern tail | head`. From here on
   * it is dropped: a service outlives whoever reads its log, and a log on a full disk. What a reader leaves
   * waiting has a bound as well; `note` is written where lines are missing.
   */
  outliveReaders(note: DroppedNote): void;
  /** Ends the process at once. */
  exit(code: number): void;
}

export interface Output {
  write(text: string | Uint8Array): unknown;
  readonly isTTY?: boolean | undefined;
}

const stopSignals = ['SIGINT', 'SIGTERM'] as const;
export type StopSignal = (typeof stopSignals)[number];

/** Ends of a command: all is well; it failed; it was called in a way that makes no sense. */
export const exitCodes = { fine: 0, failed: 1, misused: 2 } as const;

export function processIo(): Io {
  let outlivesReaders = false;
  const stdout = new LastingOutput(process.stdout);
  for (const output of [process.stdout, process.stderr]) {
    // Whoever read us has gone, as in `postern dev | head`: nobody is left to talk to.
    output.on('error', (error: NodeJS.ErrnoException) => {
      if (outlivesReaders) return;
      if (error.code === 'EPIPE') process.exit(exitCodes.fine);
      throw error;
    });
  }
  return {
    stdout,
    stderr: process.stderr,
    get stdin() {
      return process.stdin;
    },
    env: process.env,
    cwd: process.cwd(),
    onStopSignal(listener) {
      for (const signal of stopSignals) process.on(signal, listener);
      return () => {
        for (const signal of stopSignals) process.off(signal, listener);
      };
    },
    onReloadSignal(listener) {
      process.on('SIGHUP', listener);
      return () => process.off('SIGHUP', listener);
    },
    outliveReaders(note) {
      outlivesReaders = true;
      stdout.bound(note);
    },
    exit: (code) => process.exit(code),
  };
}
