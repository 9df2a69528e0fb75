import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root: every script works from here, wherever it was called. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const stampFile = join(root, 'node_modules', '.postern-install');

/** Installs what is missing, then builds what is older than its source. Throws when either fails. */
export function prepare() {
  install();
  build();
}

/** Runs `npm ci` when node_modules is missing or no longer what package-lock.json says. */
export function install() {
  if (isInstalled()) return;
  console.log('Installing the npm packages (a minute, once) …');
  // Warnings are about tools of the tests, and nothing that whoever starts this can act on.
  npm('ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error');
  writeFileSync(stampFile, lockDigest());
}

/** Runs `npm run build` when a source file is newer than what was built from it. */
export function build() {
  const stale = packageFolders().filter(isStale);
  if (stale.length === 0) return;
  console.log('Building …');
  npm('run', '--silent', 'build');
  // The compiler leaves its record alone when the output did not change; the record's time is ours.
  const now = new Date();
  for (const folder of stale) utimesSync(buildRecord(folder), now, now);
}

/** Runs a Node.js script of an installed package; its output goes to this terminal. */
export function run(what, script, ...args) {
  finish(what, spawnSync(process.execPath, [join(root, script), ...args], terminal));
}

const terminal = { cwd: root, stdio: 'inherit' };

function npm(...args) {
  // Under `npm start` npm names itself, which also works where `npm` is not a program of its own.
  const self = process.env.npm_execpath;
  const [file, before] = self?.endsWith('.js') ? [process.execPath, [self]] : ['npm', []];
  const shell = process.platform === 'win32' && file === 'npm';
  finish(`npm ${args.join(' ')}`, spawnSync(file, [...before, ...args], { ...terminal, shell }));
}

function finish(what, result) {
  if (result.error) throw new Error(`${what} could not start: ${result.error.message}`);
  if (result.signal) throw new Error(`${what} was ended by ${result.signal}`);
  if (result.status !== 0) throw new Error(`${what} ended with exit code ${result.status}`);
}

function isInstalled() {
  if (!existsSync(join(root, 'node_modules'))) return false;
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === lockDigest()) return true;
  if (!matchesLock()) return false;
  writeFileSync(stampFile, lockDigest());
  return true;
}

function lockDigest() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

/** After a plain `npm install`, npm's own record of node_modules says whether it fits the lockfile. */
function matchesLock() {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === '' ||
      entry.optional ||
      (installed[path] &&
        installed[path].version === entry.version &&
        installed[path].integrity === entry.integrity),
  );
}

function packageFolders() {
  const packages = join(root, 'packages');
  return readdirSync(packages)
    .map((name) => join(packages, name))
    .filter((folder) => existsSync(join(folder, 'tsconfig.json')));
}

/** What a build writes last: by the compiler, or by vite for the console. */
function buildRecord(folder) {
  const isPage = existsSync(join(folder, 'index.html'));
  return join(folder, 'dist', isPage ? 'index.html' : '.tsbuildinfo');
}

function isStale(folder) {
  const record = buildRecord(folder);
  if (!existsSync(record)) return true;
  const builtAt = statSync(record).mtimeMs;
  const inputs = [
    join(folder, 'tsconfig.json'),
    join(root, 'tsconfig.base.json'),
    ...['index.html', 'vite.config.ts', 'public'].map((name) => join(folder, name)),
    ...everythingIn(join(folder, 'src')),
  ];
  return inputs.some((path) => existsSync(path) && statSync(path).mtimeMs > builtAt);
}

/** Files and folders: a folder's time changes when a file in it is added or removed. */
function everythingIn(folder) {
  const entries = readdirSync(folder, { recursive: true }).map((name) => join(folder, name));
  return [folder, ...entries];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    prepare();
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
