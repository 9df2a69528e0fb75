/**
 * A function whose runtime is started by somebody else, in a container or a debugger, and attaches to
 * the Runtime API on a port of its own. It may attach as often as it likes to take several events.
 */
import type { Cancel } from '../../../ambient/clock.ts';
import { LambdaError } from '../lambda-error.ts';
import type { Invocation } from './invocation.ts';
import type { LocalFunction, LocalSurroundings } from './local-function.ts';
import type { Poll } from './poll.ts';
import { type RuntimeAnswer, RuntimeApi } from './runtime-api.ts';
import { limitTime, refusalToWait, settle, stopping } from './settle.ts';

export interface AttachedFunctionOptions extends LocalSurroundings {
  readonly functionName: string;
  readonly timeoutMillis: number;
  /** Where the runtime finds the Runtime API; 0 takes a free port. */
  readonly port: number;
}

interface Running {
  readonly invocation: Invocation;
  readonly cancelTimer: Cancel;
}

export class AttachedFunction implements LocalFunction {
  readonly #options: AttachedFunctionOptions;
  readonly #api: RuntimeApi;
  readonly #polls = new Set<Poll>();
  readonly #running = new Map<string, Running>();
  /** In the order of their coming, each with the timer that ends the wait for a runtime. */
  readonly #waiting = new Map<Invocation, Cancel>();
  #address = '';
  #stopped = false;

  constructor(options: AttachedFunctionOptions) {
    this.#options = options;
    this.#api = new RuntimeApi({
      responseBytesMax: options.limits.responseBytesMax,
      onNext: (poll) => {
        this.#polls.add(poll);
        poll.onClosed(() => this.#polls.delete(poll));
        this.#dispatch();
      },
      onAnswer: (answer) => this.#takeAnswer(answer),
      onInitError: (description) => this.#failFirst(description),
    });
  }

  async start(): Promise<void> {
    const { functionName, log, port } = this.#options;
    this.#address = await this.#api.start(port);
    log.info(`${functionName} waits for a runtime: AWS_LAMBDA_RUNTIME_API=${this.#address}`);
  }

  run(invocation: Invocation): void {
    const { clock, functionName, limits } = this.#options;
    const refusal = this.#stopped
      ? stopping(this.#options.functionName)
      : refusalToWait(this.#waiting.size, this.#options);
    if (refusal) {
      invocation.reject(refusal);
      return;
    }
    const cancelTimer = clock.after(limits.initMillis, () => {
      // While another call is under way there is a runtime: it will come for this one.
      if (this.#running.size > 0) return;
      this.withdraw(invocation);
      const message = `no runtime of ${functionName} is attached to ${this.#address}`;
      invocation.reject(new LambdaError('unreachable', message));
    });
    this.#waiting.set(invocation, cancelTimer);
    this.#dispatch();
  }

  withdraw(invocation: Invocation): void {
    this.#waiting.get(invocation)?.();
    this.#waiting.delete(invocation);
  }

  /** Nothing to do: whoever started the runtime starts it again. */
  invalidate(): void {}

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#api.stop();
    const running = [...this.#running.values()];
    for (const { invocation, cancelTimer } of running) {
      cancelTimer();
      invocation.reject(stopping(this.#options.functionName));
    }
    this.#running.clear();
    for (const invocation of [...this.#waiting.keys()]) {
      this.withdraw(invocation);
      invocation.reject(stopping(this.#options.functionName));
    }
  }

  #dispatch(): void {
    for (const invocation of [...this.#waiting.keys()]) {
      const [poll] = this.#polls;
      if (!poll) return;
      this.#polls.delete(poll);
      this.withdraw(invocation);
      this.#deliver(invocation, poll);
    }
  }

  #deliver(invocation: Invocation, poll: Poll): void {
    const { clock, timeoutMillis } = this.#options;
    const { requestId } = invocation;
    const cancelTimer = limitTime(invocation, this.#options, () => this.#running.delete(requestId));
    this.#running.set(requestId, { invocation, cancelTimer });
    poll.deliver(invocation.delivery, clock.now() + timeoutMillis);
  }

  #takeAnswer(answer: RuntimeAnswer): boolean {
    const running = this.#running.get(answer.requestId);
    if (!running) return false;
    this.#running.delete(answer.requestId);
    running.cancelTimer();
    settle(running.invocation, answer, this.#options.limits);
    return true;
  }

  #failFirst(description: Buffer): void {
    const [invocation] = this.#waiting.keys();
    this.#options.log.warn(`The runtime of ${this.#options.functionName} could not begin`);
    if (!invocation) return;
    this.withdraw(invocation);
    invocation.fail(description);
  }
}
