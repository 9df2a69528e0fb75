import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const stopWithinSeconds = 10;

/**
 * Node.js processes that live and die together. Their output appears here, each line under the name
 * of its process; when one ends, or a signal comes, all are stopped and this process ends.
 */
export class ProcessGroup {
  #cwd;
  #children = new Map();
  #stopping = false;

  constructor({ cwd }) {
    this.#cwd = cwd;
  }

  stopOnSignals() {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => this.#stop(0));
    }
    process.on('exit', () => this.#signal('SIGKILL'));
    if (process.env.npm_lifecycle_event) this.#stopWithParent();
  }

  /** A signal to npm alone ends npm and its shell, but is not handed on to what they started. */
  #stopWithParent() {
    const parent = process.ppid;
    const watch = setInterval(() => {
      if (process.ppid !== parent) this.#stop(0);
    }, 500);
    watch.unref();
  }

  /** Starts one process and waits for its ready line, which must come within the time given. */
  async start({ name, args, env, readyLine, readyWithinSeconds }) {
    if (this.#stopping) return await never();
    const child = spawn(process.execPath, args, {
      cwd: this.#cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children.set(name, child);
    child.once('exit', (code, signal) => this.#ended(name, signal ?? `exit code ${code}`));
    await new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        reject(new Error(`The ${name} was not ready within ${readyWithinSeconds} seconds.`));
      }, readyWithinSeconds * 1000);
      child.once('error', reject);
      relay(name, child.stderr, process.stderr);
      relay(name, child.stdout, process.stdout, (line) => {
        if (!readyLine.test(line)) return;
        clearTimeout(late);
        resolve();
      });
    });
  }

  #ended(name, how) {
    this.#children.delete(name);
    if (this.#stopping) return;
    console.error(`\nThe ${name} ended by itself (${how}); stopping the rest.`);
    this.#stop(1);
  }

  /** The last to start is the first to stop: it may still need those before it. */
  async #stop(exitCode) {
    if (this.#stopping) return;
    this.#stopping = true;
    const patience = setTimeout(() => this.#signal('SIGKILL'), stopWithinSeconds * 1000);
    for (const child of [...this.#children.values()].reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    }
    clearTimeout(patience);
    process.exit(exitCode);
  }

  #signal(signal) {
    for (const child of this.#children.values()) child.kill(signal);
  }
}

/** While everything stops, whoever waits for a start waits on: the process is about to end. */
function never() {
  return new Promise(() => {});
}

function relay(name, stream, out, seen = () => {}) {
  const label = `${name.padEnd(7)} │ `;
  createInterface({ input: stream }).on('line', (line) => {
    seen(line);
    out.write(`${out.isTTY ? `\x1b[2m${label}\x1b[22m` : label}${line}\n`);
  });
}
