/**
 * When the load generator itself was held up. It sends late then, and reads late, and no latency says whose
 * fault that was.
 */

/** A turn of its event loop that takes longer is a stall: it makes what was due late. */
const STALL_MICROS = 250;
/** What handling an operation may take it: with many at once a turn is long and nothing held it up. */
const HANDLING_MICROS = 25;

export class Stalls {
  /** @type {{ from: number, until: number }[]} in order, none within another */
  #stalls = [];
  #micros = 0;

  /** How long all of them took. */
  get micros() {
    return this.#micros;
  }

  /**
   * One turn of the event loop, counted where it was a stall.
   *
   * @param {number} from
   * @param {number} until
   * @param {number} handled operations sent and received meanwhile
   */
  turned(from, until, handled) {
    if (until - from - handled * HANDLING_MICROS <= STALL_MICROS) return;
    this.#stalls.push({ from, until });
    this.#micros += until - from;
  }

  /**
   * Whether the generator was held up while an operation was due or under way.
   *
   * @param {number} dueAt
   * @param {number} arrivedAt
   */
  touch(dueAt, arrivedAt) {
    let first = 0;
    let after = this.#stalls.length;
    while (first < after) {
      const middle = (first + after) >> 1;
      if ((this.#stalls[middle]?.until ?? 0) <= dueAt) first = middle + 1;
      else after = middle;
    }
    const stall = this.#stalls[first];
    return stall !== undefined && stall.from < arrivedAt;
  }
}
