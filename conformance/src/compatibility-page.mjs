import { operationsTable } from './operations-table.mjs';
import { count } from './report.mjs';

/** docs/compatibility.md: what a run has shown, without anything that differs from run to run. */

/**
 * @typedef {import('./cases/load-cases.mjs').Topic} Topic
 * @typedef {import('./cases/load-cases.mjs').Case} Case
 * @typedef {import('./run/run-case.mjs').Result} Result
 */

/**
 * @param {readonly Topic[]} topics
 * @param {Map<Case, Result>} results
 * @param {string} operations docs/operations.md
 */
export function compatibilityPage(topics, results, operations) {
  const all = topics.flatMap(({ cases }) => cases);
  const counts = count(all, results);
  return `# Compatibility

<!-- Made by a run of the cases in conformance/cases. A test holds this page to one; to renew it:
npm run conformance -- --write -->

What Amazon documents of WebSocket APIs, and what users of them have recorded, as ${all.length} cases: each
sets an API up through the control plane, connects, sends, pushes and closes, and holds every byte that
comes out against the rule. Of these, this version of Postern behaves **as documented in
${counts['as documented']}**, differs in ${counts.differs}, and ${counts['not run']} cannot be run against a live endpoint.

\`npm run conformance -- --endpoint URL\` runs them against any endpoint; \`conformance/README.md\` tells
how, and how to add one. [Operations and fields](#operations-and-fields) are at the end.

How sure a rule is:

- **recorded**: taken from recordings of AWS, by this project's sources or in public repositories
- **documented**: AWS's guides and API models say so
- **inferred**: AWS is silent; REST APIs, an RFC or users' reports say so
- **ours**: nobody knows, or AWS has no such thing; Postern's own choice

| topic | cases | as documented | differs | not run |
|---|--:|--:|--:|--:|
${topics.map((topic) => summaryRow(topic, results)).join('\n')}

${topics.map((topic) => section(topic, results)).join('\n\n')}

${operationsTable(operations)}`;
}

/**
 * @param {Topic} topic
 * @param {Map<Case, Result>} results
 */
function summaryRow({ topic, cases }, results) {
  const { 'as documented': same, differs, 'not run': notRun } = count(cases, results);
  return `| [${topic}](#${anchor(topic)}) | ${cases.length} | ${same} | ${differs} | ${notRun} |`;
}

/**
 * @param {Topic} topic
 * @param {Map<Case, Result>} results
 */
function section({ topic, about, cases }, results) {
  const rows = cases.map((item) => {
    const { outcome, why } = results.get(item) ?? { outcome: 'not run', why: 'not chosen' };
    // The difference itself holds ids of one run.
    const result = outcome === 'not run' ? `not run: ${why}` : outcome;
    return `| ${cell(item.title)} | ${cell(item.rule)} | ${item.strength} | ${cell(result)} |`;
  });
  return `## ${topic}

${about.trim()}

| behaviour | rule | strength | result |
|---|---|---|---|
${rows.join('\n')}`;
}

/** @param {string} text */
function cell(text) {
  return text.trim().replace(/\s+/g, ' ').replace(/[|*]/g, '\\$&').replaceAll('<', '&lt;');
}

/** As GitHub makes it. */
function anchor(/** @type {string} */ heading) {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}
