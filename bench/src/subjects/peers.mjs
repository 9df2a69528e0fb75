import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { floor } from './floor.mjs';
import { nchan } from './nchan.mjs';
import { pushpin } from './pushpin.mjs';

/** Servers that do a part of what the gateway does, to be measured beside it. */

/** @type {readonly import('./subject.mjs').Subject[]} */
const peers = [floor, nchan, pushpin];

/**
 * Those that can run here. On Debian as root what is missing is installed; elsewhere it is named, and the
 * run goes on without.
 *
 * @param {(line: string) => void} progress
 */
export function availablePeers(progress) {
  const packages = peers.flatMap(missingPackages);
  if (packages.length > 0 && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    progress(`installing ${packages.join(' ')}`);
    const args = ['install', '-y', '--no-install-recommends', ...packages];
    spawnSync('apt-get', args, { stdio: 'ignore', env: { ...process.env, ...UNATTENDED } });
  }
  return peers.filter((peer) => {
    const missing = missingPackages(peer);
    if (missing.length > 0) progress(`without ${peer.label}: it needs ${missing.join(', ')}`);
    return missing.length === 0;
  });
}

/** Their services must not start: each run has a server of its own. */
const UNATTENDED = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };

/** @param {import('./subject.mjs').Subject} peer */
function missingPackages({ programs }) {
  return Object.entries(programs).flatMap(([file, packages]) =>
    existsSync(file) ? [] : packages.split(' '),
  );
}
