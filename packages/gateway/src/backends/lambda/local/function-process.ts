/**
 * A child process that cannot outlive the gateway, whatever it is doing and however the gateway ends.
 * A shell of a few lines stands between: it holds the other end of a pipe from the gateway, and
 * ends the whole process group when that pipe closes.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { ExitStatus } from './exit-status.ts';

export interface ProcessPlan {
  readonly command: readonly string[];
  /** The working directory. */
  readonly folder: string;
  /** All of it: nothing is inherited beside. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface FunctionProcess {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves once the process is gone, or with an error when it could not be started. */
  readonly ended: Promise<ExitStatus | Error>;
  /** Ends the process and everything it started, at once. Safe to call twice. */
  kill(): void;
}

const SUPERVISOR = `
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
{ read -r _ <&3; kill -KILL 0; } >/dev/null 2>&1 &
wait "$child"
status=$?
kill -KILL "$!"
exit "$status"`;

/** Windows has no process groups; there the runtime ends when its next request finds nobody. */
const HAS_GROUPS = process.platform !== 'win32';

export function startFunctionProcess({
  command,
  folder,
  environment,
}: ProcessPlan): FunctionProcess {
  const [file, ...rest] = command as [string, ...string[]];
  const child = HAS_GROUPS
    ? spawn('/bin/sh', ['-c', SUPERVISOR, 'postern', file, ...rest], {
        cwd: folder,
        env: environment,
        detached: true,
      })
    : spawn(file, rest, { cwd: folder, env: environment });
  let isRunning = true;
  const ended = new Promise<ExitStatus | Error>((resolve) => {
    child.on('error', (error) => {
      if (child.pid === undefined) isRunning = false;
      resolve(error);
    });
    child.on('exit', (code, signal) => {
      isRunning = false;
      resolve({ code, signal });
    });
  });
  // Closed by the other side when the process ends first.
  child.stdin.on('error', () => {});
  return {
    stdout: child.stdout,
    stderr: child.stderr,
    ended,
    kill: () => {
      if (isRunning) kill(child);
    },
  };
}

function kill(child: ChildProcess): void {
  try {
    if (HAS_GROUPS) process.kill(-child.pid!, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}
