/** What happened and has not been looked at yet, in order. `next()` waits for the following one. */
export class Queue<Value> {
  readonly #values: Value[] = [];
  readonly #takers: ((value: Value) => void)[] = [];

  push(value: Value): void {
    const taker = this.#takers.shift();
    if (taker) taker(value);
    else this.#values.push(value);
  }

  next(): Promise<Value> {
    if (this.#values.length > 0) return Promise.resolve(this.#values.shift() as Value);
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  /** What has happened so far, without waiting. */
  drain(): Value[] {
    return this.#values.splice(0);
  }
}
