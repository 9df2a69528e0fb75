import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { SqlQuery } from '../../src/index.ts';

/** Python's own sqlite3, as a process that runs one statement per line. */
const PROGRAM = `
import json, sqlite3, sys
database = sqlite3.connect(":memory:")
database.row_factory = sqlite3.Row
for line in sys.stdin:
    sql, params = json.loads(line)
    try:
        with database:
            rows = [dict(row) for row in database.execute(sql, params)]
        print(json.dumps({"rows": rows}), flush=True)
    except sqlite3.Error as error:
        print(json.dumps({"error": str(error)}), flush=True)
`;

const python = ['/usr/bin/python3', 'python3'].find(
  (command) => spawnSync(command, ['-c', 'import sqlite3']).status === 0,
);

export const hasSqlite = python !== undefined;

export interface SqlDatabase {
  readonly query: SqlQuery;
  close(): Promise<void>;
}

/** An empty SQLite database in memory. */
export function startSqlite(): SqlDatabase {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(python!, ['-c', PROGRAM], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
  });
  const waiting: ((line: string) => void)[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(line));
  return {
    async query(sql, params) {
      const line = await new Promise<string>((resolve) => {
        waiting.push(resolve);
        child.stdin.write(`${JSON.stringify([sql, params])}\n`);
      });
      const answer = JSON.parse(line) as { rows: object[]; error?: string };
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.rows;
    },
    close: () =>
      new Promise((resolve) => {
        child.on('close', () => resolve());
        child.stdin.end();
      }),
  };
}
