import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nowMicros } from '../measure/clock.mjs';
import { childEnvironment } from './calls.mjs';

/** A server that is measured: any program, in an empty folder of its own, on 127.0.0.1. */

const READY_MILLIS_MAX = 60_000;
const STOP_MILLIS_MAX = 5_000;
const KEPT_OUTPUT_CHARS = 4_000;
/** A pipe holds 64 KB, so this keeps up with 32 MB of log a second. */
const READ_PAUSE_MILLIS = 2;

export class ServerProcess {
  #child;
  #folder;
  #output = '';
  #stopping = false;
  #endedEarly = false;
  #readyMillis = 0;

  /**
   * @param {import('node:child_process').ChildProcessByStdio<
   *   null, import('node:stream').Readable, import('node:stream').Readable>} child
   * @param {string} folder
   */
  constructor(child, folder) {
    this.#child = child;
    this.#folder = folder;
    child.once('exit', () => {
      this.#endedEarly = !this.#stopping;
    });
    this.#drain(child.stdout);
    this.#drain(child.stderr);
  }

  /**
   * Starts a program in an empty folder of its own; rejects when it is not ready within 20 seconds.
   *
   * @param {object} program
   * @param {string} program.command
   * @param {(folder: string) => Promise<readonly string[]> | readonly string[]} program.args made
   *   once the folder is there: this is the time to write files into it
   * @param {RegExp} program.ready what it prints when it is; its groups are handed back
   * @param {Readonly<Record<string, string>>} [program.env]
   * @returns {Promise<{ server: ServerProcess, ready: RegExpExecArray }>}
   */
  static async start({ command, args, ready, env = {} }) {
    const folder = await mkdtemp(join(tmpdir(), 'postern-bench-'));
    const words = await args(folder);
    const startedAt = nowMicros();
    const child = spawn(command, words, {
      cwd: folder,
      env: { ...childEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const server = new ServerProcess(child, folder);
    try {
      const found = await server.#ready(ready);
      server.#readyMillis = (nowMicros() - startedAt) / 1e3;
      return { server, ready: found };
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  get pid() {
    return this.#child.pid ?? 0;
  }

  /** Whether it ended without being asked to. */
  get endedEarly() {
    return this.#endedEarly;
  }

  /** From its start until it said that it was ready. */
  get readyMillis() {
    return this.#readyMillis;
  }

  /** The last few thousand characters it printed. */
  get output() {
    return this.#output;
  }

  /** Asks it to drain and waits; one that does not end within five seconds is killed. */
  async stop() {
    this.#stopping = true;
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = new Promise((resolve) => this.#child.once('exit', resolve));
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MILLIS_MAX);
      this.#child.kill('SIGTERM');
      await exited;
      clearTimeout(timer);
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  /**
   * @param {RegExp} pattern
   * @returns {Promise<RegExpExecArray>}
   */
  #ready(pattern) {
    return new Promise((resolve, reject) => {
      let text = '';
      const timer = setTimeout(() => fail('was not ready in time'), READY_MILLIS_MAX);
      const fail = (/** @type {string} */ what) => {
        clearTimeout(timer);
        reject(new Error(`${this.#child.spawnfile} ${what}:\n${text}`));
      };
      const onOutput = (/** @type {Buffer} */ chunk) => {
        text += chunk.toString();
        const found = pattern.exec(text);
        if (found === null) return;
        clearTimeout(timer);
        this.#child.stdout.off('data', onOutput);
        this.#child.stderr.off('data', onOutput);
        resolve(found);
      };
      this.#child.stdout.on('data', onOutput);
      this.#child.stderr.on('data', onOutput);
      this.#child.once('error', (error) => fail(error.message));
      this.#child.once('close', () => fail('ended'));
    });
  }

  /**
   * Keeps the end of what the server prints. The pause lets a busy log fill the pipe for a while:
   * waking up for every line would take a core away from what is measured.
   *
   * @param {import('node:stream').Readable} stream
   */
  #drain(stream) {
    stream.on('data', (/** @type {Buffer} */ chunk) => {
      const tail = chunk.subarray(Math.max(0, chunk.length - KEPT_OUTPUT_CHARS)).toString();
      this.#output = (this.#output + tail).slice(-KEPT_OUTPUT_CHARS);
      stream.pause();
      setTimeout(() => stream.resume(), READ_PAUSE_MILLIS);
    });
  }
}
