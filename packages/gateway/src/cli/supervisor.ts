/**
 * Several processes that serve one port. The supervisor accepts connections and hands them out in turn
 * (`node:cluster`), so that sockets that live for hours are spread evenly; or it hands out the port, and
 * whichever worker is free accepts. It replaces workers that die. It serves nothing itself: what it does
 * is little enough never to fail.
 */
import cluster, { type Worker } from 'node:cluster';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../ambient/clock.ts';
import type { Configuration } from '../server/config.ts';
import { usesColor } from '../telemetry/color.ts';
import type { Log } from '../telemetry/log.ts';
import { forwardLines } from './forward-lines.ts';
import { exitCodes, type Io, type StopSignal } from './io.ts';
import { MetricsOfWorkers } from './worker-metrics.ts';
import { readyAddress, roleVariables } from './worker-role.ts';

export interface SupervisorOptions {
  readonly count: number;
  readonly configuration: Pick<Configuration, 'ephemeral' | 'workerSpread'>;
  readonly io: Io;
  readonly log: Log;
  /** What is said when it begins to stop. */
  readonly farewell: string;
}

/** A worker that dies younger than this has not served: something is wrong with all of them. */
const YOUNG_MILLIS = 5000;
const YOUNG_DEATHS_MAX = 5;
const BACK_OFF_MILLIS = 100;

/** Runs workers until a signal, or until they cannot be kept alive. Resolves with the exit code. */
export function supervise(options: SupervisorOptions): Promise<number> {
  return new Supervisor(options).run();
}

class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #workers = new Map<number, Worker>();
  readonly #metrics = new MetricsOfWorkers(systemClock);
  readonly #temporaryFolder: string | undefined;
  #address: string | undefined;
  /** What workers said before all of them were ready. */
  #held: string[] | undefined = [];
  #waiting = 0;
  #youngDeaths = 0;
  #isStopping = false;
  #code: number = exitCodes.fine;
  #finish: (code: number) => void = () => {};

  constructor(options: SupervisorOptions) {
    this.#options = options;
    if (options.configuration.ephemeral) {
      this.#temporaryFolder = mkdtempSync(join(tmpdir(), 'postern-'));
    }
  }

  async run(): Promise<number> {
    const { io, configuration } = this.#options;
    if (configuration.workerSpread === 'kernel') cluster.schedulingPolicy = cluster.SCHED_NONE;
    cluster.setupPrimary({ silent: true });
    const cancels = [
      io.onStopSignal((signal) => this.#stop(signal)),
      io.onReloadSignal(() => {
        for (const worker of this.#workers.values()) worker.process.kill('SIGHUP');
      }),
    ];
    const finished = new Promise<number>((resolve) => {
      this.#finish = resolve;
    });
    // The first one alone: it brings the store up to what the file says.
    this.#waiting = 1;
    this.#launch(1);
    const code = await finished;
    for (const cancel of cancels) cancel();
    if (code === exitCodes.fine) this.#options.log.info('Stopped.');
    this.#release();
    if (this.#temporaryFolder !== undefined) {
      rmSync(this.#temporaryFolder, { recursive: true, force: true });
    }
    return code;
  }

  #launch(number: number): void {
    const { io } = this.#options;
    const temporaryFolder = this.#temporaryFolder;
    const isColored = usesColor(io.stdout, io.env);
    const role = { number, isColored, ...(temporaryFolder !== undefined && { temporaryFolder }) };
    const worker = cluster.fork(roleVariables(role));
    const startedAt = systemClock.now();
    this.#workers.set(number, worker);
    const { stdout, stderr } = worker.process;
    if (stdout) forwardLines(stdout, (lines) => this.#say(lines));
    if (stderr) forwardLines(stderr, (lines) => io.stderr.write(lines));
    worker.on('message', (message: unknown) => {
      const address = readyAddress(message);
      if (address !== undefined) this.#ready(address);
    });
    const forget = this.#metrics.add(number, {
      // One that is ending has no ear any more.
      send: (message) => void (worker.isConnected() && worker.send(message, () => {})),
      onMessage: (listener) => void worker.on('message', listener),
    });
    worker.process.once('close', (code: number | null, signal: string | null) => {
      this.#workers.delete(number);
      forget();
      this.#ended(number, code, signal, systemClock.now() - startedAt);
    });
  }

  #ready(address: string): void {
    this.#waiting -= 1;
    if (this.#address === undefined) {
      this.#address = address;
      const { count } = this.#options;
      this.#waiting = count - 1;
      for (let number = 2; number <= count; number += 1) this.#launch(number);
    }
    if (this.#waiting === 0 && this.#held) {
      this.#options.io.stdout.write(`Postern ready on ${this.#address}\n`);
      this.#release();
    }
  }

  #ended(number: number, code: number | null, signal: string | null, age: number): void {
    const { io, log } = this.#options;
    if (this.#isStopping) {
      if (code !== 0) this.#code = exitCodes.failed;
      if (this.#workers.size === 0) this.#finish(this.#code);
      return;
    }
    // Before everybody is ready, what is wrong is the configuration or the machine: it has said what.
    if (this.#held) {
      if (signal !== null) io.stderr.write(`Worker ${number} ended before it served: ${signal}\n`);
      this.#giveUp();
      return;
    }
    const how = signal ?? `exit code ${code}`;
    this.#youngDeaths = age < YOUNG_MILLIS ? this.#youngDeaths + 1 : 0;
    if (this.#youngDeaths >= YOUNG_DEATHS_MAX) {
      const reason = `${YOUNG_DEATHS_MAX} workers in a row ended right after their start (${how})`;
      log.error('The workers cannot be kept alive', new Error(reason));
      this.#giveUp();
      return;
    }
    log.warn(`Worker ${number} ended: another takes its place`, { reason: how });
    const delay = BACK_OFF_MILLIS * 2 ** this.#youngDeaths;
    systemClock.after(this.#youngDeaths === 0 ? 0 : delay, () => {
      if (!this.#isStopping) this.#launch(number);
    });
  }

  #stop(signal: StopSignal): void {
    if (!this.#isStopping && !this.#held) this.#options.log.info(this.#options.farewell);
    this.#isStopping = true;
    if (this.#workers.size === 0) this.#finish(this.#code);
    // Ctrl-C reaches the whole group, and systemd signals each process of a service: to a worker that
    // has it already, the other signal is the same wish, and the same one again would end it at once.
    for (const worker of this.#workers.values()) {
      worker.process.kill(signal === 'SIGINT' ? 'SIGTERM' : 'SIGINT');
    }
  }

  #giveUp(): void {
    this.#code = exitCodes.failed;
    this.#stop('SIGTERM');
  }

  #say(lines: string): void {
    if (this.#held) this.#held.push(lines);
    else this.#options.io.stdout.write(lines);
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const lines of held) this.#say(lines);
  }
}
