import { fork } from 'node:child_process';

/**
 * Calls between the bench and the processes it forks: a method name and plain values one way, a
 * plain value or an error's text back.
 */

/** @typedef {{ id: number, method: string, params: any }} Call */
/** @typedef {{ id: number, result?: any, error?: string }} Answer */

const STOP_MILLIS_MAX = 2_000;

/** A forked process and the calls it is answering. */
export class ForkedProcess {
  #child;
  #pending = new Map();
  #nextId = 1;

  /**
   * @param {URL} module
   * @param {readonly string[]} [nodeOptions]
   */
  constructor(module, nodeOptions = []) {
    this.#child = fork(module, { env: childEnvironment(), execArgv: [...nodeOptions] });
    this.#child.on('message', (message) => this.#onAnswer(/** @type {Answer} */ (message)));
    this.#child.once('exit', (code, signal) => {
      const error = new Error(`${module.pathname} ended early (${signal ?? code})`);
      for (const { reject } of this.#pending.values()) reject(error);
      this.#pending.clear();
    });
  }

  get pid() {
    return this.#child.pid ?? 0;
  }

  /**
   * @param {string} method
   * @param {object} params
   * @param {number} timeoutMillis rejects when the answer takes longer
   * @returns {Promise<any>}
   */
  call(method, params, timeoutMillis = 60_000) {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new Error(`"${method}" took over ${Math.round(timeoutMillis)} ms`));
      }, timeoutMillis);
      this.#pending.set(id, {
        resolve: (/** @type {any} */ result) => {
          clearTimeout(timer);
          resolve(result);
        },
        reject: (/** @type {Error} */ error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      if (!this.#child.connected) {
        this.#onAnswer({ id, error: `"${method}" called after the process ended` });
        return;
      }
      this.#child.send({ id, method, params });
    });
  }

  /** Ends the process; safe to call twice. */
  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MILLIS_MAX);
    if (this.#child.connected) this.#child.disconnect();
    await exited;
    clearTimeout(timer);
  }

  /** @param {Answer} answer */
  #onAnswer({ id, result, error }) {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (error === undefined) pending?.resolve(result);
    else pending?.reject(new Error(error));
  }
}

/**
 * Answers calls inside a forked process, and ends it when the bench is gone.
 *
 * @param {Record<string, (params: any) => any>} methods
 * @param {() => void} [beforeEnd]
 */
export function answerCalls(methods, beforeEnd = () => {}) {
  process.on('message', async (message) => {
    const { id, method, params } = /** @type {Call} */ (message);
    try {
      const handler = methods[method];
      if (handler === undefined) throw new Error(`no method "${method}"`);
      reply({ id, result: await handler(params) });
    } catch (error) {
      reply({ id, error: error instanceof Error ? error.message : String(error) });
    }
  });
  const end = () => {
    beforeEnd();
    process.exit(0);
  };
  process.once('disconnect', end);
  // The bench may have gone while this process was still loading its modules.
  if (!process.connected) end();
}

/** @param {Answer} answer */
function reply(answer) {
  if (process.connected) process.send?.(answer);
}

/**
 * What child processes see of the environment: nothing that configures Node, Postern or an AWS
 * SDK, so that a run means the same in every shell.
 *
 * @returns {NodeJS.ProcessEnv}
 */
export function childEnvironment() {
  const { PATH, HOME, TMPDIR, LANG } = process.env;
  return JSON.parse(JSON.stringify({ PATH, HOME, TMPDIR, LANG }));
}
