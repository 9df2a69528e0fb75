import { WORKS } from './shapes.mjs';

/** A run in parts: what one did not measure, an earlier one did. */

/** @typedef {import('./main.mjs').ScalingResults} ScalingResults */

/**
 * The later results, with the rows of earlier ones that they do not have.
 *
 * @param {ScalingResults} earlier
 * @param {ScalingResults} later
 * @returns {ScalingResults}
 */
export function addResults(earlier, later) {
  const all = [...later.rows, ...earlier.rows].filter(({ checkout }) => checkout === undefined);
  const rows = WORKS.flatMap(({ name, shapes }) =>
    shapes.flatMap((label) => {
      const row = all.find(({ work, shape }) => work === name && shape === label);
      return row === undefined ? [] : [row];
    }),
  );
  return { ...later, rows, bytesPerSocket: later.bytesPerSocket ?? earlier.bytesPerSocket };
}

/**
 * Whether there is everything that the page tells of.
 *
 * @param {ScalingResults} results
 */
export function isWhole({ rows, bytesPerSocket }) {
  const wanted = WORKS.reduce((sum, { shapes }) => sum + shapes.length, 0);
  return rows.length === wanted && bytesPerSocket !== null;
}
