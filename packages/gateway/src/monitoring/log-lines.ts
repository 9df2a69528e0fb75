/**
 * Lines on their way to a place that may be slow or gone: handed over in batches, bounded in bytes, and
 * counted when there is no room. Whoever writes never waits and never fails.
 */
export interface LogLine {
  /** Log group, or the name of a file. */
  readonly group: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** An access log's row is written as it is; a line of an execution log with its time. */
  readonly kind: 'access' | 'execution';
  readonly text: string;
}

/** May reject: then the batch is lost, and counted. */
export type Deliver = (lines: readonly LogLine[]) => Promise<void>;

export interface LogLinesOptions {
  readonly deliver: Deliver;
  /** Called for a batch that is lost. */
  lost(error: unknown, count: number): void;
}

/** What may wait for a place that is slow: some twenty thousand rows. */
export const HELD_BYTES_MAX = 4 * 1024 * 1024;
/** Nobody waits longer than this for a line. */
const HELD_MILLIS_MAX = 100;
const BATCH_BYTES_MAX = 512 * 1024;

export class LogLines {
  readonly #options: LogLinesOptions;
  #held: LogLine[] = [];
  #heldBytes = 0;
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;
  #delivering: Promise<void> | undefined;

  constructor(options: LogLinesOptions) {
    this.#options = options;
  }

  /** Lines that never arrived, since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  write(line: LogLine): void {
    if (this.#heldBytes + line.text.length > HELD_BYTES_MAX) {
      this.#dropped += 1;
      return;
    }
    this.#held.push(line);
    this.#heldBytes += line.text.length;
    if (this.#heldBytes >= BATCH_BYTES_MAX) this.#begin();
    else this.#timer ??= setTimeout(() => this.#begin(), HELD_MILLIS_MAX).unref();
  }

  /** Resolves once everything written so far has arrived or is lost. */
  async flush(): Promise<void> {
    while (this.#delivering || this.#held.length > 0) {
      this.#begin();
      await this.#delivering;
    }
  }

  /** One batch at a time, so that lines keep their order. */
  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#delivering || this.#held.length === 0) return;
    const lines = this.#held;
    this.#held = [];
    this.#delivering = this.#deliver(lines).finally(() => {
      this.#delivering = undefined;
      this.#heldBytes -= lines.reduce((sum, { text }) => sum + text.length, 0);
      if (this.#held.length > 0) this.#begin();
    });
  }

  async #deliver(lines: readonly LogLine[]): Promise<void> {
    try {
      await this.#options.deliver(lines);
    } catch (error) {
      this.#dropped += lines.length;
      this.#options.lost(error, lines.length);
    }
  }
}
