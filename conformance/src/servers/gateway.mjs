import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A built Postern, started as its users start it, on a free port of 127.0.0.1 in an empty folder of
 * its own, keeping nothing.
 */

const READY = /^Postern ready on (http:\/\/127\.0\.0\.1:\d+)/m;
const READY_MILLIS_MAX = 60_000;
const STOP_MILLIS_MAX = 5_000;
const KEPT_OUTPUT_CHARS = 4_000;

export class Gateway {
  #child;
  #folder;
  #output = '';

  /**
   * @param {import('node:child_process').ChildProcessByStdio<
   *   null, import('node:stream').Readable, import('node:stream').Readable>} child
   * @param {string} folder
   */
  constructor(child, folder) {
    this.#child = child;
    this.#folder = folder;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        this.#output = (this.#output + chunk).slice(-KEPT_OUTPUT_CHARS);
      });
    }
  }

  /**
   * Rejects when it is not ready within 20 seconds.
   *
   * @param {{ checkout: string, command: 'dev' | 'start', config?: string, flags?: string[],
   *   env?: Record<string, string> }} how
   * @returns {Promise<{ gateway: Gateway, url: string }>}
   */
  static async start({ checkout, command, config, flags = [], env = {} }) {
    const folder = await mkdtemp(join(tmpdir(), 'postern-conformance-'));
    const args = [programOf(checkout), command, '--port', '0', '--ephemeral', ...flags];
    if (config !== undefined) {
      const file = join(folder, 'postern.yaml');
      await writeFile(file, config);
      args.push('--config', file);
    }
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env: { ...environment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const gateway = new Gateway(child, folder);
    try {
      return { gateway, url: await gateway.#ready() };
    } catch (error) {
      await gateway.stop();
      throw error;
    }
  }

  /** The end of what it printed. */
  get output() {
    return this.#output;
  }

  /** Asks it to drain and waits; one that does not end within five seconds is killed. */
  async stop() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = new Promise((resolve) => this.#child.once('exit', resolve));
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MILLIS_MAX);
      this.#child.kill('SIGTERM');
      await exited;
      clearTimeout(timer);
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** @returns {Promise<string>} its address */
  #ready() {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => fail('was not ready in time'), READY_MILLIS_MAX);
      const fail = (/** @type {string} */ what) => {
        clearTimeout(timer);
        reject(new Error(`the gateway ${what}:\n${this.#output}`));
      };
      const onOutput = () => {
        const found = READY.exec(this.#output);
        if (found === null) return;
        clearTimeout(timer);
        this.#child.stdout.off('data', onOutput);
        resolve(found[1]);
      };
      this.#child.stdout.on('data', onOutput);
      this.#child.once('error', (error) => fail(error.message));
      this.#child.once('close', () => fail('ended'));
    });
  }
}

/**
 * Whether a checkout's gateway knows a flag of `postern dev`.
 *
 * @param {string} checkout
 * @param {string} flag
 */
export function knowsFlag(checkout, flag) {
  const { stdout } = spawnSync(process.execPath, [programOf(checkout), 'dev', '--help'], {
    encoding: 'utf8',
    env: environment(),
    timeout: READY_MILLIS_MAX,
  });
  return stdout.includes(flag);
}

/** @param {string} checkout */
function programOf(checkout) {
  const program = join(checkout, 'packages/gateway/bin/postern.js');
  if (!existsSync(join(checkout, 'packages/gateway/dist/cli/main.js'))) {
    throw new Error(`${program} is not built: run "npm ci && npm run build" there first`);
  }
  return program;
}

/** Nothing that configures Node, Postern or an AWS SDK, so that a run means the same everywhere. */
function environment() {
  const { PATH, HOME, TMPDIR, LANG } = process.env;
  return JSON.parse(JSON.stringify({ PATH, HOME, TMPDIR, LANG, NO_COLOR: '1' }));
}
