/** What arrives, in order, waited for one at a time and never forever. */

/** @template T */
export class Arrivals {
  /** @type {T[]} */
  #items = [];
  /** @type {((item: T) => void)[]} */
  #waiting = [];

  /** @param {T} item */
  add(item) {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(item);
    else this.#items.push(item);
  }

  /** How many nobody has asked for. */
  get length() {
    return this.#items.length;
  }

  /** The next one if it is there already. */
  peek() {
    return this.#items[0];
  }

  /**
   * @param {string} what names what did not come
   * @param {number} patienceMillis
   * @returns {Promise<T>}
   */
  next(what, patienceMillis) {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve(item);
    return new Promise((resolve, reject) => {
      const take = (/** @type {T} */ item) => {
        clearTimeout(timer);
        resolve(item);
      };
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((other) => other !== take);
        reject(new Error(`${what} did not come within ${patienceMillis} ms`));
      }, patienceMillis);
      this.#waiting.push(take);
    });
  }
}
