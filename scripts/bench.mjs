import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * `npm run bench`: builds the gateway when its build is not whole, then runs the bench with the
 * same arguments; `npm run bench -- hostile` the one with attacks, `scaling` the one of workers and nodes.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);

// A gateway without a bundle of what was compiled last starts from its modules: three times the CPU time.
const [compiled, bundled] = ['.tsbuildinfo', 'bundle/.tsbuildinfo'].map(recordIn);
const isBuilt = compiled !== '' && compiled === bundled;
// What is compared with an earlier commit, or with others, is the working tree and not its last build.
const wantsBuild = !isBuilt || args[0] === 'guard' || args[0] === 'peers' || args[0] === 'scaling';
if (wantsBuild && !args.includes('--help')) {
  run('npm', ['run', 'build']);
}
const [first, ...rest] = args;
if (first === 'scaling') run(process.execPath, ['bench/src/scaling/main.mjs', ...rest]);
else if (first === 'hostile') run(process.execPath, ['bench/src/hostile/main.mjs', ...rest]);
else run(process.execPath, ['bench/src/main.mjs', ...args]);

/** @param {string} path of a build's record */
function recordIn(path) {
  const file = `${root}packages/gateway/dist/${path}`;
  return existsSync(file) ? readFileSync(file, 'latin1') : '';
}

/**
 * @param {string} command
 * @param {readonly string[]} commandArgs
 */
function run(command, commandArgs) {
  const { status, error } = spawnSync(command, commandArgs, { cwd: root, stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
