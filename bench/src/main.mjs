import { access, constants, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { abortOnSignal, runCommand, tell } from './command.mjs';
import { fanOutSeconds, runFanOuts } from './fan-out.mjs';
import { footprintSeconds, runFootprints } from './footprint.mjs';
import { checkoutOf } from './guard.mjs';
import { filesMissing } from './open-files.mjs';
import { HELP, parseOptions } from './options.mjs';
import { peersPage } from './peers-page.mjs';
import { goAhead } from './processes/priority.mjs';
import { summarizeProfiles } from './profile/files.mjs';
import { startProgress } from './progress.mjs';
import { formatReport } from './report.mjs';
import { addResults, assertSameRun, buildResults, headOf } from './results.mjs';
import { benchSeconds, runBench } from './run.mjs';
import { isFanOut, isFootprint } from './scenarios.mjs';
import { nodeProgram } from './subjects/node-line.mjs';
import { availablePeers } from './subjects/peers.mjs';
import { nodeVersion, posternSubject } from './subjects/postern.mjs';

/**
 * The bench's command: options in, table and results file out. Progress goes to standard error.
 */

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const BENCHMARKS_PAGE = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url));
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
  const circumstances = { startedAt: new Date(), loadAverage: loadavg()[0] ?? 0 };
  const { rounds, seconds, sockets } = options;
  const scenarios = runnable(options);
  const priority = goAhead({ isRealTime: options.isRealTime });
  const settings = { rounds, seconds, sockets, priority };
  const own = ownSubjects(options);
  // Before minutes are spent on what cannot be written or added.
  const file = await resultsFile(
    options.json ?? join(RESULTS, `${fileTime(circumstances.startedAt)}.json`),
  );
  const earlier = options.add === null ? null : await readResults(options.add);
  if (earlier !== null) assertSameRun(earlier, headOf(own, settings, circumstances));
  const subjects =
    options.against === 'peers' ? [...own, ...availablePeers(options.peers, tell)] : own;
  const plan = { subjects, rounds, seconds, sockets, signal: abortOnSignal() };
  const still = scenarios.filter(isFootprint);
  const toMany = scenarios.filter(isFanOut);
  const moving = scenarios.filter((scenario) => !isFootprint(scenario) && !isFanOut(scenario));
  const expected =
    footprintSeconds(still, plan) + fanOutSeconds(toMany, plan) + benchSeconds(moving, plan);
  const progress = startProgress(expected, tell);
  const footprints = await runFootprints({ ...plan, scenarios: still, progress });
  const fanOuts = await runFanOuts({ ...plan, scenarios: toMany, progress });
  const series = await runBench({ ...plan, scenarios: moving, progress });
  if (options.profile !== null) {
    for (const file of await summarizeProfiles(resolve(options.profile))) tell(`profile: ${file}`);
  }
  const measured = buildResults(series, settings, circumstances, [...fanOuts, ...footprints]);
  const results = earlier === null ? measured : addResults(earlier, measured);
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
  if (options.against === 'peers') await writeFile(BENCHMARKS_PAGE, peersPage(results));
  process.stdout.write(`\n${formatReport(results)}\n\nWritten to ${file}\n`);
  return results.errors === 0 ? 0 : 1;
}

/**
 * What was asked for by name must run; of the rest, what this machine has the files for.
 *
 * @param {import('./options.mjs').Options} options
 */
function runnable({ scenarios, areNamed }) {
  return scenarios.filter((scenario) => {
    const missing = filesMissing(scenario);
    if (missing !== null && areNamed) throw new Error(missing);
    if (missing !== null) tell(`without ${missing}`);
    return missing === null;
  });
}

/**
 * Where the results go. Throws where nothing can be written.
 *
 * @param {string} path
 */
async function resultsFile(path) {
  const file = resolve(path);
  await mkdir(dirname(file), { recursive: true });
  await access(dirname(file), constants.W_OK);
  const there = await stat(file).catch(() => null);
  if (there?.isDirectory()) throw new Error(`--json: ${path} is a folder`);
  return file;
}

/**
 * @param {string} file
 * @returns {Promise<import('./results.mjs').Results>}
 */
async function readResults(file) {
  try {
    const results = JSON.parse(await readFile(file, 'utf8'));
    if (results.format === undefined) throw new Error('it is no results file');
    return results;
  } catch (error) {
    throw new Error(`--add ${file}: ${error instanceof Error ? error.message : error}`);
  }
}

/**
 * This checkout, and what it is compared with: another one, or itself under another Node.js.
 *
 * @param {import('./options.mjs').Options} options
 * @returns {import('./subjects/subject.mjs').Subject[]}
 */
function ownSubjects({ against, compare, node, profile: wanted }) {
  const profile = wanted === null ? null : resolve(wanted);
  const own = posternSubject({ label: 'this', folder: REPOSITORY, profile });
  if (compare === null && node === null) return [own];
  const folder = compare === null || against === 'peers' ? REPOSITORY : resolve(compare);
  const program = node === null ? process.execPath : nodeProgram(node, { progress: tell });
  const label = against === 'peers' ? `Postern, Node ${nodeVersion(program)}` : 'compare';
  return [own, posternSubject({ label, folder, node: program, profile })];
}

/** @param {Date} date */
function fileTime(date) {
  return date.toISOString().replace(/\..*/, 'Z').replaceAll(':', '-');
}

await runCommand(main);
