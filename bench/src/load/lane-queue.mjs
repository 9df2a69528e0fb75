/**
 * The lanes (connections) that may take one more operation, longest waiting first. A lane is in
 * the queue once for every operation its window still has room for.
 */
export class LaneQueue {
  #entries;
  #head = 0;
  #length = 0;

  /** @param {number} capacity lanes times their window */
  constructor(capacity) {
    this.#entries = new Int32Array(capacity);
  }

  get length() {
    return this.#length;
  }

  get isFull() {
    return this.#length === this.#entries.length;
  }

  /**
   * Starts over with every lane's whole window free, dealt out in turn.
   *
   * @param {number} lanes
   */
  fill(lanes) {
    this.#head = 0;
    this.#length = this.#entries.length;
    for (let index = 0; index < this.#length; index += 1) this.#entries[index] = index % lanes;
  }

  /** @param {number} lane */
  push(lane) {
    if (this.isFull) throw new Error('a lane was freed more often than it was taken');
    this.#entries[(this.#head + this.#length) % this.#entries.length] = lane;
    this.#length += 1;
  }

  /** @returns {number} the lane, or -1 when none has room */
  shift() {
    if (this.#length === 0) return -1;
    const lane = this.#entries[this.#head];
    this.#head = (this.#head + 1) % this.#entries.length;
    this.#length -= 1;
    return lane;
  }
}
