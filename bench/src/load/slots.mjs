/**
 * A fixed set of numbers that name the operations in flight. A freed slot goes to the back of the
 * queue, so a number is not used again until all others were: a frame delivered twice is seen as
 * unexpected instead of being taken for another operation's.
 */
export class Slots {
  #free;
  #head = 0;
  #freeCount;
  #startedAt;

  /** @param {number} count */
  constructor(count) {
    this.#free = Int32Array.from({ length: count }, (_, slot) => slot);
    this.#freeCount = count;
    this.#startedAt = new Float64Array(count).fill(Number.NaN);
  }

  get inUse() {
    return this.#free.length - this.#freeCount;
  }

  /**
   * @param {number} startedAt when the operation starts, or was due to start
   * @returns {number} the slot, or -1 when all are in use
   */
  take(startedAt) {
    if (this.#freeCount === 0) return -1;
    const slot = this.#free[this.#head];
    this.#head = (this.#head + 1) % this.#free.length;
    this.#freeCount -= 1;
    this.#startedAt[slot] = startedAt;
    return slot;
  }

  /**
   * @param {number} slot
   * @returns {number} when the operation started; NaN when no such operation is in flight
   */
  release(slot) {
    if (slot < 0 || slot >= this.#free.length) return Number.NaN;
    const startedAt = this.#startedAt[slot];
    if (Number.isNaN(startedAt)) return startedAt;
    this.#startedAt[slot] = Number.NaN;
    this.#free[(this.#head + this.#freeCount) % this.#free.length] = slot;
    this.#freeCount += 1;
    return startedAt;
  }

  /** Gives back whatever is in use. */
  releaseAll() {
    for (let slot = 0; slot < this.#startedAt.length; slot += 1) this.release(slot);
  }
}
