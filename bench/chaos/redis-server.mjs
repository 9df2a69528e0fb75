import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = '/usr/bin/redis-server';
const READY_MILLIS_MAX = 120_000;

/**
 * Debian's redis-server on a port of this machine. It writes every command to its log before it answers
 * (`appendfsync always`), so a killed one comes back as it was.
 */
export class RedisServer {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;
  #folder = '';
  #port;
  #isPersistent;
  #host;
  #prefix;

  /**
   * @param {number} port
   * @param {{ isPersistent?: boolean, host?: string, prefix?: readonly string[] }} [options] not
   *   persistent: it comes back empty; `prefix`: a command it is started by
   */
  constructor(port, { isPersistent = true, host = '127.0.0.1', prefix = [] } = {}) {
    this.#port = port;
    this.#isPersistent = isPersistent;
    this.#host = host;
    this.#prefix = prefix;
  }

  async start() {
    if (this.#folder === '') this.#folder = await mkdtemp(join(tmpdir(), 'postern-chaos-redis-'));
    const log = this.#isPersistent ? ['--appendonly', 'yes', '--appendfsync', 'always'] : [];
    const place = ['--port', String(this.#port), '--bind', this.#host, '--dir', this.#folder];
    const [command = PROGRAM, ...before] = [...this.#prefix, PROGRAM];
    const own = ['--save', '', '--protected-mode', 'no', ...log];
    const child = spawn(command, [...before, ...place, ...own], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#child = child;
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('redis-server')), READY_MILLIS_MAX);
      child.once('exit', () => reject(new Error('redis-server ended')));
      child.stdout.on('data', (chunk) => {
        if (!String(chunk).includes('Ready to accept connections')) return;
        clearTimeout(timer);
        resolve(undefined);
      });
    });
  }

  async kill() {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  async stop() {
    await this.kill();
    if (this.#folder !== '') await rm(this.#folder, { recursive: true, force: true });
  }
}
