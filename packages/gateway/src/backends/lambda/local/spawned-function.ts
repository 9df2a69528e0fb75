/**
 * A function in processes of our own. As on Lambda, one process has one event at a time, is kept for
 * the next one, and more are started when more calls come at once.
 */
import type { Cancel } from '../../../ambient/clock.ts';
import type { ProcessPlan } from './function-process.ts';
import { Instance } from './instance.ts';
import type { Invocation } from './invocation.ts';
import { type LocalFunction, type LocalSurroundings, nothingToCancel } from './local-function.ts';
import { refusalToWait, stopping } from './settle.ts';
import { watchCode } from './watch-code.ts';

export interface SpawnedFunctionOptions extends LocalSurroundings {
  readonly functionName: string;
  readonly timeoutMillis: number;
  /** The folder to watch for changes; none when left out. */
  readonly watchedFolder?: string;
  plan(runtimeApi: string): ProcessPlan;
}

const SWEEP_MILLIS = 60_000;

export class SpawnedFunction implements LocalFunction {
  readonly #options: SpawnedFunctionOptions;
  readonly #instances = new Set<Instance>();
  /** In the order of their coming. */
  #waiting: Invocation[] = [];
  #stopped = false;
  /** Since the last process was started. */
  #isChangeTold = false;
  #endWatch: Cancel = nothingToCancel;
  #endSweep: Cancel = nothingToCancel;

  constructor(options: SpawnedFunctionOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { clock, functionName, limits, log, watchedFolder } = this.#options;
    this.#endSweep = clock.every(SWEEP_MILLIS, () => this.#endQuiet());
    if (watchedFolder === undefined) return;
    const onChange = () => {
      // Once is enough: were each told of, a log beside the code would never be at rest.
      if (!this.#isChangeTold)
        log.info(`${functionName} changed: the next call runs it as it is now`);
      this.#isChangeTold = true;
      this.invalidate();
    };
    this.#endWatch = watchCode(watchedFolder, onChange, { clock, log, ...limits });
  }

  run(invocation: Invocation): void {
    const refusal = this.#stopped
      ? stopping(this.#options.functionName)
      : refusalToWait(this.#waiting.length, this.#options);
    if (refusal) {
      invocation.reject(refusal);
      return;
    }
    this.#waiting.push(invocation);
    this.#dispatch();
  }

  withdraw(invocation: Invocation): void {
    this.#waiting = this.#waiting.filter((other) => other !== invocation);
  }

  invalidate(): void {
    for (const instance of [...this.#instances]) instance.retire();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#endWatch();
    this.#endSweep();
    for (const invocation of this.#waiting) {
      invocation.reject(stopping(this.#options.functionName));
    }
    this.#waiting = [];
    await Promise.all([...this.#instances].map((instance) => instance.stop()));
  }

  /** Hands out what waits, and starts a process for each call that none can take. */
  #dispatch(): void {
    for (const instance of this.#instances) {
      if (this.#waiting.length === 0) return;
      if (instance.isReady) instance.run(this.#waiting.shift()!);
    }
    let coming = [...this.#instances].filter((instance) => instance.isComing).length;
    const { instancesPerFunctionMax } = this.#options.limits;
    while (coming < this.#waiting.length && this.#instances.size < instancesPerFunctionMax) {
      this.#startInstance();
      coming += 1;
    }
  }

  #startInstance(): void {
    const instance = new Instance({
      ...this.#options,
      onReady: () => this.#dispatch(),
      onEnded: (ended, failure) => {
        this.#instances.delete(ended);
        // Each failure to start takes one call with it: a broken function is not tried for ever.
        const invocation = failure && this.#waiting.shift();
        if (invocation) invocation.fail(failure(invocation.requestId));
        if (!this.#stopped) this.#dispatch();
      },
    });
    this.#instances.add(instance);
    this.#isChangeTold = false;
    instance.start();
  }

  #endQuiet(): void {
    const time = this.#options.clock.now() - this.#options.limits.idleMillis;
    for (const instance of [...this.#instances]) {
      if (instance.isQuietSince(time)) instance.retire();
    }
  }
}
