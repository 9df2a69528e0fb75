import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * `npm run bench`: builds the gateway when it has not been built, then runs the bench with the
 * same arguments; `npm run bench -- hostile` the one with attacks, `scaling` the one of workers and nodes.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);

const isBuilt = existsSync(`${root}packages/gateway/dist/cli/main.js`);
// What is compared with an earlier commit, or with others, is the working tree and not its last build.
const wantsBuild = !isBuilt || args[0] === 'guard' || args[0] === 'peers' || args[0] === 'scaling';
if (wantsBuild && !args.includes('--help')) {
  run('npm', ['run', 'build']);
}
const [first, ...rest] = args;
if (first === 'scaling') run(process.execPath, ['bench/src/scaling/main.mjs', ...rest]);
else if (first === 'hostile') run(process.execPath, ['bench/src/hostile/main.mjs', ...rest]);
else run(process.execPath, ['bench/src/main.mjs', ...args]);

/**
 * @param {string} command
 * @param {readonly string[]} commandArgs
 */
function run(command, commandArgs) {
  const { status, error } = spawnSync(command, commandArgs, { cwd: root, stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
