import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../src/processes/calls.mjs';

/**
 * One process of the gateway, or one supervisor and its workers, started as its users start it; to be
 * killed, frozen, drained and started again on the same port.
 */

const PROGRAM = fileURLToPath(new URL('../../packages/gateway/bin/postern.js', import.meta.url));
const READY_MILLIS_MAX = 120_000;
const OUTPUT_CHARS = 6_000;

export class GatewayNode {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;
  #settings;
  #output = '';
  /** @type {string[]} lines of the log with level error, of all its lives */
  errors = [];
  /** How often the others took it for dead. */
  expulsions = 0;
  /** @type {Map<string, number>} why connections ended, as its log says, since somebody last looked */
  ends = new Map();

  /**
   * @param {{ name: string, port: number, folder: string, args: readonly string[],
   *   host?: string | undefined, prefix?: readonly string[] | undefined,
   *   env?: Record<string, string> }} settings
   *   `prefix`: a command it is started by, such as faketime
   */
  constructor(settings) {
    this.#settings = settings;
  }

  get name() {
    return this.#settings.name;
  }

  get host() {
    return this.#settings.host ?? '127.0.0.1';
  }

  get port() {
    return this.#settings.port;
  }

  get pid() {
    return this.#child?.pid ?? 0;
  }

  get isRunning() {
    return this.#child !== undefined && this.#child.exitCode === null && !this.#child.signalCode;
  }

  /** Resolves once it accepts connections. */
  async start() {
    const { port, folder, args, prefix = [], env = {} } = this.#settings;
    const [command = process.execPath, ...before] = [...prefix, process.execPath];
    const place = ['--host', this.host, '--port', String(port)];
    const child = spawn(command, [...before, PROGRAM, 'start', ...place, ...args], {
      cwd: folder,
      env: { ...childEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(this.#failure('was not ready')), READY_MILLIS_MAX);
      const end = () => reject(this.#failure('ended'));
      child.once('exit', end);
      let rest = '';
      const read = (/** @type {Buffer} */ chunk) => {
        rest += chunk.toString();
        const lines = rest.split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          if (line.startsWith('Postern ready on')) {
            clearTimeout(timer);
            child.off('exit', end);
            resolve(undefined);
          } else if (line.includes('"level":"error"')) this.errors.push(line);
          else if (line.includes('took this one for dead')) this.expulsions += 1;
          else if (line.includes('"event":"disconnect"') && !line.includes('"retry":'))
            this.#countEnd(line);
        }
        this.#output = (this.#output + chunk).slice(-OUTPUT_CHARS);
      };
      child.stdout?.on('data', read);
      child.stderr?.on('data', read);
    });
  }

  /** That it does not start, and what it said. */
  async refusal() {
    const started = await this.start().then(
      () => true,
      () => false,
    );
    if (started) throw new Error(`${this.name} started`);
    return this.#output.trim().split('\n').at(-1) ?? '';
  }

  /** Processes below it: the workers of a supervisor. */
  workers() {
    const path = `/proc/${this.pid}/task/${this.pid}/children`;
    return readFileSync(path, 'utf8').split(' ').filter(Boolean).map(Number);
  }

  /** `kill -9`, and the end of it. Workers of a killed supervisor are left to themselves. */
  async kill() {
    const ended = this.#ended();
    this.#child?.kill('SIGKILL');
    await ended;
  }

  freeze() {
    this.#child?.kill('SIGSTOP');
  }

  thaw() {
    this.#child?.kill('SIGCONT');
  }

  /** SIGTERM; how it ended, and how long that took. */
  async drain() {
    const startedAt = performance.now();
    const ended = this.#ended();
    this.#child?.kill('SIGTERM');
    const code = await ended;
    return { code, millis: Math.round(performance.now() - startedAt) };
  }

  /** However it is: it ends. */
  async stop() {
    if (!this.isRunning) return;
    this.thaw();
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), 40_000);
    await this.drain();
    clearTimeout(timer);
  }

  /** The end of what it printed. */
  get output() {
    return this.#output;
  }

  /** @param {string} line */
  #countEnd(line) {
    const rule = /"rule":"([^"]+)"/.exec(line)?.[1] ?? 'unknown';
    this.ends.set(rule, (this.ends.get(rule) ?? 0) + 1);
  }

  /** @returns {Promise<number | null>} */
  #ended() {
    const child = this.#child;
    if (!child || !this.isRunning) return Promise.resolve(child?.exitCode ?? null);
    return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  }

  /** @param {string} what */
  #failure(what) {
    return new Error(`${this.name} ${what}:\n${this.#output}`);
  }
}
