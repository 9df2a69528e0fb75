import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Cleanup } from './cleanup.ts';
import { repository } from './repository.ts';

export interface ProcessOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The line, on either output, that says it is ready. */
  readonly ready: RegExp;
  /** In a process group of its own, as a terminal would start it. */
  readonly ownGroup?: boolean;
}

export interface RunningProcess {
  readonly pid: number;
  /** The ready line. */
  readonly ready: RegExpMatchArray;
  /** Everything written so far, line by line. */
  readonly lines: readonly string[];
  readonly isRunning: boolean;
  signal(signal: NodeJS.Signals): void;
  /**
   * Resolves to the exit code, or to the signal that ended it, once every line of it and of what it
   * started has been read.
   */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Asks it, and its group if it has one, to end and waits; then it is killed. Safe to call twice. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

const readyWithinMillis = 120_000;
const stopWithinMillis = 30_000;

/** Starts a process and waits for its ready line. It ends with the test file at the latest. */
export async function startProcess(
  cleanup: Cleanup,
  options: ProcessOptions,
): Promise<RunningProcess> {
  const child = spawn(options.file, options.args, {
    cwd: options.cwd ?? repository,
    env: { ...quietEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: options.ownGroup ?? false,
  });
  const lines: string[] = [];
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? code ?? -1));
  });
  let isOver = false;
  const setOver = () => {
    isOver = true;
  };
  ended.then(setOver, setOver);
  const kill = (signal: NodeJS.Signals) => {
    if (isOver || !options.ownGroup || child.pid === undefined) return child.kill(signal);
    try {
      return process.kill(-child.pid, signal);
    } catch {
      // All of the group have just ended.
      return false;
    }
  };
  const running = {
    pid: child.pid ?? -1,
    lines,
    ended,
    get isRunning() {
      return child.exitCode === null && child.signalCode === null;
    },
    signal: (signal: NodeJS.Signals) => void child.kill(signal),
    async stop(signal: NodeJS.Signals = 'SIGTERM') {
      kill(signal);
      const patience = setTimeout(() => kill('SIGKILL'), stopWithinMillis);
      const how = await ended;
      clearTimeout(patience);
      return how;
    },
  };
  cleanup.defer(() => running.stop());
  const ready = await readyLine(child, lines, options.ready, ended);
  return Object.assign(running, { ready });
}

function readyLine(
  child: ChildProcess,
  lines: string[],
  pattern: RegExp,
  ended: Promise<number | NodeJS.Signals>,
): Promise<RegExpMatchArray> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(late);
      reject(new Error(`${child.spawnargs.join(' ')} ${why}:\n${lines.join('\n')}`));
    };
    const late = setTimeout(() => fail('was not ready in time'), readyWithinMillis);
    ended.then((how) => fail(`ended (${how})`), reject);
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        const match = pattern.exec(line);
        if (!match) return;
        clearTimeout(late);
        resolve(match);
      });
    }
  });
}

/** This process's environment without what would change how tools talk or where they look. */
export function quietEnvironment(): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (/^(AWS_|POSTERN_|npm_|NODE_OPTIONS|VITEST|FORCE_COLOR)/.test(name)) continue;
    environment[name] = value;
  }
  return { ...environment, NO_COLOR: '1', PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1' };
}
