/** The matrix of a run, for a terminal. */

/**
 * @typedef {import('./cases/load-cases.mjs').Topic} Topic
 * @typedef {import('./cases/load-cases.mjs').Case} Case
 * @typedef {import('./run/run-case.mjs').Result} Result
 * @typedef {Record<Result['outcome'], number>} Counts
 */

const MARKS = { 'as documented': '✓', differs: '✗', 'not run': '–' };

/**
 * @param {readonly Topic[]} topics
 * @param {Map<Case, Result>} results
 * @param {{ verbose: boolean, seconds: number }} how
 */
export function formatMatrix(topics, results, { verbose, seconds }) {
  const width = Math.max(...topics.map(({ topic }) => topic.length), 'all'.length);
  const row = (/** @type {string} */ name, /** @type {Counts} */ counts) =>
    [
      name.padEnd(width),
      ...Object.keys(MARKS).map((key) =>
        String(counts[/** @type {Result['outcome']} */ (key)]).padStart(13),
      ),
    ].join('');
  const lines = [
    `${''.padEnd(width)}${Object.keys(MARKS)
      .map((key) => key.padStart(13))
      .join('')}`,
  ];
  for (const { topic, cases } of topics) {
    lines.push(row(topic, count(cases, results)));
    for (const item of cases) {
      const result = results.get(item);
      if (!result || (!verbose && result.outcome !== 'differs')) continue;
      lines.push(`  ${MARKS[result.outcome]} ${item.id}: ${item.title} (${result.millis} ms)`);
      if (result.why !== undefined) lines.push(`      ${result.why}`);
    }
  }
  const all = topics.flatMap(({ cases }) => cases);
  lines.push(row('all', count(all, results)), `${all.length} cases in ${seconds.toFixed(1)} s`);
  return lines.join('\n');
}

/**
 * @param {readonly Case[]} cases
 * @param {Map<Case, Result>} results
 * @returns {Counts}
 */
export function count(cases, results) {
  const counts = { 'as documented': 0, differs: 0, 'not run': 0 };
  for (const item of cases) counts[results.get(item)?.outcome ?? 'not run'] += 1;
  return counts;
}
