import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { floor } from './floor.mjs';
import { nchan } from './nchan.mjs';
import { pushpin } from './pushpin.mjs';
import { serverlessOffline } from './serverless-offline.mjs';

/** Servers that do a part of what the gateway does, to be measured beside it. */

/** @type {readonly { name: string, peer: import('./subject.mjs').Subject }[]} */
export const PEERS = Object.freeze([
  { name: 'floor', peer: floor },
  { name: 'nchan', peer: nchan },
  { name: 'pushpin', peer: pushpin },
  { name: 'serverless-offline', peer: serverlessOffline },
]);

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * Those that can run here. npm packages are installed, each peer's into a folder of its own; on Debian as
 * root programs are too. What cannot be had is named, and the run goes on without.
 *
 * @param {readonly string[]} names of the only ones; empty for all
 * @param {(line: string) => void} progress
 */
export function availablePeers(names, progress) {
  const peers = PEERS.flatMap(({ name, peer }) =>
    names.length === 0 || names.includes(name) ? [peer] : [],
  );
  installPrograms(peers.flatMap(missingPrograms), progress);
  return peers.filter((peer) => {
    const missing = missingPrograms(peer);
    if (missing.length > 0) {
      progress(`without ${peer.label}: it needs ${missing.join(', ')} (Debian's packages)`);
      return false;
    }
    return peer.packages === undefined || installPackages(peer.label, peer.packages, progress);
  });
}

/** Their services must not start: each run has a server of its own. */
const UNATTENDED = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };

/**
 * @param {readonly string[]} names of Debian packages
 * @param {(line: string) => void} progress
 */
function installPrograms(names, progress) {
  if (names.length === 0 || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return;
  progress(`installing ${names.join(' ')}`);
  const args = ['install', '-y', '--no-install-recommends', ...names];
  const env = { ...process.env, ...UNATTENDED };
  spawnSync('apt-get', args, { stdio: 'ignore', env });
}

/**
 * Exactly what the folder's lock says, without running any package's own scripts.
 *
 * @param {string} label
 * @param {string} folder
 * @param {(line: string) => void} progress
 * @returns {boolean} whether they are there now
 */
function installPackages(label, folder, progress) {
  if (existsSync(join(folder, 'node_modules/.package-lock.json'))) return true;
  progress(`installing ${label} into ${relative(REPOSITORY, folder)}`);
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { status, stderr } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) progress(`without ${label}: npm ci failed: ${stderr?.trim().split('\n')[0]}`);
  return status === 0;
}

/** @param {import('./subject.mjs').Subject} peer */
function missingPrograms({ programs }) {
  return Object.entries(programs).flatMap(([file, packages]) =>
    existsSync(file) ? [] : packages.split(' '),
  );
}
