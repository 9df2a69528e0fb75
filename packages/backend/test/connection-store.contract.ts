/** What every connection store promises. */
import { expect, test } from 'vitest';
import type { ConnectionRecord, ConnectionStore } from '../src/index.ts';

const record = (connection_id: string, user_id: string, second = 0): ConnectionRecord => ({
  user_id,
  connection_id,
  connected_at: `2026-02-06T10:30:${String(second).padStart(2, '0')}Z`,
});

/** `open` gives an empty store, a new one for every test. */
export function connectionStoreContract(open: () => Promise<ConnectionStore>): void {
  test('a saved record is found, field by field', async () => {
    const store = await open();
    await store.save(record('gbgA_A9XiQAYKEiI6A==', 'user_xyz'));
    expect(await store.find('gbgA_A9XiQAYKEiI6A==')).toEqual({
      user_id: 'user_xyz',
      connection_id: 'gbgA_A9XiQAYKEiI6A==',
      connected_at: '2026-02-06T10:30:00Z',
    });
    expect(await store.find('gbga_a9xiqaykeii6a==')).toBeUndefined();
  });

  test('saving a connection again replaces its record, also under another user', async () => {
    const store = await open();
    await store.save(record('A=', 'ada', 1));
    await store.save(record('A=', 'bob', 2));
    expect(await store.list({ limit: 10 })).toEqual([record('A=', 'bob', 2)]);
    expect(await store.findByUser('ada')).toEqual([]);
    expect(await store.findByUser('bob')).toEqual([record('A=', 'bob', 2)]);
  });

  test('the connections of a user come oldest first', async () => {
    const store = await open();
    await store.save(record('C=', 'ada', 1));
    await store.save(record('A=', 'ada', 3));
    await store.save(record('B=', 'ada', 2));
    await store.save(record('D=', 'bob', 0));
    const ids = (await store.findByUser('ada')).map((it) => it.connection_id);
    expect(ids).toEqual(['C=', 'B=', 'A=']);
  });

  test('a removed record is gone from every view, and removing twice is no error', async () => {
    const store = await open();
    await store.save(record('A=', 'ada'));
    await store.remove('A=');
    await store.remove('A=');
    expect(await store.find('A=')).toBeUndefined();
    expect(await store.findByUser('ada')).toEqual([]);
    expect(await store.list({ limit: 10 })).toEqual([]);
  });

  test('the list goes by code point of the connection id, page by page', async () => {
    const store = await open();
    for (const id of ['b=', 'B=', '_=', '-=', '0=', 'a=']) await store.save(record(id, 'ada'));
    const first = (await store.list({ limit: 4 })).map((it) => it.connection_id);
    expect(first).toEqual(['-=', '0=', 'B=', '_=']);
    const second = (await store.list({ limit: 4, after: '_=' })).map((it) => it.connection_id);
    expect(second).toEqual(['a=', 'b=']);
    expect(await store.list({ limit: 4, after: 'b=' })).toEqual([]);
  });

  test.each(["Robert'); DROP TABLE ws_connections;--", 'a"b\\c', '$1 ? :p1', 'zoë ☃ 😀', '%_'])(
    'the user id %s is only a text',
    async (userId) => {
      const store = await open();
      await store.save(record('A=', userId));
      expect(await store.findByUser(userId)).toEqual([record('A=', userId)]);
    },
  );

  test('saves of one connection at once leave one record', async () => {
    const store = await open();
    await Promise.all(Array.from({ length: 8 }, (_, i) => store.save(record('A=', `user${i}`))));
    expect(await store.list({ limit: 10 })).toHaveLength(1);
  });
}
