import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { getPriority, loadavg, setPriority } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { abortOnSignal, runCommand, tell } from './command.mjs';
import { isFanOut, runFanOuts } from './fan-out.mjs';
import { isFootprint, runFootprints } from './footprint.mjs';
import { checkoutOf } from './guard.mjs';
import { HELP, parseOptions } from './options.mjs';
import { peersPage } from './peers-page.mjs';
import { summarizeProfiles } from './profile/summary.mjs';
import { formatReport } from './report.mjs';
import { addResults, buildResults } from './results.mjs';
import { runBench } from './run.mjs';
import { availablePeers } from './subjects/peers.mjs';
import { posternSubject } from './subjects/postern.mjs';

/**
 * The bench's command: options in, table and results file out. Progress goes to standard error.
 */

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const BENCHMARKS_PAGE = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url));
/** Of processes: lower goes first. */
const PRIORITY = -10;
const RESULTS = fileURLToPath(new URL('../results', import.meta.url));

/** @param {readonly string[]} args */
async function main(args) {
  const options = parseOptions(args);
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (process.platform !== 'linux') throw new Error('the bench reads /proc, so it needs Linux');
  if (options.against === 'guard') return guard(options);
  return measure(options);
}

/** @param {import('./options.mjs').Options} options */
async function guard(options) {
  const earlier = await checkoutOf(REPOSITORY, options.commit, tell);
  try {
    return await measure({ ...options, against: 'checkouts', compare: earlier.folder });
  } finally {
    await earlier.remove();
  }
}

/** @param {import('./options.mjs').Options} options */
async function measure(options) {
  const startedAt = new Date();
  const loadAverage = loadavg()[0] ?? 0;
  goAhead();
  const { rounds, seconds, sockets } = options;
  const { scenarios } = options;
  const subjects = subjectsOf(options);
  const signal = abortOnSignal();
  const footprints = await runFootprints({
    scenarios: scenarios.filter(isFootprint),
    subjects,
    rounds,
    progress: tell,
    signal,
  });
  const fanOuts = await runFanOuts({
    scenarios: scenarios.filter(isFanOut),
    subjects,
    rounds,
    progress: tell,
    signal,
  });
  const series = await runBench({
    scenarios: scenarios.filter((scenario) => !isFootprint(scenario) && !isFanOut(scenario)),
    subjects,
    rounds,
    seconds,
    sockets,
    progress: tell,
    signal,
  });
  if (options.profile !== null) {
    for (const file of await summarizeProfiles(resolve(options.profile))) tell(`profile: ${file}`);
  }
  const measured = buildResults(series, { rounds, seconds, sockets }, { startedAt, loadAverage }, [
    ...fanOuts,
    ...footprints,
  ]);
  const results =
    options.add === null ? measured : addResults(await readResults(options.add), measured);
  const file = resolve(options.json ?? join(RESULTS, `${fileTime(startedAt)}.json`));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
  if (options.against === 'peers') await writeFile(BENCHMARKS_PAGE, peersPage(results));
  process.stdout.write(`\n${formatReport(results)}\n\nWritten to ${file}\n`);
  return results.errors === 0 ? 0 : 1;
}

/**
 * @param {string} file
 * @returns {Promise<import('./results.mjs').Results>}
 */
async function readResults(file) {
  return JSON.parse(await readFile(file, 'utf8'));
}

/**
 * @param {import('./options.mjs').Options} options
 * @returns {import('./subjects/subject.mjs').Subject[]}
 */
function subjectsOf(options) {
  const profile = options.profile === null ? null : resolve(options.profile);
  const node = process.execPath;
  const own = posternSubject({ label: 'this', folder: REPOSITORY, node, profile });
  if (options.against === 'peers') return [own, ...availablePeers(tell)];
  if (options.compare === null && options.node === null) return [own];
  const folder = options.compare === null ? REPOSITORY : resolve(options.compare);
  const otherNode = options.node === null ? node : resolve(options.node);
  return [own, posternSubject({ label: 'compare', folder, node: otherNode, profile })];
}

/**
 * Whoever may puts the run before its neighbours: generator, backend and all that is measured alike,
 * because they inherit it.
 */
function goAhead() {
  try {
    // Somebody who has chosen another one knows why.
    if (getPriority() === 0) setPriority(PRIORITY);
  } catch {
    // Only root may; the run is as good as the machine is quiet.
  }
}

/** @param {Date} date */
function fileTime(date) {
  return date.toISOString().replace(/\..*/, 'Z').replaceAll(':', '-');
}

await runCommand(main);
