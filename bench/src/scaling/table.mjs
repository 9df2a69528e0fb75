import { spreadOf } from '../measure/percentiles.mjs';
import { findWays } from './arithmetic.mjs';

/** What was measured, as text. */

/** @typedef {import('./measure.mjs').Row} Row */

/**
 * @param {Pick<import('./main.mjs').ScalingResults, 'rows'>} results
 * @returns {string}
 */
export function scalingTable({ rows }) {
  const own = rows.filter(({ checkout }) => checkout === undefined);
  const others = rows.filter(({ checkout }) => checkout === 'compare');
  const blocks = [
    own.map(measured),
    others.map(measured),
    own.flatMap((row) => ratio(row, others)),
    handedOver('handed over', own),
    handedOver('handed over (compare)', others),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

/** @param {Row} row */
function measured({ work, shape, checkout, cpuMicros, besideMicros, operationsPerSecond, p50 }) {
  return [
    (checkout === undefined ? work : `${work} (${checkout})`).padEnd(29),
    shape.padEnd(17),
    `${spread(cpuMicros, 1)} µs`.padStart(24),
    (besideMicros === null ? '' : `beside ${spread(besideMicros, 1)} µs`).padStart(24),
    `${spread(operationsPerSecond, 0)}/s`.padStart(24),
    `p50 ${p50.median.toFixed(0)} µs`.padStart(12),
  ].join('  ');
}

/**
 * Round by round, because a round is what both had the same machine in.
 *
 * @param {Row} row
 * @param {readonly Row[]} others
 */
function ratio({ work, shape, rounds }, others) {
  const other = others.find((one) => one.work === work && one.shape === shape);
  if (other === undefined) return [];
  /** @param {'cpuMicros' | 'p50'} figure */
  const of = (figure) => {
    const each = rounds.map((round, at) => round[figure] / (other.rounds[at]?.[figure] ?? 0));
    return spread(spreadOf(each), 3);
  };
  return [`${work}, ${shape}: beside compare, CPU ${of('cpuMicros')}, p50 ${of('p50')}`];
}

/**
 * @param {string} title
 * @param {readonly Row[]} rows
 */
function handedOver(title, rows) {
  return findWays(rows).map(
    ({ shape, local, any, extra, redis }) =>
      `${title}, ${shape}: local ${local.toFixed(1)}, any ${any.toFixed(1)}, handed over ` +
      `${(local + extra).toFixed(1)} µs, ${((local + extra) / local).toFixed(2)} × local` +
      (redis === 0
        ? ''
        : `; with Redis's own ${redis.toFixed(1)} µs, ${((local + extra + redis) / local).toFixed(2)} ×`),
  );
}

/**
 * @param {import('../measure/percentiles.mjs').Spread} figure
 * @param {number} digits
 */
export function spread({ median, min, max }, digits) {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}
