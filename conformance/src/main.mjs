import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadCases } from './cases/load-cases.mjs';
import { compatibilityPage } from './compatibility-page.mjs';
import { HELP, parseOptions } from './options.mjs';
import { count, formatMatrix } from './report.mjs';
import { runCases } from './run/run-cases.mjs';

/** The command: cases in, matrix out. Progress goes to standard error. */

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const CASES = fileURLToPath(new URL('../cases', import.meta.url));

/** @param {readonly string[]} args */
async function main(args) {
  const options = parseOptions(args);
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (options.write && (options.topics.length > 0 || options.only.length > 0)) {
    throw new Error('--write needs a run of all the cases');
  }
  const topics = choose(await loadCases(options.cases ?? CASES), options);
  const startedAt = Date.now();
  let done = 0;
  const results = await runCases(topics, options, REPOSITORY, () => {
    done += 1;
    if (process.stderr.isTTY) process.stderr.write(`\r${done} cases`);
  });
  if (process.stderr.isTTY) process.stderr.write('\r');
  const seconds = (Date.now() - startedAt) / 1000;
  process.stdout.write(`${formatMatrix(topics, results, { verbose: options.verbose, seconds })}\n`);
  const operations = await readFile(join(REPOSITORY, 'docs/operations.md'), 'utf8');
  const page = compatibilityPage(topics, results, operations);
  if (options.json !== null) await writeFile(resolve(options.json), asJson(topics, results, page));
  if (options.write) {
    const path = join(REPOSITORY, 'docs/compatibility.md');
    await writeFile(path, page);
    process.stdout.write(`Written to ${path}\n`);
  }
  const all = topics.flatMap(({ cases }) => cases);
  return count(all, results).differs === 0 ? 0 : 1;
}

/**
 * @param {import('./cases/load-cases.mjs').Topic[]} topics
 * @param {import('./options.mjs').Options} options
 */
function choose(topics, { topics: names, only }) {
  const chosen = topics
    .filter(({ file }) => names.length === 0 || names.includes(file.replace(/\.yaml$/, '')))
    .map((topic) => ({
      ...topic,
      cases: topic.cases.filter(({ id }) => only.length === 0 || only.includes(id)),
    }))
    .filter(({ cases }) => cases.length > 0);
  if (chosen.length === 0) throw new Error('no case is chosen');
  return chosen;
}

/**
 * @param {import('./cases/load-cases.mjs').Topic[]} topics
 * @param {Map<import('./cases/load-cases.mjs').Case, import('./run/run-case.mjs').Result>} results
 * @param {string} page
 */
function asJson(topics, results, page) {
  const cases = topics.flatMap(({ topic, cases }) =>
    cases.map((item) => ({ topic, id: item.id, title: item.title, ...results.get(item) })),
  );
  return `${JSON.stringify({ cases, page }, null, 2)}\n`;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`conformance: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
