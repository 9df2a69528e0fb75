/**
 * Which Lambda functions this gateway runs: those it was started with, those of its file, and those of
 * stacks that were deployed to it.
 */
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cancel, Clock } from '../ambient/clock.ts';
import { shortId } from '../ambient/ids.ts';
import { makeFolder } from '../ambient/make-folder.ts';
import type { Random } from '../ambient/random.ts';
import type { Functions, LambdaFunctions } from '../backends/lambda/lambda.ts';
import type { Log } from '../telemetry/log.ts';
import { functionFolder, functionsOfStacks, readStackFunctions } from './function-folder.ts';
import { watchFolder } from './watch-folder.ts';

export interface FunctionHostOptions {
  readonly lambda: LambdaFunctions;
  /** Those it was started with: they come before all others. */
  readonly functions: Functions;
  /** The data folder; absent where nothing is kept. */
  readonly data?: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The gateway's public base, once it listens. */
  url(): string;
  /** Resolves once the certificate that functions trust is in its file. */
  certificateReady(): Promise<void>;
}

export class FunctionHost {
  /** Where stacks keep the functions that this gateway runs for them. */
  readonly folder: string;
  readonly #options: FunctionHostOptions;
  #ofFile: Functions = {};
  #endWatch: Cancel = () => {};

  constructor(options: FunctionHostOptions) {
    this.#options = options;
    this.folder =
      options.data === undefined
        ? join(tmpdir(), `postern-functions-${shortId(options.random, 16)}`)
        : functionFolder(options.data);
  }

  /** Takes over the functions of the file, and those of stacks as they are in the folder now. */
  async use(ofFile: Functions): Promise<void> {
    this.#ofFile = ofFile;
    const { lambda, functions, certificateReady, url } = this.#options;
    const ofStacks = functionsOfStacks(readStackFunctions(this.folder).values(), url());
    const all = { ...ofStacks, ...ofFile, ...functions };
    // Functions trust the certificate by a file they read when they start: it has to be there.
    if (Object.keys(all).length > 0) await certificateReady();
    await lambda.replace(all);
  }

  /** The functions of stacks as they are in the folder now. */
  reload(): Promise<void> {
    return this.use(this.#ofFile);
  }

  /** From now on notices what a deploy from another process writes into the folder. */
  follow(): void {
    const { data, clock, log } = this.#options;
    if (data === undefined) return;
    makeFolder(this.folder, 0o700);
    const reload = () => {
      this.reload().catch((error) => log.error('Functions cannot be used', error));
    };
    this.#endWatch = watchFolder(this.folder, reload, clock);
  }

  stop(): void {
    this.#endWatch();
    if (this.#options.data === undefined) rmSync(this.folder, { recursive: true, force: true });
  }
}
