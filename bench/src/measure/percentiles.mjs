/**
 * @typedef {object} LatencySummary
 * @property {number} p50 microseconds, as are the others
 * @property {number} p90
 * @property {number} p99
 * @property {number} max
 */

/**
 * @typedef {object} Spread
 * @property {number} median
 * @property {number} min
 * @property {number} max
 */

/**
 * The smallest value with at least this share of all values at or below it (nearest rank).
 *
 * @param {ArrayLike<number>} sorted ascending, not empty
 * @param {number} share between 0 and 1
 * @returns {number}
 */
export function percentile(sorted, share) {
  if (sorted.length === 0) throw new RangeError('percentile of nothing');
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1];
}

/**
 * @param {Float64Array} latenciesMicros sorted in place
 * @returns {LatencySummary}
 */
export function summarizeLatencies(latenciesMicros) {
  const sorted = latenciesMicros.sort();
  return {
    p50: percentile(sorted, 0.5),
    p90: percentile(sorted, 0.9),
    p99: percentile(sorted, 0.99),
    max: percentile(sorted, 1),
  };
}

/**
 * The median of a few rounds with their spread; an even number of rounds takes the mean of the
 * two in the middle.
 *
 * @param {readonly number[]} values not empty
 * @returns {Spread}
 */
export function spreadOf(values) {
  if (values.length === 0) throw new RangeError('spread of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const odd = sorted.length % 2 === 1;
  return {
    median: odd ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2,
    min: sorted[0],
    max: sorted[sorted.length - 1],
  };
}
