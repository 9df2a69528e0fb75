import { type ConnectionRecord, type ConnectionStore, connectedAt } from './connection-store.ts';

/**
 * Runs one SQL statement and gives its rows, each an object by column name.
 * With `pg`: `(sql, params) => pool.query(sql, [...params]).then((result) => result.rows)`.
 */
export type SqlQuery = (
  sql: string,
  params: readonly (string | number)[],
) => Promise<readonly object[]>;

const sqlDialects = ['postgres', 'sqlite'] as const;

export interface SqlStoreOptions {
  /** Table name, with its schema if need be. Default `ws_connections`. */
  readonly table?: string | undefined;
  /** Placeholders: `$1` for postgres, `?` for sqlite. Default `postgres`. */
  readonly dialect?: (typeof sqlDialects)[number] | undefined;
}

/**
 * Records in a table of your database, which {@link sqlTable} describes. Every call is one
 * statement; errors of `query` pass through unchanged.
 */
export function sqlStore(query: SqlQuery, options: SqlStoreOptions = {}): ConnectionStore {
  const { table, placeholder } = resolve(options);
  const [first, second, third] = [placeholder(1), placeholder(2), placeholder(3)];
  const select = `SELECT user_id, connection_id, connected_at FROM ${table}`;
  const upsert =
    `INSERT INTO ${table} (connection_id, user_id, connected_at)` +
    ` VALUES (${first}, ${second}, ${third}) ON CONFLICT (connection_id) DO UPDATE` +
    ' SET user_id = excluded.user_id, connected_at = excluded.connected_at';

  return {
    async save(record) {
      await query(upsert, [record.connection_id, record.user_id, record.connected_at]);
    },
    async find(connectionId) {
      const rows = await query(`${select} WHERE connection_id = ${first}`, [connectionId]);
      return rows[0] && toRecord(rows[0]);
    },
    async findByUser(userId) {
      const order = 'ORDER BY connected_at, connection_id';
      const rows = await query(`${select} WHERE user_id = ${first} ${order}`, [userId]);
      return rows.map(toRecord);
    },
    async list({ after = '', limit }) {
      const rows = await query(
        `${select} WHERE connection_id > ${first} ORDER BY connection_id LIMIT ${second}`,
        [after, limit],
      );
      return rows.map(toRecord);
    },
    async remove(connectionId) {
      await query(`DELETE FROM ${table} WHERE connection_id = ${first}`, [connectionId]);
    },
  };
}

/**
 * The statements that create the table and its index unless they are there. In PostgreSQL the
 * connection id is compared byte by byte, so that paging does not depend on the locale.
 */
export function sqlTable(options: SqlStoreOptions = {}): readonly [string, string] {
  const { table, dialect } = resolve(options);
  const id = dialect === 'postgres' ? 'text COLLATE "C"' : 'text';
  const index = `${table.replace(/^.*\./, '')}_user_id`;
  return [
    `CREATE TABLE IF NOT EXISTS ${table} (connection_id ${id} PRIMARY KEY,` +
      ' user_id text NOT NULL, connected_at text NOT NULL)',
    `CREATE INDEX IF NOT EXISTS ${index} ON ${table} (user_id)`,
  ];
}

function resolve({ table = 'ws_connections', dialect = 'postgres' }: SqlStoreOptions) {
  if (!/^([A-Za-z_][A-Za-z0-9_]*\.)?[A-Za-z_][A-Za-z0-9_]*$/.test(table)) {
    throw new TypeError(`table "${table}" is not a plain SQL name such as ws_connections`);
  }
  if (!sqlDialects.includes(dialect)) {
    throw new TypeError(`dialect "${dialect}" is not one of ${sqlDialects.join(', ')}`);
  }
  const placeholder = dialect === 'postgres' ? (n: number) => `$${n}` : () => '?';
  return { table, dialect, placeholder };
}

function toRecord(row: object): ConnectionRecord {
  const { user_id, connection_id, connected_at } = row as Record<string, unknown>;
  return {
    user_id: String(user_id),
    connection_id: String(connection_id),
    // A table of your own may hold a timestamp, which drivers give as a Date.
    connected_at:
      connected_at instanceof Date ? connectedAt(connected_at.getTime()) : String(connected_at),
  };
}
