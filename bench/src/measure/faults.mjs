/**
 * Everything that went wrong, counted by kind with the first sample of each. A run is only worth
 * reading when this stays empty.
 */

/** @typedef {{ kind: string, count: number, sample: string }} Fault */

const SAMPLE_CHARS_MAX = 300;

export class Faults {
  /** @type {Map<string, Fault>} */
  #byKind = new Map();

  /**
   * @param {string} kind
   * @param {string} [sample]
   * @param {number} [count]
   */
  add(kind, sample = '', count = 1) {
    const fault = this.#byKind.get(kind);
    if (fault === undefined) {
      const line = sample.slice(0, SAMPLE_CHARS_MAX).replace(/\s+/g, ' ').trim();
      this.#byKind.set(kind, { kind, count, sample: line });
    } else {
      fault.count += count;
    }
  }

  /**
   * What was counted since the last call.
   *
   * @returns {Fault[]}
   */
  take() {
    const faults = [...this.#byKind.values()];
    this.#byKind.clear();
    return faults;
  }
}

/** @param {readonly Fault[]} faults */
export function countFaults(faults) {
  return faults.reduce((sum, fault) => sum + fault.count, 0);
}
