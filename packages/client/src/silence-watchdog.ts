import type { Timers } from './timers.ts';

export interface SilenceWatchdogOptions {
  readonly silenceTimeoutMs: number;
  readonly silenceCheckIntervalMs: number;
  readonly timers: Timers;
}

/**
 * Notices that the far end has been silent too long. While started it looks at its watch every
 * interval and reports silence at each look until something is heard.
 */
export class SilenceWatchdog {
  readonly #options: SilenceWatchdogOptions;
  readonly #onSilence: () => void;
  #interval: unknown;
  #heardAtMs = 0;

  constructor(options: SilenceWatchdogOptions, onSilence: () => void) {
    this.#options = options;
    this.#onSilence = onSilence;
  }

  start(): void {
    this.stop();
    this.heard();
    const { timers, silenceCheckIntervalMs } = this.#options;
    this.#interval = timers.setInterval(() => this.#check(), silenceCheckIntervalMs);
  }

  heard(): void {
    this.#heardAtMs = this.#options.timers.now();
  }

  stop(): void {
    this.#options.timers.clearInterval(this.#interval);
    this.#interval = undefined;
  }

  #check(): void {
    const silentMs = this.#options.timers.now() - this.#heardAtMs;
    if (silentMs > this.#options.silenceTimeoutMs) this.#onSilence();
  }
}
