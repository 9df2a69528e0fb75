import { expect, test } from 'vitest';
import { ConnectionIds, isConnectionId } from '../../src/connections/connection-id.ts';

/** Found by the aws CLI, which took `--connection-id -yIz…==` for two options. */
test('every id begins with a letter, whatever was drawn', () => {
  const first = Array.from({ length: 256 }, (_, byte) => {
    const id = new ConnectionIds({ bytes: (length) => new Uint8Array(length).fill(byte) }).next();
    expect(isConnectionId(id)).toBe(true);
    return id[0]!;
  });
  expect(first.filter((character) => !/[A-Za-z]/.test(character))).toEqual([]);
});
