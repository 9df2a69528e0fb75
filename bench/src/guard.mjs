import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A second checkout to compare with: an earlier commit of this repository, installed and built in a
 * temporary folder.
 */

/**
 * @param {string} repository
 * @param {string} commit whatever git understands, such as `HEAD~1` or a tag
 * @param {(line: string) => void} progress
 * @returns {Promise<{ folder: string, remove: () => Promise<void> }>}
 */
export async function checkoutOf(repository, commit, progress) {
  const revision = run(repository, 'git', ['rev-parse', '--verify', `${commit}^{commit}`]).trim();
  const folder = await mkdtemp(join(tmpdir(), 'postern-guard-'));
  const remove = async () => {
    run(repository, 'git', ['worktree', 'remove', '--force', folder]);
    await rm(folder, { recursive: true, force: true });
  };
  progress(`checking out ${revision.slice(0, 10)}`);
  run(repository, 'git', ['worktree', 'add', '--detach', folder, revision]);
  try {
    progress('installing it');
    run(folder, 'npm', ['ci', '--no-audit', '--no-fund']);
    progress('building it');
    run(folder, 'npm', ['run', 'build']);
  } catch (error) {
    await remove();
    throw error;
  }
  return { folder, remove };
}

/**
 * @param {string} cwd
 * @param {string} command
 * @param {readonly string[]} args
 */
function run(cwd, command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr || stdout}`);
  return stdout;
}
