import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect } from 'vitest';
import type { Io, StopSignal } from '../../src/cli/io.ts';
import { main } from '../support/whole-command.ts';

export interface Run {
  readonly code: Promise<number>;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly lines: () => string[];
  /** Exit codes asked for while running: the end of a real process. */
  readonly exits: number[];
  /** As Ctrl-C and `kill` send it. */
  signal(name: StopSignal): void;
  /** As `kill -HUP` sends it; whether anybody listens. A process in which nobody does would end. */
  reload(): boolean;
  /** Waits until standard output shows it. */
  shows(text: string | RegExp): Promise<void>;
  /** Waits for the ready line; its URL. */
  ready(): Promise<string>;
}

/** A folder to run in, with a temporary store and nothing of this machine's environment. */
export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
  /** What is typed. */
  readonly stdin = new PassThrough();
  readonly #runs: Run[] = [];

  postern(...argv: string[]): Run {
    return this.posternWith({}, ...argv);
  }

  posternWith(env: Record<string, string>, ...argv: string[]): Run {
    let stdout = '';
    let stderr = '';
    const listeners = new Set<(signal: StopSignal) => void>();
    const reloads = new Set<() => void>();
    const exits: number[] = [];
    const io: Io = {
      stdout: { write: (text) => (stdout += text) },
      stderr: { write: (text) => (stderr += text) },
      stdin: this.stdin,
      env,
      cwd: this.folder,
      onStopSignal(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      onReloadSignal(listener) {
        reloads.add(listener);
        return () => reloads.delete(listener);
      },
      outliveReaders() {},
      exit: (code) => exits.push(code),
    };
    const code = main(argv, io);
    const shows = (text: string | RegExp) =>
      expect.poll(() => stdout).toMatch(typeof text === 'string' ? new RegExp(quote(text)) : text);
    const run: Run = {
      code,
      stdout: () => stdout,
      stderr: () => stderr,
      lines: () => stdout.split('\n'),
      exits,
      signal: (name) => {
        for (const listener of listeners) listener(name);
      },
      shows,
      reload() {
        for (const listener of reloads) listener();
        return reloads.size > 0;
      },
      async ready() {
        await Promise.race([shows(/^Postern ready on (.*)$/m), code]);
        const url = /^Postern ready on (.*)$/m.exec(stdout)?.[1];
        if (url === undefined) throw new Error(`not ready: ${stdout}${stderr}`);
        return url;
      },
    };
    this.#runs.push(run);
    return run;
  }

  async close(): Promise<void> {
    for (const run of this.#runs) run.signal('SIGTERM');
    await Promise.all(this.#runs.map((run) => run.code));
    await rm(this.folder, { recursive: true, force: true });
  }
}

function quote(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
