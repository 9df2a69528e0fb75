/** How long a write waits for others, where one was begun just before it. */
const WINDOW_MILLIS = 1;

/**
 * Joins writes that come shortly after one another, so that they are one transaction: each wakes a
 * thread, and that costs more than all else about a write.
 */
export class WriteBatches {
  #waiting: (() => void)[] = [];
  /** Set while the writes of a moment ago may still have company. */
  #timer: NodeJS.Timeout | undefined;

  /** Runs `write` at once, or where another was begun just before, with those that follow it. */
  join<T>(write: () => Promise<T>): Promise<T> {
    if (this.#timer === undefined) {
      this.#timer = setTimeout(this.#endWindow, WINDOW_MILLIS);
      return write();
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        try {
          write().then(resolve, reject);
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** Waits for nothing more. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#run();
  }

  readonly #endWindow = (): void => {
    const isBusy = this.#waiting.length > 0;
    this.#timer = isBusy ? setTimeout(this.#endWindow, WINDOW_MILLIS) : undefined;
    this.#run();
  };

  #run(): void {
    const writes = this.#waiting;
    this.#waiting = [];
    for (const write of writes) write();
  }
}
