/** The template that `postern dev FILE` serves, and follows when it changes. */
import { resolve } from 'node:path';
import type { Cancel } from '../ambient/clock.ts';
import { controlCall } from '../server/control-call.ts';
import type { Gateway } from '../server/gateway.ts';
import type { Log } from '../telemetry/log.ts';
import { ApplyError } from '../templates/control-client.ts';
import { readTemplate, type TemplateFile } from '../templates/read-template.ts';
import { TemplateError } from '../templates/source/template-error.ts';
import { deployFile } from '../templates/template-deployment.ts';
import { watchFile } from '../templates/watch-file.ts';
import { installFunctions } from './stack-functions.ts';
import { finishedLines, skippedLines, stepLine } from './stack-report.ts';
import type { TemplateChoice } from './template-options.ts';

export interface DevTemplateOptions {
  readonly path: string;
  readonly choice: TemplateChoice;
  readonly gateway: Gateway;
  readonly region: string;
  readonly account: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
}

export class DevTemplate {
  readonly #options: DevTemplateOptions;
  readonly #watches = new Map<string, Cancel>();
  #last: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: DevTemplateOptions) {
    this.#options = options;
  }

  /** Deploys the template. Rejects with `TemplateError` or `ApplyError`. */
  async deploy(): Promise<void> {
    const { choice, gateway, region, account, log } = this.#options;
    const file = this.#read();
    const target = {
      call: controlCall(gateway.controlPlane),
      store: gateway.stacks,
      region,
      account,
    };
    const stacks = await deployFile(
      file,
      { ...target, ...choice },
      {
        onStep: (step) => log.info(stepLine(step).trim()),
      },
    );
    await gateway.settled();
    for (const stack of stacks) {
      const lines = [
        ...skippedLines(stack.skipped),
        ...installFunctions(gateway.functions.folder, stack),
        ...finishedLines(stack, gateway.url),
      ];
      for (const line of lines) log.info(line);
    }
    await gateway.functions.reload();
  }

  /** From now on deploys again whenever a file of the template changed. */
  follow(onDeployed: () => void): Cancel {
    this.#onChange = () => {
      this.#last = this.#last.then(() => this.#redeploy(onDeployed));
    };
    return () => {
      this.#isStopped = true;
      for (const cancel of this.#watches.values()) cancel();
    };
  }

  #onChange: () => void = () => {};

  async #redeploy(onDeployed: () => void): Promise<void> {
    if (this.#isStopped) return;
    const { log } = this.#options;
    try {
      await this.deploy();
      onDeployed();
    } catch (error) {
      const isExpected = error instanceof TemplateError || error instanceof ApplyError;
      if (!isExpected) return log.error('The template could not be deployed', error);
      for (const line of error.message.split('\n')) log.warn(line);
    }
  }

  #read(): TemplateFile {
    const { path, choice, env, account } = this.#options;
    try {
      const file = readTemplate(path, { options: choice.options, env, account });
      this.#watch(file.paths);
      return file;
    } catch (error) {
      if (error instanceof TemplateError) this.#watch([path, ...error.paths]);
      throw error;
    }
  }

  /** Files come and go with what the template includes. */
  #watch(paths: readonly string[]): void {
    const wanted = new Set(paths.map((path) => resolve(path)));
    for (const [path, cancel] of this.#watches) {
      if (wanted.has(path)) continue;
      cancel();
      this.#watches.delete(path);
    }
    for (const path of wanted) {
      if (this.#watches.has(path)) continue;
      try {
        this.#watches.set(
          path,
          watchFile(path, () => this.#onChange()),
        );
      } catch (error) {
        const { log } = this.#options;
        log.warn(`Cannot watch ${path}: ${(error as Error).message}. Restart after a change.`);
      }
    }
  }
}
