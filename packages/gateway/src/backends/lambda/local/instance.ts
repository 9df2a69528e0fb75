/**
 * One process of a function and its life: it starts, asks for an event, answers, asks again; until it
 * exits, takes too long or is not needed. It never has more than one event at a time.
 */
import { type ExitStatus, wasNeverStarted } from './exit-status.ts';
import { exited, initTimedOut, notStarted } from './function-errors.ts';
import {
  type FunctionProcess,
  type ProcessPlan,
  startFunctionProcess,
} from './function-process.ts';
import type { Invocation } from './invocation.ts';
import { type LocalSurroundings, nothingToCancel } from './local-function.ts';
import { readOutputLines } from './output-lines.ts';
import type { Poll } from './poll.ts';
import { type RuntimeAnswer, RuntimeApi } from './runtime-api.ts';
import { limitTime, settle, stopping } from './settle.ts';

export interface InstanceOptions extends LocalSurroundings {
  readonly functionName: string;
  readonly timeoutMillis: number;
  /** The process to start, told where it finds its Runtime API. */
  plan(runtimeApi: string): ProcessPlan;
  /** Ready for an event: `run` may be called once. */
  onReady(instance: Instance): void;
  /** Gone, or going. `failure` describes, for a call, why it never became ready. */
  onEnded(instance: Instance, failure?: (requestId: string) => Buffer): void;
}

type State = 'starting' | 'ready' | 'busy' | 'answered' | 'ended';

export class Instance {
  readonly #options: InstanceOptions;
  readonly #api: RuntimeApi;
  #state: State = 'starting';
  #process: FunctionProcess | undefined;
  #gone = Promise.resolve();
  #poll: Poll | undefined;
  /** The call under way, or else the last one: what is still printed belongs to it. */
  #invocation: Invocation | undefined;
  #isRetired = false;
  #cancelTimer = nothingToCancel;
  #quietSince = 0;

  constructor(options: InstanceOptions) {
    this.#options = options;
    this.#api = new RuntimeApi({
      responseBytesMax: options.limits.responseBytesMax,
      onNext: (poll) => this.#takePoll(poll),
      onAnswer: (answer) => this.#takeAnswer(answer),
      onInitError: (description) => this.#end(() => description),
    });
  }

  /** Whether it will ask for an event before long, or else end. */
  get isComing(): boolean {
    return this.#state === 'starting' || this.#state === 'answered';
  }

  get isReady(): boolean {
    return this.#state === 'ready';
  }

  /** Whether it has had nothing to do since `time`, epoch milliseconds. */
  isQuietSince(time: number): boolean {
    return this.isReady && this.#quietSince <= time;
  }

  start(): void {
    const { clock, limits } = this.#options;
    this.#cancelTimer = clock.after(limits.initMillis, () => {
      this.#end((requestId) => initTimedOut(requestId, limits.initMillis));
    });
    this.#gone = this.#live();
  }

  /** Only when it is ready. */
  run(invocation: Invocation): void {
    const { clock, timeoutMillis } = this.#options;
    this.#state = 'busy';
    this.#invocation = invocation;
    this.#cancelTimer = limitTime(invocation, this.#options, () => this.#end());
    const poll = this.#poll!;
    this.#poll = undefined;
    poll.deliver(invocation.delivery, clock.now() + timeoutMillis);
  }

  /** Ends it now, or after the call under way. */
  retire(): void {
    this.#isRetired = true;
    if (this.#state !== 'busy') this.#end();
  }

  /** Ends it at once; a call under way is rejected. Resolves when the process is gone. */
  async stop(): Promise<void> {
    if (this.#state === 'busy') this.#invocation!.reject(stopping(this.#options.functionName));
    this.#end();
    await this.#gone;
  }

  async #live(): Promise<void> {
    let plan: ProcessPlan | undefined;
    try {
      plan = this.#options.plan(await this.#api.start(0));
      if (this.#state === 'ended') return this.#api.stop();
      this.#process = startFunctionProcess(plan);
    } catch (error) {
      const command = plan?.command ?? [this.#options.functionName];
      return this.#end((requestId) => notStarted(requestId, command, (error as Error).message));
    }
    this.#readOutput(this.#process);
    this.#processEnded(plan.command, await this.#process.ended);
  }

  #takePoll(poll: Poll): void {
    if (this.#state === 'busy' || this.#state === 'ended') {
      poll.refuse();
      return;
    }
    if (this.#isRetired) {
      this.#end();
      return;
    }
    this.#cancelTimer();
    this.#state = 'ready';
    this.#poll = poll;
    this.#quietSince = this.#options.clock.now();
    poll.onClosed(() => {
      // It hung up without an event: it is about to exit, or else cannot be trusted with one.
      if (this.#poll === poll) this.#end();
    });
    this.#options.onReady(this);
  }

  #takeAnswer(answer: RuntimeAnswer): boolean {
    const invocation = this.#invocation;
    if (this.#state !== 'busy' || invocation?.requestId !== answer.requestId) return false;
    // Its time goes on: as on Lambda, the call is over when the next event is asked for.
    this.#state = 'answered';
    settle(invocation, answer, this.#options.limits);
    return true;
  }

  #processEnded(command: readonly string[], status: ExitStatus | Error): void {
    const describe = (requestId: string): Buffer => {
      if (status instanceof Error) return notStarted(requestId, command, status.message);
      if (this.#state === 'busy' || !wasNeverStarted(status)) return exited(requestId, status);
      return notStarted(requestId, command, 'there is no such program, or it may not be run');
    };
    if (this.#state === 'busy') this.#invocation!.fail(describe(this.#invocation!.requestId));
    this.#end(this.#state === 'starting' ? describe : undefined);
  }

  #readOutput({ stdout, stderr }: FunctionProcess): void {
    const { functionName, limits, output } = this.#options;
    for (const stream of [stdout, stderr]) {
      readOutputLines(stream, {
        limits,
        currentRequestId: () => this.#invocation?.requestId,
        onLine: (requestId, line) => output(functionName, requestId, line),
      });
    }
  }

  #end(failure?: (requestId: string) => Buffer): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#cancelTimer();
    this.#process?.kill();
    this.#api.stop();
    this.#options.onEnded(this, failure);
  }
}
