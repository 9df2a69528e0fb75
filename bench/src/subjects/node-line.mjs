import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Another Node.js to run the gateway under: a program that is there, or a line by its number, which npm's
 * packages of Node.js itself bring into a folder that git does not see.
 */

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const PACKAGES = fileURLToPath(new URL('../../peers/node', import.meta.url));

/** Which release of a line is measured: here and nowhere else. */
export const NODE_LINES = Object.freeze({
  20: '20.20.2',
  22: '22.23.3',
  24: '24.21.0',
  26: '26.12.1',
});

/**
 * @param {string} word a line's number, or a path
 * @param {object} [means]
 * @param {string} [means.folder] where lines are kept, each release in a folder of its own
 * @param {(args: readonly string[]) => { status: number | null, stderr: string }} [means.npm]
 * @param {(line: string) => void} [means.progress]
 * @returns {string} the program's path. Throws when there is none, or it cannot be had.
 */
export function nodeProgram(word, { folder = PACKAGES, npm = runNpm, progress = () => {} } = {}) {
  if (!/^\d+$/.test(word)) return existingProgram(resolve(word));
  const version = /** @type {Readonly<Record<string, string>>} */ (NODE_LINES)[word];
  if (version === undefined) {
    const known = Object.keys(NODE_LINES).join(', ');
    throw new Error(`--node: "${word}" is none of the lines ${known}, nor a path`);
  }
  const name = `node-linux-${process.arch}`;
  const place = join(folder, version);
  const program = join(place, 'node_modules', name, 'bin/node');
  if (existsSync(program)) return program;
  progress(`installing Node.js ${version} into ${relative(REPOSITORY, place)}`);
  mkdirSync(place, { recursive: true });
  const quiet = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { status, stderr } = npm(['install', ...quiet, '--prefix', place, `${name}@${version}`]);
  if (status !== 0) throw new Error(`--node ${word}: npm install failed: ${stderr.trim()}`);
  return existingProgram(program);
}

/** @param {string} path */
function existingProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    throw new Error(`--node: ${path} is no program`);
  }
}

/** @param {readonly string[]} args */
function runNpm(args) {
  return spawnSync('npm', args, { encoding: 'utf8' });
}
