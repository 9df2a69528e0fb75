import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg, platform, release } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { abortOnSignal, runCommand, tell } from '../command.mjs';
import { runFootprints } from '../footprint.mjs';
import { summarizeProfiles } from '../profile/files.mjs';
import { revisionOf } from '../results.mjs';
import { SCENARIOS } from '../scenarios.mjs';
import { posternSubject } from '../subjects/postern.mjs';
import { measureScaling } from './measure.mjs';
import { scalingPage } from './page.mjs';
import { addResults, isWhole } from './parts.mjs';
import { startRedis } from './redis-server.mjs';
import { chooseWorks, SHAPES, WORKS } from './shapes.mjs';
import { scalingTable } from './table.mjs';

/**
 * `npm run bench -- scaling`: what pushes, messages and clients that come cost one process, several
 * workers and several nodes, into docs/scaling.md.
 */

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const PAGE = join(REPOSITORY, 'docs/scaling.md');
const RESULTS = join(REPOSITORY, 'bench/results');
/** What an idle connection takes is no work, and has a name of its own. */
const IDLE = 'idle';
const WORK_NAMES = [...new Set(WORKS.flatMap(({ scenario, name }) => [scenario, name])), IDLE];
const SHAPE_NAMES = SHAPES.map(({ label }) => label);

const HELP = `Usage: npm run bench -- scaling [options]

Measures one process, two workers, and one to three nodes over a Redis of its own; about five minutes.
Written to docs/scaling.md, unless --only or --shape leaves out what --add does not bring.

  --rounds N      interleaved rounds (default 3)
  --seconds S     length of each measured window (default 2)
  --only NAME     ${WORK_NAMES.join(', ')};
                  may be given again
  --shape NAME    ${SHAPE_NAMES.join(', ')};
                  may be given again
  --add FILE      earlier results, for what this run does not measure: a run in parts
  --compare DIR   a second, built checkout to run in the same rounds, printed as a ratio; writes no page
  --json FILE     where to write the results (default: bench/results/scaling.json)
  --profile DIR   write a CPU profile of each process there, and what it says
  --help          this text
`;

/** @param {readonly string[]} args */
async function main(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '2' },
      only: { type: 'string', multiple: true, default: [] },
      shape: { type: 'string', multiple: true, default: [] },
      add: { type: 'string' },
      compare: { type: 'string' },
      json: { type: 'string', default: join(RESULTS, 'scaling.json') },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const rounds = Number(values.rounds);
  const seconds = Number(values.seconds);
  if (!(rounds >= 1 && rounds <= 50)) throw new Error('--rounds: from 1 to 50');
  if (!(seconds >= 0.2 && seconds <= 60)) throw new Error('--seconds: from 0.2 to 60');
  const names = values.only.filter((name) => name !== IDLE);
  const isIdleAlone = names.length === 0 && values.only.length > 0;
  const works = isIdleAlone ? [] : chooseWorks(names, values.shape);
  const compare = values.compare === undefined ? null : resolve(values.compare);
  const hasIdle = values.only.includes(IDLE) || (works === WORKS && compare === null);
  const profile = values.profile === undefined ? null : resolve(values.profile);
  const measured = await measure({ works, rounds, seconds, hasIdle, compare, profile });
  const results =
    values.add === undefined
      ? measured
      : addResults(JSON.parse(await readFile(values.add, 'utf8')), measured);
  if (profile !== null) await summarizeProfiles(profile);
  const file = resolve(values.json);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
  if (compare === null && isWhole(results)) await writeFile(PAGE, scalingPage(results));
  process.stdout.write(`\n${scalingTable(results)}\n\nWritten to ${file}\n`);
  return 0;
}

/**
 * @typedef {object} ScalingResults
 * @property {string} startedAt
 * @property {string} node
 * @property {string} revision
 * @property {{ platform: string, cpu: string, cores: number, loadAverageBefore: number }} machine
 * @property {{ rounds: number, seconds: number }} settings
 * @property {import('./measure.mjs').Row[]} rows
 * @property {number | null} bytesPerSocket of an idle connection
 */

/**
 * @param {object} plan
 * @param {readonly import('./shapes.mjs').Work[]} plan.works
 * @param {number} plan.rounds
 * @param {number} plan.seconds
 * @param {boolean} plan.hasIdle
 * @param {string | null} plan.compare
 * @param {string | null} plan.profile
 * @returns {Promise<ScalingResults>}
 */
async function measure({ works, rounds, seconds, hasIdle, compare, profile }) {
  const startedAt = new Date().toISOString();
  const loadAverageBefore = loadavg()[0] ?? 0;
  const signal = abortOnSignal();
  const { server, url } = await startRedis();
  try {
    const rows = await measureScaling({
      ...{ works, rounds, seconds, compare, profile, signal },
      folder: REPOSITORY,
      redis: { url, pid: server.pid },
      progress: tell,
    });
    return {
      startedAt,
      node: process.version,
      revision: revisionOf(REPOSITORY),
      machine: {
        platform: `${platform()} ${release()}`,
        cpu: cpus()[0]?.model ?? 'unknown',
        cores: cpus().length,
        loadAverageBefore,
      },
      settings: { rounds, seconds },
      rows,
      bytesPerSocket: hasIdle ? await bytesPerSocket(signal) : null,
    };
  } finally {
    await server.stop();
  }
}

/**
 * @param {AbortSignal} signal
 * @returns {Promise<number | null>}
 */
async function bytesPerSocket(signal) {
  const [series] = await runFootprints({
    scenarios: SCENARIOS.filter(({ name }) => name === 'idle-10000'),
    subjects: [posternSubject({ label: 'this', folder: REPOSITORY, profile: null })],
    rounds: 1,
    progress: tell,
    signal,
  });
  return series?.rounds[0]?.['bytes resident per socket'] ?? null;
}

await runCommand(main);
