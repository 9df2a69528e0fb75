import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';

const GATEWAY = join(import.meta.dirname, '../..');

/** Processes are made of the built command; `npm test` builds first. Their children are read in /proc. */
export const hasProcesses = existsSync(join(GATEWAY, 'dist/cli/main.js')) && existsSync('/proc');
if (!hasProcesses && /^(?:true|1)$/.test(process.env.CI ?? '')) {
  throw new Error('The command is not built, or there is no /proc: run npm run build');
}

/** The built command as a process of its own: for what only processes have. */
export interface PosternProcess {
  readonly url: string;
  readonly pid: number;
  readonly lines: string[];
  /** Processes it has started that run. */
  children(): number[];
  shows(text: string | RegExp): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** How long several processes may take, on a machine that may be busy: for a poll, and for a test. */
export const LONG = { timeout: 60_000, interval: 50 };
export const WITH_PROCESSES = { timeout: 180_000 };

export async function startPostern(cwd: string, ...argv: string[]): Promise<PosternProcess> {
  const postern = launchPostern(cwd, ...argv);
  try {
    await Promise.race([postern.shows(/^Postern ready on /m), postern.ended]);
  } catch (error) {
    // Whoever waits in vain has nothing to stop it by. Its workers end without it.
    postern.signal('SIGKILL');
    throw error;
  }
  return postern;
}

export function launchPostern(cwd: string, ...argv: string[]): PosternProcess {
  const child: ChildProcess = spawn(process.execPath, [join(GATEWAY, 'bin/postern.js'), ...argv], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout!, child.stderr!]) {
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  }
  const { pid } = child as { pid: number };
  return {
    pid,
    lines,
    get url() {
      return /^Postern ready on (.*)$/m.exec(lines.join('\n'))?.[1] ?? '';
    },
    children: () =>
      (readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').match(/\d+/g) ?? []).map(Number),
    shows: (text) => expect.poll(() => lines.join('\n'), LONG).toMatch(text),
    signal: (name) => void child.kill(name),
    ended: new Promise((resolve) =>
      child.once('close', (code, signal) => resolve(code ?? signal!)),
    ),
  };
}
