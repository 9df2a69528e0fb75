import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { SqlDatabase } from './sqlite.ts';

const DEBIAN = '/usr/lib/postgresql';

/** Folder of PostgreSQL's server programs, if they are installed. */
const programs = (existsSync(DEBIAN) ? readdirSync(DEBIAN) : [])
  .map((version) => join(DEBIAN, version, 'bin'))
  .find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'psql')));

/** The server refuses to run as root: there it runs as its own user. */
const isRoot = process.getuid?.() === 0;
const user = isRoot ? idsOf('postgres') : undefined;

export const hasPostgres = programs !== undefined && (!isRoot || user !== undefined);

/** A PostgreSQL server of its own on a Unix socket in a new folder, both gone at `close`. */
export async function startPostgres(): Promise<SqlDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-postgres-'));
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (user) {
    for (const path of [folder, data]) chownSync(path, user.uid, user.gid);
  }
  const as = { ...user, cwd: folder, stdio: 'ignore' as const };
  const settings = ['-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--no-sync'];
  execFileSync(join(programs!, 'initdb'), ['-D', data, '--locale=C.UTF-8', ...settings], as);
  const options = ['-D', data, '-k', folder, '-h', '', '-c', 'fsync=off'];
  const server = spawn(join(programs!, 'postgres'), options, as);
  const exited = new Promise<void>((resolve) => {
    server.once('exit', () => resolve());
  });

  const psql = ['-X', '-q', '-A', '-h', folder, '-U', 'postgres', '-P', 'footer=off'];
  const format = ['-F', '\x1f', '-R', '\x1e', '-v', 'ON_ERROR_STOP=1'];
  const run = (args: readonly string[], sql: string) =>
    new Promise<string>((resolve, reject) => {
      const child = execFile(
        join(programs!, 'psql'),
        [...psql, ...format, ...args],
        (error, stdout) => (error ? reject(error) : resolve(stdout)),
      );
      child.stdin?.end(sql);
    });
  while ((await run([], 'SELECT 1').catch(() => '')) === '') {
    if (server.exitCode !== null) throw new Error('PostgreSQL did not start');
    await pause(50);
  }
  return {
    async query(sql, params) {
      // psql quotes the values itself: `:'p1'` stands for the value of its variable p1.
      const values = params.flatMap((value, i) => ['-v', `p${i + 1}=${value}`]);
      const output = await run(
        values,
        sql.replace(/\$(\d+)/g, (_, n) => `:'p${n}'`),
      );
      return toRows(output);
    },
    async close() {
      // A fast shutdown, which does not wait for clients.
      server.kill('SIGINT');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function toRows(output: string): object[] {
  const [header, ...lines] = output.replace(/\n$/, '').split('\x1e');
  const names = header?.split('\x1f') ?? [];
  return lines.map((line) =>
    Object.fromEntries(line.split('\x1f').map((value, i) => [names[i], value])),
  );
}

function idsOf(name: string): { uid: number; gid: number } | undefined {
  const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, name]));
  if (uid?.status !== 0 || gid?.status !== 0) return undefined;
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}
