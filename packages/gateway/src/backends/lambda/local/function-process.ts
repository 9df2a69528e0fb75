/**
 * A child process that cannot outlive the gateway, whatever it is doing and however the gateway ends.
 * A shell of a few lines stands between. It watches a pipe from the gateway: a line there ends the
 * process, and the end of the pipe, which is the end of the gateway, ends the whole process group.
 */
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
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

// The shell waits for both of its children, so that nothing is left to be reaped by whoever is
// process 1: in a container that may be the gateway. What it says itself is nobody's output.
const SUPERVISOR = `
exec 3<&0 4>&2 2>/dev/null
"$@" </dev/null 2>&4 3<&- 4>&- &
child=$!
{ if read -r _ <&3; then kill -KILL "$child"; else kill -KILL 0; fi; } >/dev/null 4>&- &
watch=$!
wait "$child"
status=$?
kill -KILL "$watch"
wait "$watch"
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
  const ended = new Promise<ExitStatus | Error>((resolve) => {
    child.on('error', resolve);
    child.on('exit', (code, signal) => {
      if (HAS_GROUPS) killGroup(child.pid!);
      resolve({ code, signal });
    });
  });
  // Closed by the other side when the process ends first.
  child.stdin.on('error', () => {});
  // A process that left the group may hold these open; that must not keep the gateway from ending.
  for (const pipe of [child.stdout, child.stderr]) (pipe as Socket).unref();
  return {
    stdout: child.stdout,
    stderr: child.stderr,
    ended,
    kill: () => {
      if (HAS_GROUPS) child.stdin.write('\n');
      else child.kill('SIGKILL');
    },
  };
}

/** What the process started and left behind; mostly nothing. */
function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}
