import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryStore, sqlStore, sqlTable } from '../src/index.ts';
import { connectionStoreContract } from './connection-store.contract.ts';
import { hasPostgres, startPostgres } from './support/postgres.ts';
import { hasSqlite, type SqlDatabase, startSqlite } from './support/sqlite.ts';
import { startBackend } from './support/start-backend.ts';

describe('memoryStore', () => connectionStoreContract(async () => memoryStore()));

const engines = [
  { dialect: 'sqlite', isHere: hasSqlite, start: async () => startSqlite() },
  { dialect: 'postgres', isHere: hasPostgres, start: startPostgres },
] as const;

describe.each(engines)('sqlStore on $dialect', ({ dialect, isHere, start }) => {
  describe.skipIf(!isHere)('a real engine', () => {
    let database: SqlDatabase;
    let tables = 0;

    beforeAll(async () => {
      database = await start();
    });
    afterAll(() => database?.close());

    async function open() {
      const options = { dialect, table: `connections_${++tables}` };
      for (const sql of sqlTable(options)) await database.query(sql, []);
      return sqlStore(database.query, options);
    }

    connectionStoreContract(open);

    test('making the table a second time is no error', async () => {
      for (const sql of [...sqlTable({ dialect }), ...sqlTable({ dialect })]) {
        await database.query(sql, []);
      }
    });

    test('an error of the database reaches the caller', async () => {
      const store = sqlStore(database.query, { dialect, table: 'never_made' });
      await expect(store.find('A=')).rejects.toThrow('never_made');
    });

    test('holds the connections of a backend', async () => {
      const { backend, connect } = await startBackend({
        store: await open(),
        oneConnectionPerUser: true,
      });
      await connect('A=', 'ada');
      await connect('B=', 'ada');
      expect(await backend.pushToUser('ada', 'x')).toBe(true);
      expect(await backend.connections()).toEqual([
        { user_id: 'ada', connection_id: 'B=', connected_at: '2026-02-06T10:30:45Z' },
      ]);
    });
  });
});

test.each(['ws connections', 'a;b', '', 'a.b.c', '1st', 'drop"'])(
  'the table name %j is refused',
  (table) => {
    expect(() => sqlStore(async () => [], { table })).toThrow(TypeError);
  },
);

test('a dialect that is not known is refused', () => {
  const dialect = 'oracle' as 'sqlite';
  expect(() => sqlStore(async () => [], { dialect })).toThrow('postgres, sqlite');
});

test('a timestamp column is read as the form of the guide', async () => {
  const row = { user_id: 7, connection_id: 'A=', connected_at: new Date('2026-02-06T10:30:45.9Z') };
  const store = sqlStore(async () => [row], { table: 'app.ws_connections' });
  expect(await store.find('A=')).toEqual({
    user_id: '7',
    connection_id: 'A=',
    connected_at: '2026-02-06T10:30:45Z',
  });
});
