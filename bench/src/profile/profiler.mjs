import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Takes a CPU profile of a gateway under load, which has `on-signal.mjs` in it. */

const PRELOAD = new URL('./on-signal.mjs', import.meta.url);
const WRITTEN_MILLIS_MAX = 10_000;
const LOOK_MILLIS = 20;
/** V8's thread that takes the samples. */
const SAMPLER = 'v8:ProfEvntProc';
const SAMPLER_MILLIS_MAX = 10_000;
/** Above what a run at real-time priority has; where that is not allowed the run has not got it either. */
const SAMPLER_PRIORITY = 20;

export class Profiler {
  #file;
  #pid = 0;

  /** @param {string} file where the profile goes, `….cpuprofile` */
  constructor(file) {
    this.#file = file;
  }

  /** What Node.js is told, so that the gateway answers. */
  get nodeWords() {
    const preload = new URL(PRELOAD);
    preload.searchParams.set('file', this.#file);
    return ['--import', preload.href];
  }

  /** @param {number} pid of the gateway, once it is ready and warm */
  async begin(pid) {
    mkdirSync(dirname(this.#file), { recursive: true });
    rmSync(this.#file, { force: true });
    process.kill(pid, 'SIGUSR2');
    this.#pid = pid;
    await putSamplerAhead(pid);
  }

  /** Resolves once the profile is written; at once when none was begun, or the gateway has ended. */
  async end() {
    if (this.#pid === 0) return;
    const pid = this.#pid;
    this.#pid = 0;
    try {
      process.kill(pid, 'SIGUSR2');
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH') return;
      throw error;
    }
    const deadline = performance.now() + WRITTEN_MILLIS_MAX;
    while (!existsSync(this.#file)) {
      if (performance.now() > deadline) throw new Error(`no profile came: ${this.#file}`);
      await sleep(LOOK_MILLIS);
    }
  }
}

/**
 * Between equals at real-time priority the sampler would have its turn only when the gateway is idle, and see
 * nothing else.
 *
 * @param {number} pid
 */
async function putSamplerAhead(pid) {
  const deadline = performance.now() + SAMPLER_MILLIS_MAX;
  for (;;) {
    const threads = threadsOf(pid);
    // It has ended.
    if (threads.length === 0) return;
    const thread = threads.find((one) => nameOf(pid, one) === SAMPLER);
    if (thread !== undefined) {
      spawnSync('chrt', ['--rr', '--pid', `${SAMPLER_PRIORITY}`, thread], { stdio: 'ignore' });
      return;
    }
    if (performance.now() > deadline) return;
    await sleep(LOOK_MILLIS);
  }
}

/** @param {number} pid */
function threadsOf(pid) {
  return unlessGone(() => readdirSync(`/proc/${pid}/task`)) ?? [];
}

/**
 * @param {number} pid
 * @param {string} thread
 */
function nameOf(pid, thread) {
  return unlessGone(() => readFileSync(`/proc/${pid}/task/${thread}/comm`, 'latin1').trim());
}

/**
 * @template T
 * @param {() => T} read
 */
function unlessGone(read) {
  try {
    return read();
  } catch (error) {
    const { code = '' } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}
